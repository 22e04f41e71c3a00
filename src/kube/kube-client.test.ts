import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { json, type ScriptedServer, startScriptedServer, status } from '../../test/support/scripted-server.ts'
import type { KubeObject } from '../api/object.ts'
import type { Client, WatchEvent } from './client.ts'
import { isConflict, isGone, TransportError } from './errors.ts'
import { createClient } from './kube-client.ts'
import { ARTIFACT_STORES, LEASES, NAMESPACES, SECRETS } from './resource.ts'
import { createTransport, type Transport } from './transport.ts'

const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'key', namespace: 'ml', uid: 'u', resourceVersion: '7' },
}
const PARTIAL = { ...SECRET, apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' }
const MANAGER = 'fieldManager=artifact-store-operator'
const BY_METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'

describe('client', () => {
  let server: ScriptedServer
  let transport: Transport
  let client: Client

  beforeEach(async () => {
    server = await startScriptedServer()
    transport = createTransport({ access: server.access })
    client = createClient(transport)
  })
  afterEach(async () => {
    await transport.close()
    await server.close()
  })

  const SECRETS_PATH = '/api/v1/namespaces/ml/secrets'
  const calls: {
    name: string
    call: (client: Client) => Promise<unknown>
    request: string
    accept?: string
    contentType?: string
    body?: object
    answer?: object
    result?: unknown
  }[] = [
    { name: 'get', call: c => c.get(SECRETS, 'ml', 'key'), request: `GET ${SECRETS_PATH}/key`, result: SECRET },
    {
      name: 'get of metadata',
      call: c => c.get(SECRETS, 'ml', 'key', { metadataOnly: true }),
      request: `GET ${SECRETS_PATH}/key`,
      accept: BY_METADATA,
      answer: PARTIAL,
      result: SECRET,
    },
    {
      name: 'get of what belongs to no namespace',
      call: c => c.get(NAMESPACES, undefined, 'ml'),
      request: 'GET /api/v1/namespaces/ml',
    },
    {
      name: 'list of a page',
      call: c => c.list(SECRETS, 'ml', { labelSelector: 'a=b,c', fieldSelector: 'type=x', limit: 2, continue: 't+/=' }),
      request: `GET ${SECRETS_PATH}?labelSelector=a%3Db%2Cc&fieldSelector=type%3Dx&limit=2&continue=t%2B%2F%3D`,
      answer: { metadata: { resourceVersion: '9', continue: 'more' }, items: [{ metadata: SECRET.metadata }] },
      result: { items: [SECRET], resourceVersion: '9', continue: 'more' },
    },
    {
      name: 'list of the metadata of all namespaces, empty',
      call: c =>
        c.list(SECRETS, undefined, { metadataOnly: true, resourceVersion: '0', resourceVersionMatch: 'NotOlderThan' }),
      request: 'GET /api/v1/secrets?resourceVersion=0&resourceVersionMatch=NotOlderThan',
      accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      answer: { metadata: { resourceVersion: '9', continue: '' }, items: null },
      result: { items: [], resourceVersion: '9' },
    },
    {
      name: 'list of which only a part is kept',
      call: c => c.list(SECRETS, 'ml', { keep: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }) }),
      request: `GET ${SECRETS_PATH}`,
      answer: { metadata: { resourceVersion: '9' }, items: [{ metadata: SECRET.metadata, data: { key: 'aHVzaA==' } }] },
      result: { items: [SECRET], resourceVersion: '9' },
    },
    {
      name: 'create',
      call: c => c.create(SECRETS, SECRET),
      request: `POST ${SECRETS_PATH}?${MANAGER}`,
      contentType: 'application/json',
      body: SECRET,
      result: SECRET,
    },
    {
      name: 'replace',
      call: c => c.replace(LEASES, { ...SECRET, apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' }),
      request: `PUT /apis/coordination.k8s.io/v1/namespaces/ml/leases/key?${MANAGER}`,
      contentType: 'application/json',
      body: { ...SECRET, apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
    },
    {
      name: 'replace of a status',
      call: c =>
        c.replaceStatus(
          ARTIFACT_STORES,
          { namespace: 'ml', name: 'prod', uid: 'u', resourceVersion: '7' },
          { observedGeneration: 1 },
        ),
      request: `PUT /apis/artifactstore.dev/v1alpha1/namespaces/ml/artifactstores/prod/status?${MANAGER}`,
      contentType: 'application/json',
      body: {
        ...{ apiVersion: 'artifactstore.dev/v1alpha1', kind: 'ArtifactStore' },
        metadata: { name: 'prod', namespace: 'ml', uid: 'u', resourceVersion: '7' },
        status: { observedGeneration: 1 },
      },
    },
    {
      name: 'JSON patch',
      call: c =>
        c.jsonPatch(SECRETS, { namespace: 'ml', name: 'key' }, [{ op: 'remove', path: '/metadata/finalizers/0' }]),
      request: `PATCH ${SECRETS_PATH}/key?${MANAGER}`,
      contentType: 'application/json-patch+json',
      body: [{ op: 'remove', path: '/metadata/finalizers/0' }],
    },
    {
      name: 'JSON patch of status',
      call: c =>
        c.jsonPatch(ARTIFACT_STORES, { namespace: 'ml', name: 'prod' }, [{ op: 'add', path: '/status', value: {} }], {
          subresource: 'status',
        }),
      request: `PATCH /apis/artifactstore.dev/v1alpha1/namespaces/ml/artifactstores/prod/status?${MANAGER}`,
      contentType: 'application/json-patch+json',
      body: [{ op: 'add', path: '/status', value: {} }],
    },
    {
      name: 'delete of this very object',
      call: c => c.delete(SECRETS, 'ml', 'key', { uid: 'u', resourceVersion: '7' }),
      request: `DELETE ${SECRETS_PATH}/key`,
      contentType: 'application/json',
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u', resourceVersion: '7' } },
    },
    {
      name: 'token',
      call: c => c.createToken('ml', 'pipeline', { audiences: ['sts'], expirationSeconds: 600 }),
      request: 'POST /api/v1/namespaces/ml/serviceaccounts/pipeline/token',
      contentType: 'application/json',
      body: {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: ['sts'], expirationSeconds: 600 },
      },
      answer: { status: { token: 'jwt', expirationTimestamp: '2030-01-01T00:00:00Z' } },
      result: { token: 'jwt', expiresAt: new Date('2030-01-01T00:00:00Z') },
    },
    {
      name: 'raw',
      call: c => c.raw('/version?x=1'),
      request: 'GET /version?x=1',
      answer: { minor: '36' },
      result: { minor: '36' },
    },
  ]
  for (const { name, call, request, accept = 'application/json', contentType, body, answer, result } of calls) {
    it(`sends: ${name}`, async () => {
      server.script(json(answer ?? SECRET))
      const got = await call(client)
      const [sent] = server.requests
      assert.ok(sent)
      assert.equal(`${sent.method} ${sent.path}${sent.query.size > 0 ? `?${sent.query}` : ''}`, request)
      assert.equal(sent.headers.accept, accept)
      assert.equal(sent.headers['content-type'], contentType)
      assert.deepEqual(sent.body ? JSON.parse(sent.body) : undefined, body)
      if (result !== undefined) assert.deepEqual(got, result)
    })
  }

  it('tells a conflict', async () => {
    server.script(status(409, { reason: 'Conflict' }))
    await assert.rejects(client.create(SECRETS, SECRET), isConflict)
  })

  describe('without the lead', () => {
    const writes: [string, (client: Client) => Promise<unknown>][] = [
      ['create', c => c.create(SECRETS, SECRET)],
      ['replace', c => c.replace(SECRETS, SECRET)],
      ['replaceStatus', c => c.replaceStatus(ARTIFACT_STORES, { namespace: 'ml', name: 'prod' } as never, {})],
      ['jsonPatch', c => c.jsonPatch(SECRETS, { namespace: 'ml', name: 'key' }, [])],
      ['delete', c => c.delete(SECRETS, 'ml', 'key')],
    ]
    for (const [name, write] of writes) {
      it(`does not send: ${name}`, async () => {
        const gated = createClient(transport, { mayWrite: () => false })
        await assert.rejects(write(gated), error => {
          assert.ok(error instanceof TransportError)
          assert.match(error.message, /: not sent: this replica does not have the lead$/)
          return true
        })
        assert.equal(server.requests.length, 0)
      })
    }

    it('reads, and leaves other clients of the transport alone', async () => {
      const gated = createClient(transport, { mayWrite: () => false })
      server.script(json(SECRET), json(SECRET))
      await gated.get(SECRETS, 'ml', 'key')
      await client.replace(SECRETS, SECRET)
      assert.equal(server.requests.length, 2)
    })

    it('drops a write that waits for its retry', async () => {
      let leads = true
      const gated = createClient(transport, { mayWrite: () => leads })
      server.script(exchange => {
        leads = false
        status(429, {}, { 'retry-after': '0' })(exchange)
      })
      await assert.rejects(gated.create(SECRETS, SECRET), /does not have the lead/)
      assert.equal(server.requests.length, 1)
    })
  })

  describe('watch', () => {
    const added = `${JSON.stringify({ type: 'ADDED', object: { ...PARTIAL, note: '✓' } })}\n`
    const stop = new AbortController()
    const watch = (signal = stop.signal): AsyncIterable<WatchEvent<KubeObject>> =>
      client.watch(SECRETS, undefined, {
        resourceVersion: '7',
        labelSelector: 'a=b',
        metadataOnly: true,
        timeoutSeconds: 300,
        idleTimeoutMs: 5000,
        signal,
      })

    async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
      const all: T[] = []
      for await (const event of events) all.push(event)
      return all
    }

    it('yields events until the server ends it', async () => {
      server.script(({ response }) => {
        const bytes = Buffer.from(added)
        response.write(bytes.subarray(0, bytes.length - 6)) // ends inside the check mark
        setImmediate(() => response.end(bytes.subarray(bytes.length - 6)))
      })
      const events = await collect(watch())
      assert.deepEqual(events, [{ type: 'ADDED', object: { ...SECRET, note: '✓' } }])
      const [request] = server.requests
      assert.equal(
        `${request?.path}?${request?.query}`,
        '/api/v1/secrets?watch=1&allowWatchBookmarks=true&resourceVersion=7&labelSelector=a%3Db&timeoutSeconds=300',
      )
      assert.equal(request?.headers.accept, BY_METADATA)
    })

    it('rejects when its version is gone', async () => {
      server.script(status(410, { reason: 'Expired', message: 'too old resource version' }))
      await assert.rejects(collect(watch()), isGone)
    })

    it('rejects when the connection breaks', async () => {
      server.script(({ response }) => {
        response.write(added, () => response.socket?.resetAndDestroy())
      })
      await assert.rejects(collect(watch()), { name: 'TransportError' })
    })

    it("ends with the signal's reason, long after it was opened", async () => {
      const controller = new AbortController()
      const reason = new Error('stop')
      server.script(({ response }) => response.write(added))
      const consume = async (): Promise<void> => {
        for await (const _ of watch(controller.signal)) controller.abort(reason)
      }
      await assert.rejects(consume(), reason)
    })

    it('closes its connection when the consumer stops', async () => {
      const closed = Promise.withResolvers<void>()
      server.script(({ response }) => {
        response.on('close', closed.resolve)
        response.write(added)
      })
      for await (const _ of watch()) break
      await closed.promise
    })
  })
})
