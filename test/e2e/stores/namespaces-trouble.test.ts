/** Secrets in many namespaces with obstacles: Secrets of others, namespaces that end, stores that are forced away. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArtifactStoreSpec, CredentialsEntry } from '../../../src/api/artifact-store.ts'
import { RECIPIENT_LABEL, REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import { ARTIFACT_STORES, CONFIG_MAPS, NAMESPACES, SECRETS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { messageOf, type SecretObject, Tenant, World } from '../../support/world.ts'

let world: World
let operator: OperatorProcess
let home: Tenant
before(async () => {
  world = await World.start()
  operator = await world.startOperator()
  home = await world.tenant('home')
  await home.connector('minio')
})
after(() => world.stop())

async function createNamespace(name: string): Promise<Tenant> {
  const metadata = { name, labels: { [RECIPIENT_LABEL]: 'true' } }
  await world.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata })
  return new Tenant(world, name)
}
const into = (...names: string[]): Partial<ArtifactStoreSpec> => {
  const entry: CredentialsEntry = { name: 'step', secretName: 'shared', formats: ['AwsProfile'], namespaces: { names } }
  return { credentials: [entry], allowedNamespaces: { from: 'All' } }
}
const ownerOf = async (where: Tenant): Promise<string | undefined> =>
  (await where.getSecret('shared'))?.metadata.labels?.['artifactstore.dev/store']
const deleteStore = (name: string) => world.client.delete(ARTIFACT_STORES, home.name, name)
const storeGone = (name: string) =>
  until(`store ${name} is gone`, () => home.getStore(name).then(() => false, isNotFound), {
    last: async () => (await home.getStore(name)).status,
  })
const secretGone = (where: Tenant) =>
  until(`no Secret in ${where.name}`, async () => (await where.getSecret('shared')) === undefined)

describe('stores that lead to one Secret', () => {
  let where: Tenant
  const askFor = (name: string) =>
    world.client.jsonPatch(ARTIFACT_STORES, { namespace: 'other', name }, [
      { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: performance.now().toString() } },
    ])
  before(async () => {
    where = await createNamespace('contested')
    await home.store('first', into('contested'))
    await home.storeReady('first')
    const other = await world.tenant('other')
    await other.connector('minio')
    await other.store('second', into('contested'))
    await home.store('third', into('contested', 'home'))
  })

  test('leave it to the first; the others say so, and are served where nothing is in the way', async () => {
    const second = await new Tenant(world, 'other').storeCondition('second', 'Stalled', 'True', 'SecretConflict')
    const third = await home.storeCondition('third', 'Stalled', 'True', 'SecretConflict')
    for (const store of [second, third]) {
      const message = 'Secret "contested/shared" belongs to another ArtifactStore: give the entry another secretName'
      assert.equal(messageOf(store, 'CredentialsProjected'), message)
    }
    assert.deepEqual([await ownerOf(where), await ownerOf(home)], ['first', 'third'])
    assert.deepEqual(second.status?.credentials, undefined)
  })
  test('get no credentials granted that could not be written', async () => {
    const grants = () =>
      operator.metric('artifactstore_provider_requests_total', { operation: 'AssumeRoleWithWebIdentity' })
    const before = await grants()
    await askFor('second')
    await home.store('fourth', into('home-too'))
    await home.storeCondition('fourth', 'Reconciling', 'True', 'NamespaceNotFound')
    assert.equal(await grants(), before)
    await deleteStore('fourth')
  })
  test('hand it to another when the first is gone', async () => {
    await deleteStore('first')
    await secretGone(where)
    // The store would look again by itself, but only every half minute.
    await askFor('second')
    await until('another has it', async () => (await ownerOf(where)) === 'second')
    await new Tenant(world, 'other').storeReady('second')
  })
})

test('a Secret that somebody else made is never touched', async () => {
  const where = await createNamespace('taken')
  const theirs = await where.secret('shared', { key: 'theirs' }, false)
  await home.store('late', into('taken'))
  const store = await home.storeCondition('late', 'Stalled', 'True', 'SecretConflict')
  assert.match(messageOf(store), /Secret "taken\/shared" exists and was not made for this store: delete it, or/)
  await deleteStore('late')
  await storeGone('late')
  assert.equal((await where.getSecret('shared'))?.metadata.resourceVersion, theirs.metadata.resourceVersion)
})

test('a Secret that was made immutable is deleted and made anew with the next credentials', async () => {
  const where = await createNamespace('frozen')
  await home.connector('fresh')
  await home.store('thawed', { ...into('frozen'), connectorRef: { name: 'fresh' } })
  await home.storeReady('thawed')
  const before = await where.getSecret('shared')
  await world.client.jsonPatch(SECRETS, { namespace: 'frozen', name: 'shared' }, [
    { op: 'add', path: '/immutable', value: true },
  ])
  await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: home.name, name: 'fresh' }, [
    { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: 'now' } },
  ])
  await until('another Secret', async () => {
    const now = await where.getSecret('shared')
    return now && now.metadata.uid !== before?.metadata.uid
  })
  const event = await until('the event', async () =>
    (await home.events('thawed')).find(({ reason }) => reason === 'SecretRemade'),
  )
  assert.match(event.note, /^Secret "frozen\/shared" had been made immutable, so it was deleted and made anew/)
  await home.storeReady('thawed')
})

test('a CA bundle that is too large is told before anything is written', async () => {
  const ca = world.minio.caPem.trimEnd()
  const bundle = Array.from({ length: Math.floor(1_048_576 / (ca.length + 1)) }, () => ca).join('\n')
  await home.create(CONFIG_MAPS, 'large', { data: { 'ca.crt': bundle } }, true)
  await home.connector('large', { caBundle: { configMapKeyRef: { name: 'large' } } })
  await home.store('large', { connectorRef: { name: 'large' } })
  const store = await home.storeCondition('large', 'Stalled', 'True', 'ConnectorNotReady')
  assert.match(messageOf(store), /ConfigMapKeyTooLarge: .* has 10\d{5} bytes, and 262144 is the most/)
  assert.equal(await home.getSecret('large-step'), undefined)
})

test('a namespace that can’t end holds up neither its store nor the others', async () => {
  const where = await createNamespace('stuck')
  const metadata = { name: 'held', namespace: 'stuck', finalizers: ['test.dev/hold'] }
  await world.client.create(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata })
  await home.store('patient', into('home', 'stuck'))
  // The store's own namespace has a Secret of another store.
  await home.storeCondition('patient', 'Stalled', 'True', 'SecretConflict')
  await until('its Secret', () => where.getSecret('shared'))
  await world.client.delete(NAMESPACES, undefined, 'stuck')
  await secretGone(where)
  const store = await until('the namespace is skipped', async () => {
    const current = await home.getStore('patient')
    return messageOf(current, 'CredentialsProjected').includes('2 of 2') && current
  })
  assert.equal(store.status?.credentials, undefined)
  await deleteStore('patient')
  await storeGone('patient')
  await world.client.jsonPatch(CONFIG_MAPS, { namespace: 'stuck', name: 'held' }, [
    { op: 'remove', path: '/metadata/finalizers' },
  ])
})

describe('a store that is forced away', () => {
  const forceAway = async (name: string) => {
    await deleteStore(name)
    await world.client.jsonPatch(ARTIFACT_STORES, { namespace: home.name, name }, [
      { op: 'remove', path: '/metadata/finalizers' },
    ])
    await storeGone(name)
  }

  test('while the operator is down: its Secrets go when it is back, and copies stay', async () => {
    const where = await createNamespace('orphaned')
    await home.store('forced', into('orphaned'))
    await home.storeReady('forced')
    const { metadata, data } = (await where.getSecret('shared')) as SecretObject
    const { labels = {}, annotations = {} } = metadata
    const copy = { name: 'a-copy', namespace: 'orphaned', labels, annotations }
    await world.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: copy, data })
    await operator.kill()
    await forceAway('forced')
    assert.ok(await where.getSecret('shared'))
    operator = await world.startOperator()
    await secretGone(where)
    const line = await operator.until('it says so', () =>
      operator.logs.find(({ msg }) => msg === 'deleted a Secret whose store is gone'),
    )
    assert.deepEqual([line.key, line['store']], ['orphaned/shared', 'home/forced'])
    assert.ok(await where.getSecret('a-copy'))
  })

  test('and made anew: the new one takes over what is there', async () => {
    const where = await createNamespace('inherited')
    await home.store('again', into('inherited'))
    await home.storeReady('again')
    const before = await where.getSecret('shared')
    await operator.kill()
    await forceAway('again')
    await home.store('again', into('inherited'))
    operator = await world.startOperator()
    await home.storeReady('again')
    const now = await where.getSecret('shared')
    assert.equal(now?.metadata.uid, before?.metadata.uid)
    const { uid } = (await home.getStore('again')).metadata
    assert.equal(now?.metadata.labels?.['artifactstore.dev/store-uid'], uid)
  })
})
