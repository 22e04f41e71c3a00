/** How a status is written, in front of a real API server. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ArtifactStore } from '../../../src/api/artifact-store.ts'
import { API_VERSION } from '../../../src/api/names.ts'
import type { Client } from '../../../src/kube/client.ts'
import { isInvalid } from '../../../src/kube/errors.ts'
import { createClient } from '../../../src/kube/kube-client.ts'
import { loadKubeConfig } from '../../../src/kube/kubeconfig.ts'
import { ARTIFACT_STORES } from '../../../src/kube/resource.ts'
import { createTransport, type ResponseRecord, type Transport } from '../../../src/kube/transport.ts'
import { statusPatch } from '../../../src/runtime/status.ts'
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

const create = () =>
  client.create<ArtifactStore>(ARTIFACT_STORES, {
    ...{ apiVersion: API_VERSION, kind: 'ArtifactStore', metadata: { name: 'prod', namespace: 'default' } },
    spec: { path: 's3://bucket', connectorRef: { name: 'minio' } },
  })
const STATUS = { observedGeneration: 1, bucket: { name: 'bucket', prefix: '' } }
const write = (uid: string) =>
  client.jsonPatch<ArtifactStore>(ARTIFACT_STORES, { namespace: 'default', name: 'prod' }, statusPatch(uid, STATUS), {
    subresource: 'status',
  })

test('a store that was made anew does not get the status of the one before it', async () => {
  const first = await create()
  await client.delete(ARTIFACT_STORES, 'default', 'prod')
  const second = await create()
  await assert.rejects(write(first.metadata.uid), isInvalid)
  const { status } = await client.get<ArtifactStore>(ARTIFACT_STORES, 'default', 'prod')
  assert.deepEqual(status, second.status, 'as it was made')
  records.length = 0
  const written = await write(second.metadata.uid)
  assert.deepEqual(written.status, STATUS)
  assert.deepEqual(
    records.map(({ verb, resource }) => `${verb} ${resource}`),
    ['patch artifactstores/status'],
    'one call checks and writes',
  )
})
