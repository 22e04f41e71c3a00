/** Secrets that say they are a store's, and were made by somebody else: on real parts. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { REQUESTED_AT_ANNOTATION, SEAL_ANNOTATION, SEAL_SECRET, TARGET_ANNOTATION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES, SECRETS } from '../../../src/kube/resource.ts'
import { ownerLabels, stampAnnotations } from '../../../src/stores/plan/projected-secret.ts'
import type { SecretObject } from '../../support/namespace.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { Tenant, World } from '../../support/world.ts'

const SYSTEM = 'artifact-store-system'
const FORGED = 50

let world: World
let operator: OperatorProcess
let home: Tenant
let hostile: Tenant
before(async () => {
  world = await World.start()
  operator = await world.startOperator()
  home = await world.tenant('home')
  hostile = new Tenant(world, 'hostile')
  await hostile.createNamespace()
  await home.connector('minio')
  await home.store('models', { credentials: [{ name: 'step', formats: ['AwsProfile'] }] })
  await home.storeReady('models')
})
after(() => world.stop())

const own = async (name = 'models-step'): Promise<SecretObject> => {
  const secret = await home.getSecret(name)
  assert.ok(secret)
  return secret
}

/** Asks for another look at the store, and returns once the operator has had it. */
async function lookAgain(): Promise<void> {
  const { metadata } = await home.getStore('models')
  const request = `${Date.now()}`
  const annotations = { ...metadata.annotations, [REQUESTED_AT_ANNOTATION]: request }
  const patch = [{ op: 'add' as const, path: '/metadata/annotations', value: annotations }]
  await world.client.jsonPatch(ARTIFACT_STORES, metadata, patch)
  await until('another look', async () => (await home.getStore('models')).status?.lastHandledRequest === request)
}

async function refreshed(): Promise<void> {
  const { metadata } = await own()
  await world.client.delete(SECRETS, home.name, 'models-step')
  await until('the Secret is made anew', async () => {
    const secret = await home.getSecret('models-step')
    return secret && secret.metadata.uid !== metadata.uid
  })
}

test('forged Secrets of another namespace neither delay a store nor give it a finalizer, and are not touched', async () => {
  const store = await home.getStore('models')
  const forged = (index: number) => {
    const name = `forged-${index}`
    const annotations = {
      ...stampAnnotations({ grant: 'g', issuedAt: new Date(), expiresAt: new Date(Date.now() + 60_000) }, 'content'),
      [TARGET_ANNOTATION]: `hostile/${name}`,
      [SEAL_ANNOTATION]: 'forged',
    }
    const metadata = {
      ...{ name, namespace: 'hostile', labels: ownerLabels(store, 'step'), annotations },
      finalizers: ['hostile.example/hold'],
    }
    return world.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata })
  }
  const made = await Promise.all(Array.from({ length: FORGED }, (_, index) => forged(index)))
  await refreshed()
  await lookAgain()
  await home.storeReady('models')
  assert.deepEqual((await home.getStore('models')).metadata.finalizers ?? [], [])
  const { items } = await world.client.list(SECRETS, 'hostile')
  assert.deepEqual(
    items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]).sort(),
    made.map(({ metadata }) => [metadata.name, metadata.resourceVersion]).sort(),
  )
})

test('a copy of a Secret is not the store’s, neither in another namespace nor beside it', async () => {
  const { metadata, data } = await own()
  const { labels, annotations } = metadata
  const copies = [
    { name: 'copy', namespace: 'hostile', labels, annotations },
    { name: 'copy', namespace: 'home', labels, annotations: { ...annotations, [TARGET_ANNOTATION]: 'home/copy' } },
  ]
  for (const copy of copies) {
    await world.client.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: copy, data })
  }
  await lookAgain()
  await refreshed()
  for (const where of [home, hostile]) assert.ok(await where.getSecret('copy'), where.name)
  assert.deepEqual((await home.getStore('models')).metadata.finalizers ?? [], [])
})

test('a restart keeps the key of the seals, and writes no Secret again', async () => {
  const before = await own()
  const key = () => world.client.get<SecretObject>(SECRETS, SYSTEM, SEAL_SECRET)
  const { metadata } = await key()
  await operator.stop()
  operator = await world.startOperator()
  await lookAgain()
  assert.equal((await key()).metadata.resourceVersion, metadata.resourceVersion)
  assert.equal((await own()).metadata.resourceVersion, before.metadata.resourceVersion)
})

test('a Secret without a seal at its place is sealed by the next reconcile, and stays the same object', async () => {
  const before = await own()
  await operator.stop()
  const { [SEAL_ANNOTATION]: seal, ...annotations } = before.metadata.annotations ?? {}
  const patch = [{ op: 'add' as const, path: '/metadata/annotations', value: annotations }]
  await world.client.jsonPatch(SECRETS, { namespace: 'home', name: 'models-step' }, patch)
  operator = await world.startOperator()
  const after = await until('it is sealed', async () => {
    const secret = await own()
    return secret.metadata.annotations?.[SEAL_ANNOTATION] === seal && secret
  })
  assert.equal(after.metadata.uid, before.metadata.uid)
})
