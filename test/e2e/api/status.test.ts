/** How a status is written, in front of a real API server. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ArtifactStore, ArtifactStoreStatus } from '../../../src/api/artifact-store.ts'
import { API_VERSION } from '../../../src/api/names.ts'
import type { Client } from '../../../src/kube/client.ts'
import { isConflict, isFailedTest } from '../../../src/kube/errors.ts'
import { createClient } from '../../../src/kube/kube-client.ts'
import { loadKubeConfig } from '../../../src/kube/kubeconfig.ts'
import { ARTIFACT_STORES, CONFIG_MAPS, resourcePath } from '../../../src/kube/resource.ts'
import { createTransport, type ResponseRecord, type Transport } from '../../../src/kube/transport.ts'
import { statusPatch } from '../../../src/runtime/status.ts'
import { createStatusWriter } from '../../../src/runtime/status-writer.ts'
import { noTracer } from '../../../src/telemetry/tracer.ts'
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts'
import { CRDS } from '../../support/installation.ts'

let controlPlane: ControlPlane
let transport: Transport
let client: Client
const records: ResponseRecord[] = []
before(async () => {
  controlPlane = await startControlPlane({ crds: CRDS })
  const access = loadKubeConfig({ kubeconfig: controlPlane.kubeconfig })
  transport = createTransport({ access, onResponse: record => records.push(record) })
  client = createClient(transport)
})
after(async () => {
  await transport?.close()
  await controlPlane?.stop()
})

const create = (name = 'prod') =>
  client.create<ArtifactStore>(ARTIFACT_STORES, {
    ...{ apiVersion: API_VERSION, kind: 'ArtifactStore', metadata: { name, namespace: 'default' } },
    spec: { path: 's3://bucket', connectorRef: { name: 'minio' } },
  })
const STATUS = { observedGeneration: 1, bucket: { name: 'bucket', prefix: '' } }
const write = ({ metadata }: Pick<ArtifactStore, 'metadata'>, status: ArtifactStoreStatus = STATUS) =>
  client.replaceStatus<ArtifactStore>(ARTIFACT_STORES, metadata, status)
/** What is written after a conflict. */
const over = (
  metadata: ArtifactStore['metadata'],
  seen: ArtifactStoreStatus | undefined,
  status: ArtifactStoreStatus,
) =>
  client.jsonPatch<ArtifactStore>(ARTIFACT_STORES, metadata, statusPatch(metadata.uid, seen, status), {
    subresource: 'status',
  })
const read = () => client.get<ArtifactStore>(ARTIFACT_STORES, 'default', 'prod')

test('a store that was made anew does not get the status of the one before it', async () => {
  const first = await create()
  await client.delete(ARTIFACT_STORES, 'default', 'prod')
  const second = await create()
  await assert.rejects(write({ metadata: { ...second.metadata, uid: first.metadata.uid } }), isConflict)
  const { status } = await read()
  assert.deepEqual(status, second.status, 'as it was made')
  records.length = 0
  const written = await write(second)
  assert.deepEqual(written.status, STATUS)
  assert.deepEqual(
    records.map(({ verb, resource }) => `${verb} ${resource}`),
    ['update artifactstores/status'],
    'one call checks and writes',
  )
})

/** The object once the operator has written its status, which it does in another way before Kubernetes 1.36. */
async function written(known: ArtifactStore): Promise<ArtifactStore> {
  let after: ArtifactStore | undefined
  const write = createStatusWriter<ArtifactStoreStatus, ArtifactStore>({
    ...{ resource: ARTIFACT_STORES, client, recorder: { record: () => {} }, tracer: noTracer },
    informer: {
      cache: { get: () => known },
      observe(object) {
        after = object
        return true
      },
    },
  })
  await write(known, STATUS, new AbortController().signal)
  return after ?? assert.fail('nothing was written')
}

