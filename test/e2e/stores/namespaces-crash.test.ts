/** Secrets in other namespaces, and an operator that dies between two steps: on real parts. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ArtifactStoreSpec, CredentialsEntry } from '../../../src/api/artifact-store.ts'
import { RECIPIENT_LABEL } from '../../../src/api/names.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import { ARTIFACT_STORES, NAMESPACES } from '../../../src/kube/resource.ts'
import { diesAt } from '../../support/at-request.ts'
import type { OperatorProcess, Program } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { Tenant, World } from '../../support/world.ts'

let world: World
let operator: OperatorProcess | undefined
let home: Tenant
before(async () => {
  world = await World.start()
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
const deleteStore = (name: string) => world.client.delete(ARTIFACT_STORES, home.name, name)
const storeGone = (name: string) =>
  until(`store ${name} is gone`, () => home.getStore(name).then(() => false, isNotFound), {
    last: async () => (await home.getStore(name)).status,
  })

/** Starts an operator in place of the one that is running. */
async function restart(program?: Program): Promise<void> {
  await operator?.kill()
  operator = await world.startOperator(['--leader-elect=false'], program)
}
const died = () => until('the operator died', () => operator?.exited)

/** Not in the operator's own namespace, where it makes the key of its seals. */
const SECRET = '/namespaces/(?!artifact-store-system/)[^/]+/secrets'

const made = async (name: string, namespace: string, program: Program): Promise<Tenant> => {
  const where = await createNamespace(namespace)
  await restart(program)
  await home.store(name, into(namespace))
  await died()
  return where
}

test('an operator dies between finalizer and Secret: the next one makes the Secret', async () => {
  const where = await made('torn-a', 'torn-a', diesAt('POST', `${SECRET}(\\?|$)`))
  assert.equal((await home.getStore('torn-a')).metadata.finalizers?.length, 1)
  assert.equal(await where.getSecret('shared'), undefined)
  await restart()
  await home.storeReady('torn-a')
  assert.ok(await where.getSecret('shared'))
})

test('an operator dies between Secret and status: the next one says so, and writes it no second time', async () => {
  const where = await made('torn-b', 'torn-b', diesAt('PUT|PATCH', '/artifactstores/torn-b/status'))
  const before = await where.getSecret('shared')
  assert.ok(before)
  await restart()
  const { status } = await home.storeReady('torn-b')
  assert.deepEqual(
    status?.credentials?.map(({ namespace }) => namespace),
    ['torn-b'],
  )
  assert.equal((await where.getSecret('shared'))?.metadata.resourceVersion, before.metadata.resourceVersion)
})

test('an operator dies between the deletion of the Secrets and that of the store: the next one lets the store go', async () => {
  const where = await createNamespace('torn-c')
  await home.store('torn-c', into('torn-c'))
  await home.storeReady('torn-c')
  await restart(diesAt('PATCH', '/artifactstores/torn-c(\\?|$)'))
  await deleteStore('torn-c')
  await died()
  assert.equal(await where.getSecret('shared'), undefined)
  assert.ok(await home.getStore('torn-c'))
  await restart()
  await storeGone('torn-c')
})

test('an operator dies in the midst of deleting Secrets: the next one deletes the rest', async () => {
  const names = ['torn-d', 'torn-e', 'torn-f']
  const namespaces = await Promise.all(names.map(createNamespace))
  await home.store('torn-d', into(...names))
  await home.storeReady('torn-d')
  await restart(diesAt('DELETE', `${SECRET}/shared`, 1))
  await deleteStore('torn-d')
  await died()
  await restart()
  await storeGone('torn-d')
  for (const where of namespaces) assert.equal(await where.getSecret('shared'), undefined, where.name)
})
