/** Consumers of projected Secrets, with the whole operator at MinIO. */
import { after, before, describe } from 'node:test'
import { access } from './consumers-access.ts'
import { clients } from './consumers-clients.ts'
import { hadoop } from './consumers-hadoop.ts'
import { ConsumersPlace } from './consumers-place.ts'
import { rotation } from './consumers-rotation.ts'

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
