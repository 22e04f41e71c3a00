/** Bad input for Azure: within seconds status says what is wrong, where, and what to do about it. */
import { after, before, describe, test } from 'node:test'
import { endpointRows } from './azure-endpoint.suite.ts'
import { identityRows } from './azure-identity.suite.ts'
import { refusedRows } from './azure-refused.suite.ts'
import { sasRows } from './azure-sas.suite.ts'
import { storeRows } from './azure-store.suite.ts'
import { type AzureInputWorld, startInputWorld } from './azure-world.ts'
import { explained, noSecretSeen, refused, titleOf } from './run.ts'

const rows = [...identityRows, ...sasRows, ...endpointRows, ...storeRows]

// Skipped on an existing cluster, whose issuer may not be open to everyone.
describe('bad input for Azure', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let world: AzureInputWorld
  before(async () => {
    world = await startInputWorld()
  })
  after(() => world?.stop())

  describe('is explained', { concurrency: 6 }, () => {
    for (const row of rows) test(titleOf(row), () => explained(row, world, { bucket: 'az://bad', connector: 'azure' }))
  })

  describe('is refused by the API server', { concurrency: true }, () => {
    for (const row of refusedRows) test(titleOf(row), () => refused(row, world))
  })

  test('has shown no secret in status, events or logs', () => noSecretSeen(world))
})
