/** What is refused a deletion at the door, and what goes all the same, on a real control plane with the operator. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArtifactStoreSpec } from '../../../src/api/artifact-store.ts'
import { CONFIRM_DELETE_ANNOTATION } from '../../../src/api/names.ts'
import { isNotFound } from '../../../src/kube/errors.ts'
import {
  ARTIFACT_STORES,
  CONFIG_MAPS,
  NAMESPACES,
  type Resource,
  SERVICE_CONNECTORS,
} from '../../../src/kube/resource.ts'
import { startControlPlane } from '../../cluster/control-plane.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { CRDS, Installation } from '../../support/installation.ts'
import { Namespace } from '../../support/namespace.ts'
import { until } from '../../support/until.ts'

const POLICIES = ['connector', 'store'].map(what => `artifact-store-operator-${what}-deletion`)
/** An address that nobody answers at: connectors are counted, and stores guarded, without a cloud. */
const AWS = { endpoint: 'https://127.0.0.1:1', auth: { accessKey: { secretName: 'absent' } } }

let cluster: Installation

class Deletions extends Namespace<Installation> {
  static async create(name: string): Promise<Deletions> {
    const namespace = new Deletions(cluster, name)
    await namespace.createNamespace()
    return namespace
  }

  connector = (name: string) => this.create(SERVICE_CONNECTORS, name, { spec: { aws: AWS } })

  store = (name: string, spec: Partial<ArtifactStoreSpec> = {}) =>
    this.create(ARTIFACT_STORES, name, { spec: { path: 's3://bucket', connectorRef: { name: 'aws' }, ...spec } })

  /** Waits for a number of stores in the status of a connector. */
  counted = (name: string, stores: number) =>
    until(`${name} has ${stores} stores`, async () => (await this.getConnector(name)).status?.stores === stores)

  /** Waits until status says whether the default store may not go. */
  inUse = (name: string, wanted: boolean) =>
    until(`${name} is in use: ${wanted}`, async () => {
      const { status } = await this.getStore(name)
      return status?.conditions !== undefined && (status.defaultInUse ?? false) === wanted
    })

  /** What kubectl says; undefined: it has deleted the object, or marked it. */
  async refusal(kind: string, name: string): Promise<string | undefined> {
    try {
      await this.kubectl('delete', kind, name, '--wait=false')
      return undefined
    } catch (error) {
      return (error as Error).message
    }
  }

  kubectl = (...words: string[]) => kubectl(cluster.controlPlane, [...words, '-n', this.name])

  gone = (resource: Resource, name: string) =>
    until(`${resource.kind} ${name} is gone`, () =>
      cluster.client.get(resource, this.name, name).then(() => false, isNotFound),
    )

  /** Runs the command that a refusal names, as it stands there. */
  async confirm(refusal: string): Promise<void> {
    const [, command] = /run "kubectl ([^"]+)" before/.exec(refusal) ?? []
    assert.ok(command, refusal)
    await kubectl(cluster.controlPlane, command.split(' '))
  }
}

/** Deletes an object by a request that is not carried out; gives the status of the answer. */
const dryRun = async (namespace: string, plural: string, name: string): Promise<number> => {
  const path = `/apis/${ARTIFACT_STORES.apiVersion}/namespaces/${namespace}/${plural}/${name}?dryRun=All`
  return (await cluster.controlPlane.request('DELETE', path)).status
}

let ml: Deletions
before(async () => {
  // Controllers have their own names, as in clusters of kubeadm and of clouds.
  const controllerFlags = ['--use-service-account-credentials=true']
  cluster = await new Installation(await startControlPlane({ crds: CRDS, controllerFlags })).install()
  await cluster.startOperator()
  ml = await Deletions.create('ml')
  await ml.store('trial', { deletionProtection: true })
  await until(
    'the API server has taken up the policies',
    async () => (await dryRun('ml', 'artifactstores', 'trial')) === 403,
  )
})
after(async () => {
  await cluster?.stop()
  await cluster?.controlPlane.stop()
})

