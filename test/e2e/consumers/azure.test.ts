/** Consumers of projected Secrets, with the whole operator at Azure. */
import { after, before, describe } from 'node:test'
import { SharedAzureWorld } from '../operator/shared-azure-world.ts'
import { access } from './azure-access.suite.ts'
import { clients } from './azure-clients.suite.ts'
import { rotation } from './azure-long-running.suite.ts'
import { person } from './azure-person.suite.ts'

// Skipped on an existing cluster, whose issuer may not be open to everyone.
describe('consumers of projected Secrets at Azure', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let world: SharedAzureWorld
  before(async () => {
    world = await SharedAzureWorld.start()
  })
  after(() => world?.stop())

  clients(() => world)
  access(() => world)
  rotation(() => world)
  person(() => world)
})
