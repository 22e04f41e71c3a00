/** Policies of the cluster that refuse or change the Secrets of stores, on the real API server. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { findCondition, READY } from '../../../src/api/conditions.ts'
import { REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES, SECRETS } from '../../../src/kube/resource.ts'
import { deny, mutate, whyNoMutation } from '../../support/admission.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
let operator: OperatorProcess
before(async () => {
  world = await World.start()
  operator = await world.startOperator()
})
after(() => world.stop())

async function tenantWith(name: string): Promise<Tenant> {
  const tenant = await world.tenant(name)
  await tenant.connector('minio')
  await tenant.connectorReady('minio')
  return tenant
}
let asked = 0
/** Asks for a look, and waits until the store was looked at. */
async function look(tenant: Tenant): Promise<void> {
  const request = `${++asked}`
  await world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name: 'store' }, [
    { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: request } },
  ])
  await until('a look', async () => (await tenant.getStore('store')).status?.lastHandledRequest === request)
}
/** Credentials that were issued so far: one session of STS each. */
const sessions = () => operator.metric('artifactstore_provider_requests_total', { operation: 'AssumeRole' })
const versionOf = async (tenant: Tenant) => (await tenant.getSecret('store-step'))?.metadata.resourceVersion

describe('a policy that denies the Secret', () => {
  for (const reason of ['Invalid', 'Forbidden'] as const) {
    test(`with ${reason}: status has its words, no session is wasted, and the store comes back`, async () => {
      const tenant = await tenantWith(`denied-${reason.toLowerCase()}`)
      const policy = await deny(tenant, 'Secrets of this team come from the vault', reason)
      await tenant.store('store')
      const store = await tenant.storeCondition('store', 'Stalled', 'True', 'SecretRefused')
      assert.match(messageOf(store), /Secrets of this team come from the vault/)
      const before = await sessions()
      for (let round = 0; round < 3; round++) await look(tenant)
      assert.equal(messageOf(await tenant.getStore('store')), messageOf(store))
      assert.equal(await sessions(), before)

      await policy.remove()
      await look(tenant)
      await tenant.storeReady('store')
    })
  }
})

describe('a Secret in use', () => {
  test('stays when a policy that speaks of immutable Secrets denies its change', async () => {
    const tenant = await tenantWith('in-use')
    await tenant.store('store')
    await tenant.storeReady('store')
    const policy = await deny(tenant, 'Secrets of production are immutable', 'Invalid')
    const used = await tenant.getSecret('store-step')
    await world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name: 'store' }, [
      { op: 'add', path: '/spec/credentials/0/duration', value: '45m' },
    ])
    await tenant.storeCondition('store', 'Stalled', 'True', 'SecretRefused')
    assert.deepEqual((await tenant.getSecret('store-step'))?.data, used?.data)
    assert.equal(await versionOf(tenant), used?.metadata.resourceVersion)
    await policy.remove()
    await look(tenant)
    await tenant.storeReady('store')
    assert.notEqual(await versionOf(tenant), used?.metadata.resourceVersion)
  })

  test('stays when it is immutable and its successor is denied, and is made anew when it is accepted', async () => {
    const tenant = await tenantWith('fixed')
    await tenant.store('store')
    await tenant.storeReady('store')
    await world.client.jsonPatch(SECRETS, { namespace: tenant.name, name: 'store-step' }, [
      { op: 'add', path: '/immutable', value: true },
    ])
    const policy = await deny(tenant, 'no more Secrets', 'Forbidden')
    const used = await tenant.getSecret('store-step')
    await world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name: 'store' }, [
      { op: 'add', path: '/spec/credentials/0/duration', value: '45m' },
    ])
    await tenant.storeCondition('store', 'Stalled', 'True', 'SecretRefused')
    assert.equal((await tenant.getSecret('store-step'))?.metadata.uid, used?.metadata.uid)
    await policy.remove()
    await look(tenant)
    await tenant.storeReady('store')
    assert.notEqual((await tenant.getSecret('store-step'))?.metadata.uid, used?.metadata.uid)
  })
})

describe('a policy that changes the Secret', () => {
  const KEPT = `[JSONPatch{op: "add", path: "/data/theirs", value: "eA=="}]`
  const harmless: [name: string, patches: string][] = [
    ['adds-key', KEPT],
    [
      'no-owner',
      `has(object.metadata.ownerReferences) ? [JSONPatch{op: "remove", path: "/metadata/ownerReferences"}] : []`,
    ],
  ]
  const mutating = (name: string, run: () => Promise<void>) =>
    test(name, async t => {
      const why = await whyNoMutation(world)
      return why ? t.skip(why) : run()
    })

  for (const [name, patches] of harmless) {
    mutating(`${name}: the store is Ready, and its Secret is written once`, async () => {
      const tenant = await tenantWith(name)
      await mutate(tenant, patches)
      await tenant.store('store')
      await tenant.storeReady('store')
      const version = await versionOf(tenant)
      for (let round = 0; round < 3; round++) await look(tenant)
      await tenant.storeReady('store')
      assert.equal(await versionOf(tenant), version)
    })
  }

  mutating(
    'adds-label: the fence of deploy/ says that only its own labels may be set, and status repeats it',
    async () => {
      const tenant = await tenantWith('adds-label')
      await mutate(tenant, '[JSONPatch{op: "add", path: "/metadata/labels/team", value: "x"}]')
      await tenant.store('store')
      const store = await tenant.storeCondition('store', 'Stalled', 'True', 'SecretRefused')
      assert.match(messageOf(store), /may set only its own labels/)
    },
  )

  const harmful: [name: string, what: string, patches: string][] = [
    [
      'changes-key',
      'data key config',
      `has(object.data) && 'config' in object.data ? [JSONPatch{op: "replace", path: "/data/config", value: "eA=="}] : []`,
    ],
    [
      'no-mark',
      'annotation artifactstore.dev/content',
      `has(object.metadata.annotations) && 'artifactstore.dev/content' in object.metadata.annotations ? [JSONPatch{op: "remove", path: "/metadata/annotations/" + jsonpatch.escapeKey("artifactstore.dev/content")}] : []`,
    ],
  ]
  for (const [name, what, patches] of harmful) {
    mutating(`${name}: the store is Stalled and says so, without new sessions`, async () => {
      const tenant = await tenantWith(name)
      const policy = await mutate(tenant, patches)
      await tenant.store('store')
      const store = await tenant.storeCondition('store', 'Stalled', 'True', 'SecretAltered')
      assert.ok(messageOf(store).includes(`(${what}`), messageOf(store))
      const before = await sessions()
      for (let round = 0; round < 3; round++) {
        await look(tenant)
        assert.equal(findCondition((await tenant.getStore('store')).status?.conditions, READY)?.status, 'False')
      }
      assert.equal(await sessions(), before)
      await policy.remove()
      await look(tenant)
      await tenant.storeReady('store')
    })
  }
})
