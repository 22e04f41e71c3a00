/** Whatever people write: within seconds, status says what is wrong, where, and what to do about it. */
import { after, before, describe, test } from 'node:test'
import { type Place, startPlace } from './bad-input.ts'
import { bucketRows } from './bad-input-bucket.ts'
import { chainRows } from './bad-input-chain.ts'
import { endpointRows } from './bad-input-endpoint.ts'
import { identityRows } from './bad-input-identity.ts'
import { refusedRows } from './bad-input-refused.ts'
import { explained, noSecretSeen, refused } from './bad-input-run.ts'
import { storeRows } from './bad-input-store.ts'

const rows = [...identityRows, ...endpointRows, ...chainRows, ...storeRows, ...bucketRows]

let place: Place
before(async () => {
  place = await startPlace()
})
after(() => place.stop())

describe('bad input is explained', { concurrency: 6 }, () => {
  for (const row of rows) test(row.name, () => explained(row, place, { bucket: 's3://data', connector: 'aws' }))
})

describe('bad input is refused by the API server', { concurrency: true }, () => {
  for (const row of refusedRows) test(row.name, () => refused(row, place))
})

test('no secret was seen in status, events or logs', () => noSecretSeen(place))
