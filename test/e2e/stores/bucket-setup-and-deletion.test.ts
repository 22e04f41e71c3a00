/** Stores on real parts: what they set up in their bucket and namespace, and what happens at their deletion. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GetBucketVersioningCommand, PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3'
import type { ArtifactStore, ArtifactStoreSpec } from '../../../src/api/artifact-store.ts'
import { CONFIRM_DELETE_ANNOTATION, FINALIZER } from '../../../src/api/names.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import { ARTIFACT_STORES, EVENTS, NAMESPACES, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { EventObject } from '../../../src/runtime/event.ts'
import { clusterOf, lifecycleRuleOf, lifecycleRules } from '../../support/lifecycle-rules.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
let operator: OperatorProcess
let cluster: string
before(async () => {
  world = await World.start()
  operator = await world.startOperator()
  cluster = await clusterOf(world)
})
after(() => world.stop())

const rulesOf = (bucket: string) => lifecycleRules(world, bucket)
const ruleOf = (store: ArtifactStore) => lifecycleRuleOf(store, cluster)

const patchSpec = (tenant: Tenant, name: string, changes: Partial<Record<keyof ArtifactStoreSpec, unknown>>) =>
  world.client.jsonPatch(
    ARTIFACT_STORES,
    { namespace: tenant.name, name },
    Object.entries(changes).map(([member, value]) =>
      value === undefined ? { op: 'remove', path: `/spec/${member}` } : { op: 'add', path: `/spec/${member}`, value },
    ),
  )

const deleteStore = (tenant: Tenant, name: string) => world.client.delete(ARTIFACT_STORES, tenant.name, name)

const storeGone = (tenant: Tenant, name: string) =>
  until(`store ${name} is gone`, () => tenant.getStore(name).then(() => false, isNotFound), {
    last: async () => (await tenant.getStore(name)).status,
  })

const isGuarded = ({ metadata }: ArtifactStore): boolean => metadata.finalizers?.includes(FINALIZER) ?? false

describe('a bucket that the operator sets up', () => {
  const theirs = { ID: 'theirs', Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 30 } } as const
  let tenant: Tenant
  before(async () => {
    tenant = await world.tenant('prepared')
    await tenant.connector('minio')
  })

  test('is created, with versioning and a rule on the prefix', async () => {
    const bucket = { create: true, versioning: 'Enabled', expirationDays: 7 } as const
    await tenant.store('made', { path: 's3://prepared-anew/team', bucket })
    const store = await tenant.storeReady('made')
    assert.deepEqual(await rulesOf('prepared-anew'), [`${ruleOf(store)} team/ 7`])
    const versioning = new GetBucketVersioningCommand({ Bucket: 'prepared-anew' })
    assert.equal((await world.minio.admin.s3().send(versioning)).Status, 'Enabled')
    assert.deepEqual([store.status?.bucket?.expirationDays, store.status?.bucket?.versioning], [7, 'Enabled'])
    assert.equal(isGuarded(store), true)
    const event = await until('the event', async () =>
      (await tenant.events('made')).find(({ reason }) => reason === 'BucketPrepared'),
    )
    assert.match(event.note, /^s3:\/\/prepared-anew\/team\/: created the bucket, enabled versioning, set expiration/)
  })

  test('loses the rule when it is not asked for any more, and no other', async () => {
    const before = await rulesOf('prepared-anew')
    const put = { Bucket: 'prepared', LifecycleConfiguration: { Rules: [theirs] } }
    await world.minio.admin.s3().send(new PutBucketLifecycleConfigurationCommand(put))
    await tenant.store('shared', { path: 's3://prepared/team', bucket: { expirationDays: 3 } })
    const store = await tenant.storeReady('shared')
    assert.deepEqual(await rulesOf('prepared'), [`${ruleOf(store)} team/ 3`, 'theirs logs/ 30'])
    await patchSpec(tenant, 'shared', { bucket: undefined })
    await until('the finalizer is gone', async () => !isGuarded(await tenant.getStore('shared')))
    assert.deepEqual(await rulesOf('prepared'), ['theirs logs/ 30'])
    const { status } = await tenant.storeReady('shared')
    assert.equal(status?.bucket?.expirationDays, undefined)
    assert.deepEqual(await rulesOf('prepared-anew'), before)
  })

  test('loses the rule also when the operator was down as it was dropped', async () => {
    await operator.kill()
    await patchSpec(tenant, 'made', { bucket: { create: true } })
    operator = await world.startOperator()
    await until('the rule is gone', async () => (await rulesOf('prepared-anew')).length === 0)
    await until('the finalizer is gone', async () => !isGuarded(await tenant.getStore('made')))
  })

  test('loses the rule with the store, and nothing else', async () => {
    await patchSpec(tenant, 'made', { bucket: { expirationDays: 5 } })
    await until('the rule is there', async () => (await rulesOf('prepared-anew')).length === 1)
    await world.minio.admin.putObject('prepared-anew', 'team/a', 'hello')
    await deleteStore(tenant, 'made')
    await storeGone(tenant, 'made')
    assert.deepEqual(await rulesOf('prepared-anew'), [])
    assert.deepEqual(await world.minio.admin.listObjects('prepared-anew'), ['team/a'])
  })

  test('keeps its deleted store until the connector is back to remove the rule', async () => {
    await tenant.keyConnector('late', 'keys')
    await tenant.user('keys', 'readwrite')
    await tenant.store('waiting', {
      path: 's3://prepared/late',
      connectorRef: { name: 'late' },
      bucket: { expirationDays: 2 },
    })
    await tenant.storeReady('waiting')
    await tenant.collect(SERVICE_CONNECTORS, 'late')
    // An operator that has not seen the connector has no session of it.
    await operator.kill()
    operator = await world.startOperator()
    await deleteStore(tenant, 'waiting')
    const store = await tenant.storeCondition('waiting', 'Reconciling', 'True', 'RuleNotRemoved')
    assert.match(messageOf(store), /there is no ServiceConnector "prepared\/late"/)
    await tenant.keyConnector('late', 'keys')
    await storeGone(tenant, 'waiting')
    assert.deepEqual(await rulesOf('prepared'), ['theirs logs/ 30'])
  })
})

describe('deletion', () => {
  let tenant: Tenant
  before(async () => {
    tenant = await world.tenant('ending')
    await tenant.connector('minio')
  })

  test('of a protected store waits until it is confirmed', async () => {
    await tenant.store('safe', { deletionProtection: true })
    await tenant.storeReady('safe')
    await tenant.collect(ARTIFACT_STORES, 'safe')
    const store = await tenant.storeCondition('safe', 'Stalled', 'True', 'DeletionProtected')
    assert.match(messageOf(store), /run "kubectl annotate artifactstore safe -n ending/)
    assert.ok(await tenant.getSecret('safe-step'), 'consumers are served')
    await world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name: 'safe' }, [
      { op: 'add', path: '/metadata/annotations', value: { [CONFIRM_DELETE_ANNOTATION]: 'safe' } },
    ])
    await storeGone(tenant, 'safe')
  })

  test('of a store without protection or rule needs no finalizer', async () => {
    await tenant.store('plain')
    assert.equal((await tenant.storeReady('plain')).metadata.finalizers, undefined)
    await deleteStore(tenant, 'plain')
    await storeGone(tenant, 'plain')
  })

  test('of a namespace takes along what is protected, the default and what has no connector', async () => {
    const doomed = await world.tenant('wedged')
    await doomed.connector('minio')
    await doomed.connector('lost')
    await doomed.store('default', { default: true, deletionProtection: true })
    await doomed.store('ruled', { connectorRef: { name: 'lost' }, bucket: { expirationDays: 1 } })
    await doomed.storeReady('default')
    await doomed.storeReady('ruled')
    await doomed.collect(ARTIFACT_STORES, 'default')
    await doomed.storeCondition('default', 'Stalled', 'True', 'DeletionProtected')
    await doomed.collect(SERVICE_CONNECTORS, 'lost')
    await doomed.storeCondition('ruled', 'Ready', 'False', 'ConnectorNotFound')
    await operator.kill()
    operator = await world.startOperator()
    await world.client.delete(NAMESPACES, undefined, doomed.name)
    const gone = () => world.client.get(NAMESPACES, undefined, doomed.name).then(() => false, isNotFound)
    await until('the namespace is gone', gone, { ms: 60_000 })
    const left = operator.logs.filter(({ key, level }) => level === 'warn' && key === 'wedged/ruled')
    assert.match(left.map(({ msg }) => msg).join(), /lifecycle rule .* is left behind: remove it by hand/)
    const event = await until('the event that outlives the namespace', async () => {
      const { items } = await world.client.list<EventObject & KubeObject>(EVENTS, 'default')
      return items.find(({ reason, regarding }) => reason === 'RuleLeftBehind' && regarding.name === doomed.name)
    })
    assert.equal(event.regarding.kind, 'Namespace')
    assert.match(event.note, /artifactstore\.dev\/wedged\/ruled\/.* is left behind/)
  })
})

describe('the default store of a namespace', () => {
  let tenant: Tenant
  before(async () => {
    tenant = await world.tenant('defaults')
    await tenant.connector('minio')
    await tenant.store('first', { default: true })
    await tenant.storeReady('first')
  })

  test('is only one; a second store says which', async () => {
    await tenant.store('second', { default: true })
    const store = await tenant.storeCondition('second', 'Stalled', 'True', 'DefaultConflict')
    assert.match(messageOf(store), /ArtifactStore "first" is the default of namespace "defaults" already/)
    assert.equal(await tenant.getSecret('second-step'), undefined)
    await tenant.storeReady('first')
  })

  test('moves at once, and the store that loses it keeps its Secrets', async () => {
    await patchSpec(tenant, 'first', { default: undefined })
    await tenant.storeReady('second')
    await patchSpec(tenant, 'first', { default: true })
    await tenant.storeCondition('second', 'Stalled', 'True', 'DefaultConflict')
    const store = await tenant.storeCondition('second', 'CredentialsProjected', 'True', 'Projected')
    assert.equal(store.status?.credentials?.length, 1)
  })

  test('is deleted after all others', async () => {
    await tenant.collect(ARTIFACT_STORES, 'first')
    await tenant.storeCondition('first', 'Stalled', 'True', 'DefaultInUse')
    await deleteStore(tenant, 'second')
    await storeGone(tenant, 'second')
    await storeGone(tenant, 'first')
  })
})

test('usage is counted by listing, and goes when it is not asked for any more', async () => {
  const tenant = await world.tenant('counted')
  await tenant.connector('minio')
  const bodies = ['a', 'bc', 'def']
  await Promise.all(bodies.map((body, index) => world.minio.admin.putObject('counted', `team/${index}`, body)))
  await world.minio.admin.putObject('counted', 'other/x', 'not ours')
  await tenant.store('store', { path: 's3://counted/team', usage: { source: 'List' } })
  const store = await tenant.storeCondition('store', 'UsageMeasured', 'True', 'Measured')
  const { measuredAt, ...usage } = store.status?.usage ?? {}
  assert.deepEqual(usage, { objects: 3, bytes: 6, scope: 'Prefix' })
  assert.ok(Date.parse(measuredAt ?? '') > 0)
  await patchSpec(tenant, 'store', { usage: undefined })
  await until('usage is gone', async () => {
    const { status } = await tenant.getStore('store')
    return !status?.usage && !status?.conditions?.some(({ type }) => type === 'UsageMeasured')
  })
})
