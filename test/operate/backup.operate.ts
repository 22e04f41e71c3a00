/** The commands of docs/backup.md on real control planes: what comes back, and that nothing is lost or taken over wrongly. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import {
  FINALIZER,
  RECIPIENT_LABEL,
  REQUESTED_AT_ANNOTATION,
  STORE_LABEL,
  TARGET_ANNOTATION,
} from '../../src/api/names.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { ARTIFACT_STORES, SECRETS } from '../../src/kube/resource.ts'
import { startControlPlane } from '../cluster/control-plane.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { Guide } from '../guides.ts'
import { createShell, type Shell } from '../support/guide-commands.ts'
import { CRDS, Installation } from '../support/installation.ts'
import { Namespace, type SecretObject } from '../support/namespace.ts'
import { until } from '../support/until.ts'
import { type Tenant, World } from '../support/world.ts'

const guide = new Guide('backup.md')
/** Each namespace gets its ServiceAccount `default` from the cluster. */
const THERE_ALREADY = /AlreadyExists/
const STORES = ['models', 'shared', 'protected', 'expiring']

let world: World
let team: Tenant
let dev: Namespace
let shell: Shell
let dir: string

before(async () => {
  world = await World.start()
  dir = join(world.controlPlane.dir, 'backup')
  shell = await createShell(world.controlPlane, dir)
  await world.startOperator()
  team = await world.tenant('team')
  dev = new Namespace(world, 'team-dev')
  await dev.createNamespace()
  await label(world, 'team-dev')
  await team.user('key', 'readwrite')
  await Promise.all([team.connector('minio'), team.keyConnector('by-key', 'key')])
  const connectorRef = { name: 'by-key' }
  await team.store('models')
  await team.store('shared', {
    ...{ connectorRef, allowedNamespaces: { from: 'All' } },
    credentials: [{ name: 'step', formats: ['AwsProfile'], namespaces: { names: ['team', 'team-dev'] } }],
  })
  await team.store('protected', { connectorRef, deletionProtection: true })
  await team.store('expiring', { connectorRef, bucket: { expirationDays: 7 } })
  await ready(team)
  await world.minio.admin.putObject('team', 'models/object', 'kept')
  await shell.run(guide, 'export')
})
after(() => world?.stop())

const label = (where: Installation, name: string) =>
  kubectl(where.controlPlane, ['label', 'namespace', name, `${RECIPIENT_LABEL}=true`])

const ready = (where: Namespace) => Promise.all(STORES.map(name => where.storeReady(name)))

/** Deletes both namespaces, and makes them anew: empty, and with their labels. */
async function emptyNamespaces(): Promise<void> {
  await kubectl(world.controlPlane, ['delete', 'namespace', 'team', 'team-dev', '--timeout=60s'])
  for (const name of ['team', 'team-dev']) await kubectl(world.controlPlane, ['create', 'namespace', name])
  await label(world, 'team-dev')
}

const secretsOf = async (): Promise<SecretObject[]> => {
  const { items } = await world.client.list<SecretObject>(SECRETS, 'team')
  return items.filter(({ metadata }) => metadata.labels?.[STORE_LABEL])
}

/** The Secret of a store, once an owner reference ties it to this very store. */
const ownedSecret = (where: Namespace, store: KubeObject) =>
  until(`${store.metadata.name} owns its Secret`, async () => {
    const secret = await where.getSecret(`${store.metadata.name}-step`)
    return secret?.metadata.ownerReferences?.some(({ uid }) => uid === store.metadata.uid) && secret
  })

describe('a restore of deleted namespaces', () => {
  let before: KubeObject[]

  test('brings all stores back, with new credentials, and leaves objects alone', async () => {
    before = await ready(team)
    const old = await team.credentials('models-step')
    await emptyNamespaces()
    await shell.run(guide, 'restore', THERE_ALREADY)
    await shell.run(guide, 'wait')
    const stores = await ready(team)
    for (const [index, store] of stores.entries()) {
      assert.notEqual(store.metadata.uid, before[index]?.metadata.uid)
      await ownedSecret(team, store)
    }
    assert.notEqual((await team.credentials('models-step')).accessKeyId, old.accessKeyId)
    assert.deepEqual(await world.minio.admin.listObjects('team', 'models/'), ['models/object'])
    await until('the Secret elsewhere is there', () => dev.getSecret('shared-step'))
  })

  test('has finalizers only where something is to be undone', async () => {
    const finalizers = (await ready(team)).map(({ metadata }) => metadata.finalizers ?? [])
    assert.deepEqual(finalizers, [[], [FINALIZER], [FINALIZER], [FINALIZER]])
  })

  test('leaves a Secret of somebody else alone, and says so', async () => {
    await emptyNamespaces()
    await team.create(SECRETS, 'models-step', { stringData: { mine: 'yes' } })
    await shell.run(guide, 'restore', THERE_ALREADY)
    await team.storeCondition('models', 'Stalled', 'True', 'SecretConflict')
    const secret = await team.getSecret('models-step')
    assert.deepEqual(Object.keys(secret?.data ?? {}), ['mine'])
    await world.client.delete(SECRETS, 'team', 'models-step')
    // The operator does not watch Secrets of others.
    await kubectl(world.controlPlane, [
      'annotate',
      'artifactstore',
      'models',
      '-n',
      'team',
      `${REQUESTED_AT_ANNOTATION}=now`,
    ])
    await team.storeReady('models')
  })
})

