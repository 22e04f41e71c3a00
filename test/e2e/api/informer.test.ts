/** The transport and the informer with a real API server. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { KubeObject } from '../../../src/api/object.ts'
import type { Access } from '../../../src/kube/access.ts'
import type { Client } from '../../../src/kube/client.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import { createClient } from '../../../src/kube/kube-client.ts'
import { loadKubeConfig } from '../../../src/kube/kubeconfig.ts'
import { ARTIFACT_STORES, CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS } from '../../../src/kube/resource.ts'
import { createTransport, type ResponseRecord, type Transport } from '../../../src/kube/transport.ts'
import { Informer, type InformerOptions } from '../../../src/runtime/informer.ts'
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { until } from '../../support/until.ts'

const OBJECTS = 3000
const LABELS = { 'informer-test': 'true' }
const SELECTOR = 'informer-test=true'
const NAMESPACE = `informer-${randomUUID()}`
const existing = process.env['USE_EXISTING_CLUSTER'] === 'true'

interface ConfigMap extends KubeObject {
  data?: Record<string, string>
}

const configMap = (name: string, data: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: NAMESPACE, labels: LABELS },
  data,
})

const change = (name: string, data: Record<string, string>) =>
  client.jsonPatch<ConfigMap>(CONFIG_MAPS, { name, namespace: NAMESPACE }, [{ op: 'add', path: '/data', value: data }])

let controlPlane: ControlPlane
let transport: Transport
let client: Client
let records: ResponseRecord[]
/** Functions that run after each test, the last one first. */
const cleanups: (() => unknown)[] = []

before(async () => {
  controlPlane = await startControlPlane({ controllers: false })
  records = []
  ;({ transport, client } = connect(loadKubeConfig({ kubeconfig: controlPlane.kubeconfig })))
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
})
after(async () => {
  await client?.delete(NAMESPACES, undefined, NAMESPACE)
  await transport?.close()
  await controlPlane?.stop()
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function connect(access: Access): { transport: Transport; client: Client } {
  const transport = createTransport({ access, onResponse: record => records.push(record) })
  return { transport, client: createClient(transport) }
}

interface Seen {
  informer: Informer<ConfigMap>
  /** Events in order, as `added a` or `deleted a`. */
  events: string[]
  errors: unknown[]
}

function startInformer(options: Partial<InformerOptions<ConfigMap>> = {}): Seen {
  const [events, errors]: [string[], unknown[]] = [[], []]
  const informer = new Informer<ConfigMap>({
    client,
    resource: CONFIG_MAPS,
    namespace: NAMESPACE,
    labelSelector: SELECTOR,
    onError: error => errors.push(error),
    ...options,
  })
  informer.on(({ type, object }) => events.push(`${type} ${object.metadata.name}`))
  const stop = new AbortController()
  const stopped = informer.start(stop.signal)
  cleanups.push(() => {
    stop.abort()
    return stopped
  })
  return { informer, events, errors }
}

/** Runs `work` on all items, a few at a time, as each call occupies a connection. */
async function forEach<T>(items: T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = items.values()
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const item of queue) await work(item)
    }),
  )
}