describe('a connector', () => {
  test('that no store uses is deleted', async () => {
    await ml.connector('unused')
    await ml.counted('unused', 0)
    assert.equal(await ml.refusal('serviceconnector', 'unused'), undefined)
    await ml.gone(SERVICE_CONNECTORS, 'unused')
  })

  test('that stores use is not, and the refusal says how many, and the command by which it is', async () => {
    await ml.connector('used')
    await ml.store('one', { connectorRef: { name: 'used' } })
    await ml.counted('used', 1)
    assert.match(
      (await ml.refusal('serviceconnector', 'used')) ?? '',
      /forbidden: .*it is in use by 1 store, which lose/,
    )
    await ml.store('two', { connectorRef: { name: 'used' } })
    await ml.counted('used', 2)
    const refusal = (await ml.refusal('serviceconnector', 'used')) ?? ''
    assert.match(
      refusal,
      /in use by 2 stores, which lose their credentials with it: delete them first, or have them name/,
    )
    await ml.confirm(refusal)
    assert.equal(await ml.refusal('serviceconnector', 'used'), undefined)
    await ml.gone(SERVICE_CONNECTORS, 'used')
  })

  test('is not held up by stores of namespaces that it does not allow', async () => {
    const other = await Deletions.create('other')
    await ml.connector('mine')
    await other.store('refused', { connectorRef: { namespace: 'ml', name: 'mine' } })
    await ml.store('own', { connectorRef: { name: 'mine' } })
    await ml.counted('mine', 1)
    await cluster.client.delete(ARTIFACT_STORES, 'ml', 'own')
    await ml.counted('mine', 0)
    assert.equal(await ml.refusal('serviceconnector', 'mine'), undefined)
  })

  test('is deleted once its stores are', async () => {
    await ml.connector('left')
    await ml.store('leaving', { connectorRef: { name: 'left' } })
    await ml.counted('left', 1)
    await cluster.client.delete(ARTIFACT_STORES, 'ml', 'leaving')
    await ml.counted('left', 0)
    assert.equal(await ml.refusal('serviceconnector', 'left'), undefined)
  })

  test('goes with its owner, by the garbage collector', async () => {
    const owner = await ml.create(CONFIG_MAPS, 'owner', {})
    await ml.connector('owned')
    await ml.store('user', { connectorRef: { name: 'owned' } })
    await ml.counted('owned', 1)
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }
    await cluster.client.jsonPatch(SERVICE_CONNECTORS, { namespace: 'ml', name: 'owned' }, [
      { op: 'add', path: '/metadata/ownerReferences', value: [reference] },
    ])
    await cluster.client.delete(CONFIG_MAPS, 'ml', 'owner')
    await ml.gone(SERVICE_CONNECTORS, 'owned')
  })
})

