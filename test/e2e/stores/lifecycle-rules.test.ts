/** Lifecycle rules of stores that end, on real parts: in any order with their connector, its Secret and the namespace. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3'
import type { ArtifactStore } from '../../../src/api/artifact-store.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import { ARTIFACT_STORES, NAMESPACES, SECRETS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { clusterOf, lifecycleRuleOf, lifecycleRules } from '../../support/lifecycle-rules.ts'
import { until } from '../../support/until.ts'
import { type Tenant, World } from '../../support/world.ts'

let world: World
let cluster: string
before(async () => {
  world = await World.start()
  await world.startOperator()
  cluster = await clusterOf(world)
})
after(() => world.stop())

const rulesOf = (bucket: string) => lifecycleRules(world, bucket)
const ruleOf = (store: ArtifactStore) => lifecycleRuleOf(store, cluster)
const deleteStore = (tenant: Tenant, name: string) => world.client.delete(ARTIFACT_STORES, tenant.name, name)
const storeGone = (tenant: Tenant, name: string) =>
  until(`store ${name} is gone`, () => tenant.getStore(name).then(() => false, isNotFound))

describe('deletion', () => {
  let tenant: Tenant
  before(async () => {
    tenant = await world.tenant('ending')
    await tenant.connector('minio')
  })

  test('of a namespace takes along the lifecycle rule, whatever of it goes first', async () => {
    const names = Array.from({ length: 6 }, (_, n) => `vanishing-${n}`)
    await Promise.all(
      names.map(async name => {
        const doomed = await world.tenant(name)
        await doomed.keyConnector('keyed', 'keys')
        await doomed.user('keys', 'readwrite')
        await doomed.store('ruled', { connectorRef: { name: 'keyed' }, bucket: { expirationDays: 1 } })
        await doomed.storeReady('ruled')
        assert.equal((await rulesOf(name)).length, 1)
      }),
    )
    await Promise.all(
      names.map(async name => {
        await world.client.delete(NAMESPACES, undefined, name)
        const gone = () => world.client.get(NAMESPACES, undefined, name).then(() => false, isNotFound)
        await until(`namespace ${name} is gone`, gone, { ms: 60_000 })
      }),
    )
    const rules = await Promise.all(names.map(async name => rulesOf(name)))
    assert.deepEqual(
      rules,
      names.map(() => []),
    )
  })

  for (const first of ['Secret', 'ServiceConnector'] as const) {
    test(`of a store takes along the lifecycle rule also when its ${first} goes first`, async () => {
      const name = `without-${first.toLowerCase()}`
      await tenant.keyConnector(name, name)
      await tenant.user(name, 'readwrite')
      await tenant.store(name, { path: `s3://ending/${name}`, connectorRef: { name }, bucket: { expirationDays: 1 } })
      const store = await tenant.storeReady(name)
      assert.ok((await rulesOf('ending')).includes(`${ruleOf(store)} ${name}/ 1`))
      if (first === 'Secret') await world.client.delete(SECRETS, tenant.name, name)
      else await tenant.collect(SERVICE_CONNECTORS, name)
      await tenant.storeCondition(name, 'ConnectorReady', 'False')
      await deleteStore(tenant, name)
      await storeGone(tenant, name)
      assert.ok(!(await rulesOf('ending')).join().includes(ruleOf(store)))
    })
  }

  test('of a store leaves a rule to its successor of the same name, which removes it', async () => {
    const left = `artifactstore.dev/ending/again/${cluster.slice(0, 8)}-00000000`
    const others = `artifactstore.dev/ending/again/ffffffff-00000000`
    const rule = (ID: string) =>
      ({ ID, Status: 'Enabled', Filter: { Prefix: 'again/' }, Expiration: { Days: 9 } }) as const
    const put = { Bucket: 'ending', LifecycleConfiguration: { Rules: [rule(left), rule(others)] } }
    await world.minio.admin.s3().send(new PutBucketLifecycleConfigurationCommand(put))
    await tenant.store('again', { path: 's3://ending/again', bucket: { expirationDays: 2 } })
    const store = await tenant.storeReady('again')
    assert.deepEqual(await rulesOf('ending'), [`${ruleOf(store)} again/ 2`, `${others} again/ 9`].sort())
  })
})
