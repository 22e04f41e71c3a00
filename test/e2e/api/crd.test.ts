/** The CRDs at a real API server: what it accepts, what it refuses, and in which words. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { API_VERSION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES, resourcePath, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts'
import type { Answer } from '../../cluster/https.ts'
import { type Case, isSaid, serverWords } from './crd-cases.ts'
import { azureCases } from './crd-cases-azure.ts'
import { connectorCases } from './crd-cases-connector.ts'
import { expirationCases, lendingCases } from './crd-cases-consent.ts'
import { consumerCases } from './crd-cases-consumers.ts'
import { storeCases } from './crd-cases-store.ts'

const RESOURCES = { ServiceConnector: SERVICE_CONNECTORS, ArtifactStore: ARTIFACT_STORES }
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const FILES = Object.values(RESOURCES).map(({ plural }) =>
  fileURLToPath(new URL(`../../../crds/artifactstore.dev_${plural}.yaml`, import.meta.url)),
)

/** The namespace of the objects that tests keep; on an existing cluster it is deleted with them. */
const NAMESPACE = `crd-${randomUUID()}`

let controlPlane: ControlPlane

before(async () => {
  controlPlane = await startControlPlane({ crds: FILES, controllers: false })
  await call('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } })
})

after(async () => {
  if (!controlPlane) return
  await call('DELETE', `/api/v1/namespaces/${NAMESPACE}`)
  await controlPlane.stop()
})

const call = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => controlPlane.request(method, path, body, headers)

const apply = (path: string, body: unknown) =>
  controlPlane.request('PATCH', `${path}?fieldManager=test&force=true`, body, {
    'content-type': 'application/apply-patch+yaml',
  })

const object = (kind: Case['kind'], spec: object, name = `case-${randomUUID()}`) => ({
  apiVersion: API_VERSION,
  kind,
  metadata: { name, namespace: NAMESPACE },
  spec,
})

const create = (kind: Case['kind'], body: object, query = '') =>
  call('POST', `${resourcePath(RESOURCES[kind], NAMESPACE)}${query}`, body)

/** Creates or updates the object of a case, without keeping the result. */
async function submit({ kind, spec, before: old, objectName }: Case): Promise<Answer> {
  if (!old) return create(kind, object(kind, spec, objectName), '?dryRun=All')
  const created = await create(kind, object(kind, old))
  assert.equal(created.status, 201, created.json.message)
  const { name } = created.json.metadata
  return call('PUT', `${resourcePath(RESOURCES[kind], NAMESPACE, name)}?dryRun=All`, { ...created.json, spec })
}

for (const [kind, cases] of Object.entries({
  ServiceConnector: [...connectorCases, ...azureCases, ...lendingCases],
  ArtifactStore: [...storeCases, ...expirationCases, ...consumerCases],
})) {
  suite(`API server and ${kind}`, () => {
    for (const row of cases) {
      test(`${row.refused ? 'refuses' : 'accepts'}${row.before ? ' a change' : ''}: ${row.name}`, async () => {
        const { status, json: body } = await submit(row)
        if (!row.refused) return assert.ok(status < 300, body.message)
        const words = serverWords(row.refused)
        assert.equal(status, 422, `was accepted, or failed otherwise: ${body.message}`)
        assert.ok(isSaid(body.message, words), `${body.message}\nlacks: ${words}`)
      })
    }
  })
}

const STORE = { path: 's3://mlx/prod', connectorRef: { name: 'aws' } }

suite('CRD', () => {
  for (const plural of ['serviceconnectors', 'artifactstores']) {
    test(`${plural} is structural and has its names`, async () => {
      const { json: body } = await call('GET', `${CRDS}/${plural}.artifactstore.dev`)
      const bad = body.status.conditions.filter(
        ({ type, status }: { type: string; status: string }) =>
          (type === 'NonStructuralSchema' && status === 'True') || (type === 'NamesAccepted' && status !== 'True'),
      )
      assert.deepEqual(bad, [])
    })
  }

  test('no default is written into a spec, and a fresh object is in progress for kstatus', async () => {
    const { json: body } = await create('ArtifactStore', object('ArtifactStore', STORE))
    assert.deepEqual(body.spec, STORE)
    assert.deepEqual(body.status, { observedGeneration: -1 })
    assert.equal(body.metadata.generation, 1)
  })

  test('status is a subresource, merges conditions by type and leaves the generation alone', async () => {
    const { json: created } = await create('ArtifactStore', object('ArtifactStore', STORE))
    const condition = { type: 'Ready', status: 'True', reason: 'Verified', message: '', observedGeneration: 1 }
    const { apiVersion, kind, metadata } = created
    const { status, json: body } = await apply(`${resourcePath(ARTIFACT_STORES, NAMESPACE, metadata.name)}/status`, {
      apiVersion,
      kind,
      metadata: { name: metadata.name },
      status: {
        observedGeneration: 1,
        conditions: [{ ...condition, lastTransitionTime: '2026-01-31T08:00:00Z' }],
        expiresAt: '2126-01-31T08:00:00Z',
        credentials: [{ name: 'step', namespace: NAMESPACE, secretName: 'a' }],
        permissions: [{ action: 's3:GetObject', result: 'Allowed' }],
      },
    })
    assert.equal(status, 200, body.message)
    assert.equal(body.metadata.generation, 1)
    assert.equal(body.status.observedGeneration, 1)
  })

  test('status refuses a type twice and an unknown result', async () => {
    const { json: created } = await create('ArtifactStore', object('ArtifactStore', STORE))
    const permission = { action: 's3:GetObject', result: 'Perhaps' }
    const condition = { type: 'Ready', status: 'True', reason: 'Verified', message: '' }
    const twice = Array.from({ length: 2 }, () => ({ ...condition, lastTransitionTime: '2026-01-31T08:00:00Z' }))
    const { status, json: body } = await call(
      'PUT',
      `${resourcePath(ARTIFACT_STORES, NAMESPACE, created.metadata.name)}/status`,
      { ...created, status: { conditions: twice, permissions: [permission] } },
    )
    assert.equal(status, 422)
    assert.match(body.message, /Duplicate value/)
    assert.match(body.message, /Unsupported value: "Perhaps"/)
  })

  test('its table in kubectl shows first whether a store is Ready, and why not', async () => {
    const store = object('ArtifactStore', STORE)
    const { json: created } = await create('ArtifactStore', store)
    const path = resourcePath(ARTIFACT_STORES, NAMESPACE, store.metadata.name)
    await call('PUT', `${path}/status`, {
      ...created,
      status: {
        expiresAt: '2126-01-31T08:00:00Z',
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'BucketNotFound',
            message: '',
            lastTransitionTime: '2026-01-31T08:00:00Z',
          },
        ],
      },
    })
    const { json: body } = await call('GET', path, undefined, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    })
    const columns = body.columnDefinitions as { name: string; priority: number }[]
    const titles = columns.flatMap(({ name, priority }) => (priority === 0 ? [name] : []))
    assert.deepEqual(titles, ['Name', 'Ready', 'Path', 'Connector', 'Expires', 'Reason', 'Age'])
    assert.deepEqual(
      columns.flatMap(({ name, priority }) => (priority === 1 ? [name] : [])),
      ['Display name'],
    )
    assert.deepEqual(body.rows[0].cells.slice(0, 6), [
      store.metadata.name,
      'False',
      's3://mlx/prod',
      'aws',
      '2126-01-31T08:00:00Z',
      'BucketNotFound',
    ])
  })
})