describe('a restore with the Secrets of stores', () => {
  test('by kubectl, which keeps the owner of before, ends with Secrets of the new store', async () => {
    await ready(team)
    const secrets = await secretsOf()
    assert.equal(secrets.length, STORES.length)
    await emptyNamespaces()
    await createAll(secrets.map(withoutUid))
    await shell.run(guide, 'restore', THERE_ALREADY)
    for (const store of await ready(team)) await ownedSecret(team, store)
  })

  test('by Velero, which drops the owner, has them work and end with their store', async () => {
    await ready(team)
    const secrets = await secretsOf()
    await emptyNamespaces()
    await createAll(secrets.map(asVeleroRestores))
    await shell.run(guide, 'restore', THERE_ALREADY)
    await ready(team)
    const { accessKeyId } = await until('credentials', () => team.credentials('models-step').catch(() => undefined))
    assert.ok(accessKeyId)
    await world.client.delete(ARTIFACT_STORES, 'team', 'models')
    await until('it is gone with its store', async () => !(await team.getSecret('models-step')))
  })
})

const createAll = (items: object[]) =>
  kubectl(world.controlPlane, ['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))

function withoutUid({ metadata: { uid: _, resourceVersion: __, ...metadata }, ...rest }: KubeObject) {
  return { ...rest, apiVersion: 'v1', kind: 'Secret', metadata }
}

/** As Velero's resetMetadata() does, with the labels that it adds. */
function asVeleroRestores(secret: KubeObject) {
  const { metadata, ...rest } = withoutUid(secret)
  const { ownerReferences: _, ...kept } = metadata
  const labels = { ...kept.labels, 'velero.io/backup-name': 'daily', 'velero.io/restore-name': 'daily-1' }
  return { ...rest, metadata: { ...kept, labels } }
}

describe('a restore into another cluster', () => {
  let other: Installation
  let there: Namespace

  before(async () => {
    other = await new Installation(await startControlPlane({ crds: CRDS })).install()
    there = new Namespace(other, 'team')
    const inOther = await createShell(other.controlPlane, dir)
    for (const name of ['team', 'team-dev']) await kubectl(other.controlPlane, ['create', 'namespace', name])
    await label(other, 'team-dev')
    const left = await until('the Secret elsewhere', () => dev.getSecret('shared-step'))
    const { metadata, ...rest } = asVeleroRestores(left)
    // Of a store that is not restored; only the seal of another cluster tells it from one of this cluster.
    const orphan = {
      ...{ ...metadata, name: 'left-step', labels: { ...metadata.labels, [STORE_LABEL]: 'left' } },
      annotations: { ...metadata.annotations, [TARGET_ANNOTATION]: 'team-dev/left-step' },
    }
    const list = { apiVersion: 'v1', kind: 'List', items: [asVeleroRestores(left), { ...rest, metadata: orphan }] }
    await kubectl(other.controlPlane, ['create', '-f', '-'], JSON.stringify(list))
    await inOther.run(guide, 'restore', THERE_ALREADY)
    await other.startOperator()
  })
  after(() => other?.stop().then(() => other.controlPlane.stop()))

  test('brings back stores whose connector has a key', async () => {
    for (const name of ['shared', 'protected', 'expiring']) await there.storeReady(name)
  })

  test('takes over the Secret at the place of a store, and leaves another one alone', async () => {
    await there.storeReady('shared')
    const theirs = new Namespace(other, 'team-dev')
    const [here, taken] = [await dev.getSecret('shared-step'), await theirs.getSecret('shared-step')]
    assert.ok(here && taken)
    assert.notEqual(taken.data['credentials.json'], here.data['credentials.json'])
    assert.ok(await theirs.getSecret('left-step'))
  })

  test('says of web identities that the issuer is another one', async () => {
    const reasons = [...guide.text.matchAll(/`((?:Issuer|Token|Role)\w+)`/g)].map(([, reason]) => reason)
    await until(
      'the connector says so',
      async () => {
        const { status } = await there.getConnector('minio')
        const { reason } = status?.conditions?.find(({ type }) => type === 'Ready') ?? {}
        return reasons.includes(reason)
      },
      { last: () => there.getConnector('minio') },
    )
    await there.storeCondition('models', 'Ready', 'False')
  })

  test('takes nothing from the cluster that was exported', async () => {
    await Promise.all(['shared', 'protected', 'expiring'].map(name => team.storeReady(name)))
    assert.deepEqual(await world.minio.admin.listObjects('team', 'models/'), ['models/object'])
  })
})
