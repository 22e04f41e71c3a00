/** Whatever people write of Azure: within seconds, status says what is wrong, where, and what to do about it. */
import { after, before, describe, test } from 'node:test'
import { type Place, startPlace } from './bad-input-azure.ts'
import { endpointRows } from './bad-input-azure-endpoint.ts'
import { identityRows } from './bad-input-azure-identity.ts'
import { refusedRows } from './bad-input-azure-refused.ts'
import { sasRows } from './bad-input-azure-sas.ts'
import { storeRows } from './bad-input-azure-store.ts'
import { explained, noSecretSeen, refused } from './bad-input-run.ts'

const rows = [...identityRows, ...sasRows, ...endpointRows, ...storeRows]

// An existing cluster's issuer may not be open to everyone.
describe('bad input for Azure', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let place: Place
  before(async () => {
    place = await startPlace()
  })
  after(() => place?.stop())

  describe('is explained', { concurrency: 6 }, () => {
    for (const row of rows) test(row.name, () => explained(row, place, { bucket: 'az://bad', connector: 'azure' }))
  })

  describe('is refused by the API server', { concurrency: true }, () => {
    for (const row of refusedRows) test(row.name, () => refused(row, place))
  })

  test('and no secret was seen in status, events or logs', () => noSecretSeen(place))
})