const names = (count: number, prefix: string): string[] => Array.from({ length: count }, (_, i) => `${prefix}-${i}`)
const shown = (objects: Iterable<KubeObject>): string[] =>
  Array.from(objects, ({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort()

describe('informer and API server', () => {
  it('holds thousands of objects, read page by page, and follows what happens to them', async () => {
    await forEach(names(OBJECTS, 'many'), name => client.create(CONFIG_MAPS, configMap(name)))
    records.length = 0
    const { informer, events, errors } = startInformer()
    await informer.synced
    assert.equal(informer.cache.size, OBJECTS)
    assert.equal(events.length, OBJECTS)
    const pages = records.filter(({ verb, resource }) => verb === 'list' && resource === 'configmaps')
    assert.equal(pages.length, OBJECTS / 500)
    assert.ok(!('managedFields' in (informer.cache.get(`${NAMESPACE}/many-0`)?.metadata ?? {})))

    events.length = 0
    await change('many-7', { changed: 'yes' })
    await client.delete(CONFIG_MAPS, NAMESPACE, 'many-8')
    await client.create(CONFIG_MAPS, configMap('new'))
    await until('the last event', () => events.includes('added new'))
    assert.deepEqual(events, ['updated many-7', 'deleted many-8', 'added new'])
    assert.deepEqual(informer.cache.get(`${NAMESPACE}/many-7`)?.data, { changed: 'yes' })
    assert.deepEqual(errors, [])
  })

  it('reads an own write at once, and hears of it once', async () => {
    const { informer, events } = startInformer()
    await informer.synced
    events.length = 0
    const written = await client.create<ConfigMap>(CONFIG_MAPS, configMap('own'))
    informer.observe(written)
    assert.equal(informer.cache.get(`${NAMESPACE}/own`)?.metadata.uid, written.metadata.uid)
    const applied = await change('own', { a: 'b' })
    informer.observe(applied)
    const same = await change('own', { a: 'b' })
    assert.equal(same.metadata.resourceVersion, applied.metadata.resourceVersion)
    await client.delete(CONFIG_MAPS, NAMESPACE, 'own', { uid: written.metadata.uid })
    await until('the deletion', () => events.includes('deleted own'))
    informer.observe(applied)
    assert.deepEqual(events, ['added own', 'updated own', 'deleted own'])
  })

  it('reads metadata only', async () => {
    await client.create(CONFIG_MAPS, configMap('meta', { large: 'x'.repeat(1000) }))
    const { informer } = startInformer({ metadataOnly: true })
    await informer.synced
    const meta = informer.cache.get(`${NAMESPACE}/meta`)
    assert.equal(meta?.kind, 'ConfigMap')
    assert.equal(meta.data, undefined)
    await change('meta', { large: 'y' })
    const version = meta.metadata.resourceVersion
    await until('the change', () => informer.cache.get(`${NAMESPACE}/meta`)?.metadata.resourceVersion !== version)
    assert.equal(informer.cache.get(`${NAMESPACE}/meta`)?.data, undefined)
    assert.equal(informer.cache.get(`${NAMESPACE}/meta`)?.kind, 'ConfigMap')
  })

  it('loses nothing when the API server restarts', { skip: existing }, async () => {
    const { informer, events, errors } = startInformer()
    await informer.synced
    await client.create(CONFIG_MAPS, configMap('before'))
    await until('the first event', () => events.includes('added before'))
    events.length = 0

    await controlPlane.stopApiserver()
    await until('the informer to notice', () => errors.length > 0)
    await controlPlane.startApiserver()
    const created = names(50, 'after')
    await forEach(created, name => client.create(CONFIG_MAPS, configMap(name)))
    await client.delete(CONFIG_MAPS, NAMESPACE, 'before')

    await until('all events', () => events.length > 50)
    assert.deepEqual(events.sort(), [...created.map(name => `added ${name}`), 'deleted before'].sort())
    const { items } = await client.list(CONFIG_MAPS, NAMESPACE, { labelSelector: SELECTOR })
    assert.deepEqual(shown(informer.cache.values()), shown(items))
  })

  it('waits for a CRD that is installed later', { skip: existing }, async () => {
    const { informer, errors } = startInformer({ resource: ARTIFACT_STORES })
    await until('the first failure', () => errors.length > 0)
    assert.ok(isNotFound(errors[0]))
    assert.equal(informer.hasSynced, false)
    const crd = fileURLToPath(new URL('../../../crds/artifactstore.dev_artifactstores.yaml', import.meta.url))
    await kubectl(controlPlane, ['apply', '--server-side', '-f', crd])
    await informer.synced
  })
})

describe('transport and API server', () => {
  it('makes one connection for calls that follow each other', async () => {
    const fresh = connect(loadKubeConfig({ kubeconfig: controlPlane.kubeconfig }))
    cleanups.push(() => fresh.transport.close())
    let connections = 0
    const count = (): number => connections++
    subscribe('undici:client:beforeConnect', count)
    cleanups.push(() => unsubscribe('undici:client:beforeConnect', count))
    for (let i = 0; i < 300; i++) await fresh.client.get(NAMESPACES, undefined, NAMESPACE)
    assert.equal(connections, 1)
  })

  it('follows a token file that is replaced', async () => {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'rotated', namespace: NAMESPACE } }
    const newToken = async (): Promise<string> => {
      await client.create(SERVICE_ACCOUNTS, account)
      const request = { audiences: [], expirationSeconds: 600 }
      return (await client.createToken(NAMESPACE, 'rotated', request)).token
    }
    const kubeconfig = controlPlane.writeKubeconfigForToken('rotated', await newToken())
    const access = loadKubeConfig({ kubeconfig })
    await access.credentials.get() // From now on the first token is in use.

    await client.delete(SERVICE_ACCOUNTS, NAMESPACE, 'rotated') // This ends the token's life.
    writeFileSync(join(controlPlane.dir, 'tokens', 'rotated'), `${await newToken()}\n`)

    records.length = 0
    const rotated = connect(access)
    cleanups.push(() => rotated.transport.close())
    assert.equal(await whoAmI(rotated.transport), `system:serviceaccount:${NAMESPACE}:rotated`)
    assert.deepEqual(
      records.map(({ code }) => code),
      [401, 201],
    )
  })
})

async function whoAmI(transport: Transport): Promise<string> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  const answer = await transport.send({ verb: 'create', resource: 'selfsubjectreviews', path, body: review })
  return (answer as { status: { userInfo: { username: string } } }).status.userInfo.username
}
