/** Consumers of projected Secrets, with the whole operator at MinIO. */
import { after, before, describe } from 'node:test'
import { access } from './access.suite.ts'
import { clients } from './clients.suite.ts'
import { hadoop } from './hadoop.suite.ts'
import { rotation } from './long-running.suite.ts'
import { ConsumersWorld } from './world.ts'

describe('consumers of projected Secrets at MinIO', () => {
  let world: ConsumersWorld
  before(async () => {
    world = await ConsumersWorld.start()
  })
  after(() => world?.stop())

  clients(() => world)
  hadoop(() => world)
  rotation(() => world)
  access(() => world)
})
