/** Consumers of projected Secrets, with the whole operator at Azure. */
import { after, before, describe } from 'node:test'
import { access } from './azure-access.ts'
import { clients } from './azure-clients.ts'
import { AzurePlace } from './azure-place.ts'
import { rotation } from './azure-rotation.ts'

// An existing cluster's issuer may not be open to everyone.
describe('consumers of projected Secrets at Azure', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let place: AzurePlace
  before(async () => {
    place = await AzurePlace.start()
  })
  after(() => place?.stop())

  clients(() => place)
  access(() => place)
  rotation(() => place)
})
