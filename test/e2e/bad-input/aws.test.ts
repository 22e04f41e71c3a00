/** Bad input for S3: within seconds status says what is wrong, where, and what to do about it. */
import { after, before, describe, test } from 'node:test'
import { type AwsInputWorld, startInputWorld } from './aws-world.ts'
import { bucketRows } from './bucket.suite.ts'
import { chainRows } from './chain.suite.ts'
import { endpointRows } from './endpoint.suite.ts'
import { identityRows } from './identity.suite.ts'
import { refusedRows } from './refused.suite.ts'
import { explained, noSecretSeen, refused, titleOf } from './run.ts'
import { storeRows } from './store.suite.ts'

const rows = [...identityRows, ...endpointRows, ...chainRows, ...storeRows, ...bucketRows]

let world: AwsInputWorld
before(async () => {
  world = await startInputWorld()
})
after(() => world.stop())

describe('bad input for S3 is explained', { concurrency: 6 }, () => {
  for (const row of rows) test(titleOf(row), () => explained(row, world, { bucket: 's3://data', connector: 'aws' }))
})

describe('bad input for S3 is refused by the API server', { concurrency: true }, () => {
  for (const row of refusedRows) test(titleOf(row), () => refused(row, world))
})

test('no secret of bad input for S3 was seen in status, events or logs', () => noSecretSeen(world))