describe('a store', () => {
  test('without protection is deleted', async () => {
    await ml.store('plain')
    assert.equal(await ml.refusal('artifactstore', 'plain'), undefined)
    await ml.gone(ARTIFACT_STORES, 'plain')
  })

  test('with protection is not, and the refusal has the command by which it is', async () => {
    await ml.store('safe', { deletionProtection: true })
    const refusal = (await ml.refusal('artifactstore', 'safe')) ?? ''
    assert.match(refusal, /forbidden: .*spec\.deletionProtection is set: to delete the store, run "kubectl annotate/)
    assert.equal((await ml.getStore('safe')).metadata.deletionTimestamp, undefined)
    await ml.confirm(refusal)
    assert.equal(await ml.refusal('artifactstore', 'safe'), undefined)
    await ml.gone(ARTIFACT_STORES, 'safe')
  })

  test('with protection is not deleted by the confirmation of another', async () => {
    await ml.store('kept', { deletionProtection: true })
    await ml.kubectl('annotate', 'artifactstore', 'kept', `${CONFIRM_DELETE_ANNOTATION}=safe`)
    assert.match((await ml.refusal('artifactstore', 'kept')) ?? '', /deletionProtection is set/)
  })

  test('with protection is not deleted among all of its namespace', async () => {
    const all = await Deletions.create('all')
    await all.store('safe', { deletionProtection: true })
    const path = `/apis/${ARTIFACT_STORES.apiVersion}/namespaces/all/artifactstores`
    const { status, text } = await cluster.controlPlane.request('DELETE', path)
    assert.equal(status, 403, text)
    assert.match(text, /deletionProtection is set/)
  })

  test('that waits for its end already may be deleted again', async () => {
    await ml.store('going', { deletionProtection: true })
    await until('it has the finalizer', async () => (await ml.getStore('going')).metadata.finalizers?.length === 1)
    await ml.collect(ARTIFACT_STORES, 'going')
    await ml.storeCondition('going', 'Stalled', 'True', 'DeletionProtected')
    assert.equal(await ml.refusal('artifactstore', 'going'), undefined)
  })
})

describe('the default store', () => {
  let namespace: Deletions
  before(async () => {
    namespace = await Deletions.create('defaults')
  })

  test('of a namespace without others is deleted', async () => {
    await namespace.store('only', { default: true })
    await namespace.inUse('only', false)
    assert.equal(await namespace.refusal('artifactstore', 'only'), undefined)
    await namespace.gone(ARTIFACT_STORES, 'only')
  })

  test('of a namespace with others is not, until they are gone', async () => {
    await namespace.store('first', { default: true })
    await namespace.inUse('first', false)
    await namespace.store('second')
    await namespace.inUse('first', true)
    const refusal = (await namespace.refusal('artifactstore', 'first')) ?? ''
    assert.match(refusal, /it is the default store of namespace "defaults", which has other stores: delete those first/)
    await namespace.kubectl('delete', 'artifactstore', 'second')
    await namespace.inUse('first', false)
    assert.equal(await namespace.refusal('artifactstore', 'first'), undefined)
    await namespace.gone(ARTIFACT_STORES, 'first')
  })

  test('may give way to another one, or be confirmed', async () => {
    await namespace.store('one', { default: true })
    await namespace.inUse('one', false)
    // A second one that wants to be the default is none.
    await namespace.store('two', { default: true })
    await namespace.inUse('one', true)
    await namespace.inUse('two', false)
    const refusal = (await namespace.refusal('artifactstore', 'one')) ?? ''
    await namespace.confirm(refusal)
    assert.equal(await namespace.refusal('artifactstore', 'one'), undefined)
    await namespace.gone(ARTIFACT_STORES, 'one')
    await namespace.store('three')
    await namespace.inUse('two', true)
    await cluster.client.jsonPatch(ARTIFACT_STORES, { namespace: 'defaults', name: 'two' }, [
      { op: 'remove', path: '/spec/default' },
    ])
    assert.equal(await namespace.refusal('artifactstore', 'two'), undefined)
  })
})

test('a namespace that is deleted takes along what is refused a deletion in it', async () => {
  const doomed = await Deletions.create('doomed')
  await doomed.connector('aws')
  await doomed.store('default', { default: true, deletionProtection: true })
  await doomed.store('other')
  await doomed.counted('aws', 2)
  await doomed.inUse('default', true)
  assert.notEqual(await doomed.refusal('artifactstore', 'default'), undefined)
  assert.notEqual(await doomed.refusal('serviceconnector', 'aws'), undefined)
  await cluster.client.delete(NAMESPACES, undefined, 'doomed')
  const gone = () => cluster.client.get(NAMESPACES, undefined, 'doomed').then(() => false, isNotFound)
  await until('the namespace is gone', gone, { ms: 60_000 })
})

test('stores are selected by their path and connector', async t => {
  // An API server that has no such fields leaves them out of what it keeps.
  const crd = ['get', 'crd', 'artifactstores.artifactstore.dev', '-o', 'jsonpath={.spec.versions[0].selectableFields}']
  if ((await kubectl(cluster.controlPlane, crd)) === '') {
    return t.skip('this version of Kubernetes has no selectable fields')
  }
  const select = async (selector: string) => {
    const command = ['get', 'artifactstores', '-A', '-o', 'name', '--field-selector', selector]
    const out = await kubectl(cluster.controlPlane, command)
    return out.split('\n').filter(Boolean)
  }
  await ml.store('chosen', { path: 's3://chosen/one', connectorRef: { name: 'theirs', namespace: 'elsewhere' } })
  const wanted = ['artifactstore.artifactstore.dev/chosen']
  for (const selector of [
    'spec.path=s3://chosen/one',
    'spec.connectorRef.name=theirs',
    'spec.connectorRef.namespace=elsewhere,spec.connectorRef.name=theirs',
  ])
    assert.deepEqual(await select(selector), wanted, selector)
  assert.deepEqual(await select('spec.path=s3://chosen/two'), [])
})

// The last one: the policies are gone then, as where nobody may install what is of the cluster.
test('without the policies, what they refuse is accepted, and the operator keeps the store in Terminating', async () => {
  await ml.store('late', { deletionProtection: true })
  await until('it has the finalizer', async () => (await ml.getStore('late')).metadata.finalizers?.length === 1)
  await kubectl(cluster.controlPlane, ['delete', 'validatingadmissionpolicybinding', ...POLICIES])
  await until('nothing is refused', async () => (await dryRun('ml', 'artifactstores', 'late')) === 200)
  assert.equal(await ml.refusal('artifactstore', 'late'), undefined)
  const store = await ml.storeCondition('late', 'Stalled', 'True', 'DeletionProtected')
  assert.ok(store.metadata.deletionTimestamp)
  await ml.kubectl('annotate', 'artifactstore', 'late', '--overwrite', `${CONFIRM_DELETE_ANNOTATION}=late`)
  await ml.gone(ARTIFACT_STORES, 'late')
})