test('a status takes nothing from an object but its status, and leaves what others own to them', async () => {
  // The garbage collector deletes what has an owner that is not there.
  const owner = await client.create(CONFIG_MAPS, {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'root', namespace: 'default' } },
  })
  const path = `${resourcePath(ARTIFACT_STORES, 'default', 'owned')}?fieldManager=gitops`
  const { status: code } = await controlPlane.request(
    'PATCH',
    path,
    {
      ...{ apiVersion: API_VERSION, kind: 'ArtifactStore' },
      metadata: {
        name: 'owned',
        labels: { team: 'ml' },
        annotations: { 'example.com/ticket': '7' },
        finalizers: ['example.com/audit'],
        ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'root', uid: owner.metadata.uid }],
      },
      spec: { path: 's3://bucket/owned', connectorRef: { name: 'minio' }, displayName: 'Models' },
    },
    { 'content-type': 'application/apply-patch+yaml' },
  )
  assert.equal(code, 201)
  const before = await client.get<ArtifactStore>(ARTIFACT_STORES, 'default', 'owned')
  const after = await written(before)
  const withoutOurs = ({ metadata, spec }: ArtifactStore & { metadata: { managedFields?: { manager: string }[] } }) => {
    const { resourceVersion: _, managedFields = [], ...rest } = metadata
    return { ...rest, spec, managedFields: managedFields.filter(({ manager }) => manager === 'gitops') }
  }
  assert.deepEqual(withoutOurs(after), withoutOurs(before))
  assert.deepEqual(after.status, STATUS)
})

/** Owners of fields, as far as this test reads them. */
interface Owned {
  'f:status'?: { 'f:conditions'?: object }
}

const condition = (type: string) => ({
  ...{ type, status: 'True' as const, reason: 'Fine', message: '' },
  lastTransitionTime: '2030-01-01T00:00:00Z',
})

test('a status is not written over a condition that somebody else has just written', async () => {
  const known = await read()
  const { status: code } = await controlPlane.request(
    'PATCH',
    `${resourcePath(ARTIFACT_STORES, 'default', 'prod')}/status?fieldManager=auditor`,
    { ...{ apiVersion: API_VERSION, kind: 'ArtifactStore' }, status: { conditions: [condition('Audited')] } },
    { 'content-type': 'application/apply-patch+yaml' },
  )
  assert.equal(code, 200)
  await assert.rejects(write(known), isConflict)
  assert.deepEqual(
    (await read()).status?.conditions?.map(({ type }) => type),
    ['Audited'],
  )
})

test('the API server notes who owns which condition, and nothing of their parts', async () => {
  const conditions = [condition('Ready'), condition('Audited')]
  const written = await write(await read(), { ...STATUS, conditions })
  const { managedFields = [] } = written.metadata as { managedFields?: { manager: string; fieldsV1: Owned }[] }
  const owned = (by: string) =>
    managedFields.flatMap(({ manager, fieldsV1 }) =>
      manager === by ? Object.entries(fieldsV1['f:status']?.['f:conditions'] ?? {}) : [],
    )
  assert.deepEqual(owned('artifact-store-operator'), [['k:{"type":"Ready"}', {}]])
  assert.deepEqual(owned('auditor'), [['k:{"type":"Audited"}', {}]])
})

test('a status is written over a change of annotations, but of conditions only where they are as they were seen', async () => {
  const [known] = [await read(), await write(await read(), { ...STATUS, observedGeneration: 2 })]
  const { metadata } = known
  await assert.rejects(over(metadata, known.status, STATUS), isFailedTest, 'the write above took a condition away')
  const conditions = [condition('Ready')]
  const written = await over(metadata, STATUS, { ...STATUS, conditions })
  assert.deepEqual(written.status?.conditions, conditions)
  assert.deepEqual((await over(metadata, written.status, STATUS)).status, STATUS)
})

test('the first status is written over a change of annotations, too', async () => {
  // A patch can test what is in a status that is there: the default of the CRD has one there.
  const { metadata, status } = await create('fresh')
  await client.jsonPatch(ARTIFACT_STORES, metadata, [
    { op: 'add', path: '/metadata/annotations', value: { 'example.com/ticket': '7' } },
  ])
  await assert.rejects(write({ metadata }), isConflict)
  assert.deepEqual((await over(metadata, status, STATUS)).status, STATUS)
})
