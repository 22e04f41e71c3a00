/** Consumers of projected Secrets, with the whole operator at MinIO. */
import { after, before, describe } from 'node:test'
import { access } from './access.suite.ts'
import { clients } from './clients.suite.ts'
import { ConsumersPlace } from './consumers-world.ts'
import { hadoop } from './hadoop.suite.ts'
import { rotation } from './long-running.suite.ts'

describe('consumers of projected Secrets', () => {
  let place: ConsumersPlace
  before(async () => {
    place = await ConsumersPlace.start()
  })
  after(() => place?.stop())

  clients(() => place)
  hadoop(() => place)
  rotation(() => place)
  access(() => place)
})
