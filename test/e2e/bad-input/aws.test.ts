/** Whatever people write: within seconds, status says what is wrong, where, and what to do about it. */
import { after, before, describe, test } from 'node:test'
import { type AwsInputWorld, startInputWorld } from './aws-world.ts'
import { bucketRows } from './bucket.suite.ts'
import { chainRows } from './chain.suite.ts'
import { endpointRows } from './endpoint.suite.ts'
import { identityRows } from './identity.suite.ts'
import { refusedRows } from './refused.suite.ts'
import { explained, noSecretSeen, refused } from './run.ts'
import { storeRows } from './store.suite.ts'

const rows = [...identityRows, ...endpointRows, ...chainRows, ...storeRows, ...bucketRows]

let world: AwsInputWorld
before(async () => {
  world = await startInputWorld()
})
after(() => world.stop())

describe('bad input is explained', { concurrency: 6 }, () => {
  for (const row of rows) test(row.name, () => explained(row, world, { bucket: 's3://data', connector: 'aws' }))
})

describe('bad input is refused by the API server', { concurrency: true }, () => {
  for (const row of refusedRows) test(row.name, () => refused(row, world))
})

test('no secret was seen in status, events or logs', () => noSecretSeen(world))
