/** Secrets in many namespaces, on real parts: which namespaces get and lose them, and how fast. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArtifactStoreSpec, CredentialsEntry } from '../../../src/api/artifact-store.ts'
import { FINALIZER, RECIPIENT_LABEL, STORE_NAMESPACE_LABEL } from '../../../src/api/names.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import { ARTIFACT_STORES, NAMESPACES } from '../../../src/kube/resource.ts'
import { until } from '../../support/until.ts'
import { messageOf, Tenant, World } from '../../support/world.ts'

let world: World
let tenant: Tenant
before(async () => {
  world = await World.start()
  await world.startOperator()
  tenant = await world.tenant('home')
  await tenant.connector('minio')
})
after(() => world.stop())

const createNamespace = async (name: string, labels: Record<string, string> = {}): Promise<Tenant> => {
  const metadata = { name, labels: { [RECIPIENT_LABEL]: 'true', ...labels } }
  await world.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata })
  return new Tenant(world, name)
}
const relabel = (name: string, label: string, value: string | undefined) =>
  world.client.jsonPatch(NAMESPACES, { name }, [
    value === undefined
      ? { op: 'remove', path: `/metadata/labels/${label}` }
      : { op: 'add', path: `/metadata/labels/${label}`, value },
  ])
const entry = (namespaces: CredentialsEntry['namespaces'], rest: Partial<CredentialsEntry> = {}): CredentialsEntry => ({
  name: 'step',
  formats: ['AwsProfile'],
  ...(namespaces ? { namespaces } : {}),
  ...rest,
})
const ALL: ArtifactStoreSpec['allowedNamespaces'] = { from: 'All' }
const patchSpec = (name: string, member: string, value: unknown) =>
  world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name }, [
    { op: 'add', path: `/spec/${member}`, value },
  ])
const there = (where: Tenant, secret: string) =>
  until(`Secret ${where.name}/${secret}`, () => where.getSecret(secret), { last: () => tenant.getStore('labelled') })
const gone = (where: Tenant, secret: string) =>
  until(`no Secret ${where.name}/${secret}`, async () => (await where.getSecret(secret)) === undefined)
const namespacesOf = async (name: string): Promise<string[]> =>
  ((await tenant.getStore(name)).status?.credentials ?? []).map(({ namespace }) => namespace)

test('namespaces chosen by name and by label each get credentials of their own', async () => {
  const [a, b] = await Promise.all([createNamespace('by-name'), createNamespace('by-label', { team: 'both' })])
  const namespaces = { names: ['by-name', 'home'], selector: { matchLabels: { team: 'both' } } }
  await tenant.store('both', { credentials: [entry(namespaces)], allowedNamespaces: ALL })
  // The store may come to the operator before the labels of its namespaces.
  const store = await until('Secrets in all of them', async () => {
    const ready = await tenant.storeReady('both')
    return messageOf(ready, 'CredentialsProjected') === '3 Secrets up to date' && ready
  })
  assert.deepEqual(await namespacesOf('both'), ['by-label', 'by-name', 'home'])
  assert.deepEqual(store.metadata.finalizers, [FINALIZER])
  const keys = await Promise.all([a, b, tenant].map(async where => (await where.credentials('both-step')).accessKeyId))
  assert.equal(new Set(keys).size, 3)

  const [own, elsewhere] = [await tenant.getSecret('both-step'), await a.getSecret('both-step')]
  assert.equal(own?.metadata.ownerReferences?.[0]?.uid, store.metadata.uid)
  assert.equal(elsewhere?.metadata.ownerReferences, undefined)
  assert.equal(elsewhere?.metadata.labels?.[STORE_NAMESPACE_LABEL], 'home')
})

test('a namespace that gains the label gets the Secret, and loses it with the label', async t => {
  const where = await createNamespace('relabelled')
  const namespaces = { selector: { matchLabels: { team: 'late' } } }
  await tenant.store('labelled', { credentials: [entry(namespaces)], allowedNamespaces: ALL })
  const store = await tenant.storeReady('labelled')
  assert.match(messageOf(store, 'CredentialsProjected'), /^0 Secrets up to date; spec.credentials\[step\].namespaces/)

  const times: Record<'gained' | 'lost', number[]> = { gained: [], lost: [] }
  for (let round = 0; round < 5; round++) {
    let started = performance.now()
    await relabel('relabelled', 'team', 'late')
    await there(where, 'labelled-step')
    times.gained.push(Math.round(performance.now() - started))
    started = performance.now()
    await relabel('relabelled', 'team', undefined)
    await gone(where, 'labelled-step')
    times.lost.push(Math.round(performance.now() - started))
  }
  t.diagnostic(`ms until the Secret is there: ${times.gained}; until it is gone: ${times.lost}`)
  await until('nothing is listed', async () => (await namespacesOf('labelled')).length === 0)
})

test('a namespace that is made later is waited for, and served as it comes', async () => {
  await tenant.store('early', { credentials: [entry({ names: ['home', 'later'] })], allowedNamespaces: ALL })
  const store = await tenant.storeCondition('early', 'Reconciling', 'True', 'NamespaceNotFound')
  assert.match(messageOf(store), /namespaces.names: "later": there is no such namespace: create it, or remove it/)
  assert.deepEqual(await namespacesOf('early'), ['home'], 'the others have theirs')
  await there(await createNamespace('later'), 'early-step')
  await tenant.storeReady('early')
})

describe('a namespace must be allowed by the store, too', () => {
  let [open, closed] = [] as Tenant[]
  before(async () => {
    ;[open, closed] = await Promise.all([createNamespace('open', { stage: 'prod' }), createNamespace('closed')])
    const allowedNamespaces = { from: 'Selector' as const, selector: { matchLabels: { stage: 'prod' } } }
    await tenant.store('narrow', { credentials: [entry({ names: ['open', 'closed', 'home'] })], allowedNamespaces })
  })

  test('one that is named and not allowed is told of, and the others are served', async () => {
    const store = await tenant.storeCondition('narrow', 'Stalled', 'True', 'NamespaceNotAllowed')
    const message = messageOf(store, 'CredentialsProjected')
    assert.match(message, /^spec.credentials\[step\].namespaces.names: "closed": not allowed by spec.allowedNamespaces/)
    await until('the others', async () => (await namespacesOf('narrow')).join() === 'home,open')
    assert.equal(await closed?.getSecret('narrow-step'), undefined)
  })
  test('one that is allowed later is served then', async () => {
    await relabel('closed', 'stage', 'prod')
    await tenant.storeReady('narrow')
    assert.deepEqual(await namespacesOf('narrow'), ['closed', 'home', 'open'])
  })
  test('one that is allowed no more loses what it has', async () => {
    await patchSpec('narrow', 'allowedNamespaces', { from: 'Same' })
    await gone(open as Tenant, 'narrow-step')
    await gone(closed as Tenant, 'narrow-step')
    await tenant.storeCondition('narrow', 'Stalled', 'True', 'NamespaceNotAllowed')
    assert.ok(await tenant.getSecret('narrow-step'), 'the own namespace always may')
  })
})

test('a selector selects among allowed namespaces only, and never those of Kubernetes and the operator', async () => {
  const everywhere = entry({ selector: {} })
  await relabel('default', RECIPIENT_LABEL.replace('/', '~1'), 'true')
  await tenant.store('everywhere', { credentials: [everywhere], allowedNamespaces: ALL })
  const names = await until('all that are labelled', async () => {
    const served = await namespacesOf('everywhere')
    return served.includes('default') && served.includes('home') && served
  })
  assert.deepEqual(
    names.filter(name => name.startsWith('kube-') || name === 'artifact-store-system'),
    [],
  )
  await patchSpec('everywhere', 'credentials', [entry({ names: ['kube-system'] })])
  const store = await tenant.storeCondition('everywhere', 'Stalled', 'True', 'NamespaceNotAllowed')
  assert.match(
    messageOf(store),
    /"kube-system": namespaces of Kubernetes \(kube-\*\) and of the operator get no Secrets/,
  )
  await gone(new Tenant(world, 'default'), 'everywhere-step')
})

test('the end of a store takes its Secrets along everywhere', async () => {
  const where = await createNamespace('ending')
  await tenant.store('ended', { credentials: [entry({ names: ['ending', 'home'] })], allowedNamespaces: ALL })
  await tenant.storeReady('ended')
  await world.client.delete(ARTIFACT_STORES, tenant.name, 'ended')
  await until('the store is gone', () => tenant.getStore('ended').then(() => false, isNotFound))
  assert.equal(await where.getSecret('ended-step'), undefined, 'before the store')
  await gone(tenant, 'ended-step')
})

test('an entry that leaves a namespace needs no finalizer any more', async () => {
  const where = await createNamespace('left')
  await tenant.store('leaving', { credentials: [entry({ names: ['left'] })], allowedNamespaces: ALL })
  await tenant.storeReady('leaving')
  await patchSpec('leaving', 'credentials', [entry(undefined)])
  await gone(where, 'leaving-step')
  await until('no finalizer', async () => !(await tenant.getStore('leaving')).metadata.finalizers)
})

test('the store’s own namespace goes, and takes along what is elsewhere', async () => {
  const where = await createNamespace('outlives')
  const doomed = await world.tenant('doomed')
  await doomed.connector('minio')
  await doomed.store('store', { credentials: [entry({ names: ['outlives'] })], allowedNamespaces: ALL })
  await doomed.storeReady('store')
  assert.ok(await where.getSecret('store-step'))
  await world.client.delete(NAMESPACES, undefined, 'doomed')
  const namespaceGone = () => world.client.get(NAMESPACES, undefined, 'doomed').then(() => false, isNotFound)
  await until('the namespace is gone', namespaceGone, { ms: 60_000 })
  assert.equal(await where.getSecret('store-step'), undefined)
})
