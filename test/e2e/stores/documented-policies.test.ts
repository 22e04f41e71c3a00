/** A store for a consumer is Ready with the policy that this consumer documents, or that lists what it calls. */
import { after, before, describe, test } from 'node:test'
import { type Tenant, World } from '../../support/world.ts'
import { DOCUMENTED, withoutAcls } from '../provider-s3/documented-policies.ts'

describe('a store of a key of MinIO with the policy of a consumer is Ready', () => {
  let world: World
  let tenant: Tenant
  before(async () => {
    world = await World.start()
    await world.startOperator()
    tenant = await world.tenant('consumers')
  })
  after(() => world.stop())

  for (const { consumer, use, statements } of DOCUMENTED) {
    test(`for ${consumer}`, async () => {
      const name = consumer.toLowerCase()
      const policy = { Version: '2012-10-17', Statement: withoutAcls(statements('consumers')) }
      await world.minio.admin.setPolicy(name, JSON.stringify(policy))
      await tenant.user(name, name)
      await tenant.keyConnector(name, name)
      const credentials = [{ name: 'step', access: use.access, formats: [...use.formats] }]
      await tenant.store(name, { connectorRef: { name }, credentials })
      await tenant.storeReady(name)
    })
  }
})
