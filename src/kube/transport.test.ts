import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { inspect } from 'node:util'
import {
  accessTo,
  json,
  reset,
  type ScriptedServer,
  type Step,
  silence,
  startScriptedServer,
  status,
} from '../../test/support/scripted-server.ts'
import type { Credentials } from './credentials.ts'
import { ApiError, TransportError } from './errors.ts'
import {
  createTransport,
  type Request,
  type ResponseRecord,
  type Transport,
  type TransportOptions,
} from './transport.ts'

const GET: Request = { verb: 'get', resource: 'secrets', path: '/api/v1/namespaces/ml/secrets/key' }
const PATCH: Request = { ...GET, verb: 'patch', path: `${GET.path}?fieldManager=x`, body: { kind: 'Secret' } }

describe('transport', () => {
  let server: ScriptedServer
  let transport: Transport
  let waits: number[]
  let records: ResponseRecord[]

  const open = (options: Partial<TransportOptions> = {}): void => {
    transport = createTransport({
      access: server.access,
      onResponse: record => records.push(record),
      random: () => 0.5,
      sleep: async ms => void waits.push(ms),
      ...options,
    })
  }

  beforeEach(async () => {
    server = await startScriptedServer()
    waits = []
    records = []
    open()
  })
  afterEach(async () => {
    await transport.close()
    await server.close()
  })

  const halfABody: Step = ({ response }) => response.writeHead(200, { 'content-length': 100 }).write('{"data":')
  const tooMany = status(429, { reason: 'TooManyRequests', message: 'slow down' }, { 'retry-after': '2' })
  const ok = json({ ok: true })

  const answers: {
    name: string
    request?: Partial<Request>
    script: Step[]
    expect: { value: unknown } | { code: number; message: RegExp } | { transport: RegExp }
    attempts: number
    waits?: number[]
  }[] = [
    { name: 'JSON', script: [ok], expect: { value: { ok: true } }, attempts: 1 },
    {
      name: 'a Status of the API server',
      script: [status(404, { reason: 'NotFound', message: 'secrets "key" not found' })],
      expect: { code: 404, message: /^get \/api\/v1\/namespaces\/ml\/secrets\/key: secrets "key" not found$/ },
      attempts: 1,
    },
    {
      name: 'plain text',
      script: [({ response }) => response.writeHead(404).end('404 page not found\n')],
      expect: { code: 404, message: /secrets\/key: 404 page not found$/ },
      attempts: 1,
    },
    {
      name: 'HTML of a load balancer',
      script: [({ response }) => response.writeHead(502).end('<html>Bad Gateway</html>')],
      expect: { code: 502, message: /secrets\/key: HTTP 502$/ },
      attempts: 1,
    },
    {
      name: 'a redirect, which is not followed with credentials',
      script: [({ response }) => response.writeHead(302, { location: '/elsewhere' }).end()],
      expect: { code: 302, message: /HTTP 302$/ },
      attempts: 1,
    },
    { name: '429 that says when', script: [tooMany, ok], expect: { value: { ok: true } }, attempts: 2, waits: [2500] },
    {
      name: '503 that says when, for a write',
      request: PATCH,
      script: [status(503, {}, { 'retry-after': '0' }), ok],
      expect: { value: { ok: true } },
      attempts: 2,
      waits: [125],
    },
    {
      name: '429 that says when in its details only',
      script: [status(429, { details: { retryAfterSeconds: 1 } }), ok],
      expect: { value: { ok: true } },
      attempts: 2,
      waits: [1250],
    },
    {
      name: '429 that says later than the deadline',
      request: { timeoutMs: 2000 },
      script: [tooMany],
      expect: { code: 429, message: /slow down/ },
      attempts: 1,
    },
    { name: '503 that does not say when', script: [status(503)], expect: { code: 503, message: /503/ }, attempts: 1 },
    {
      name: '500, even if it says when',
      script: [status(500, {}, { 'retry-after': '1' })],
      expect: { code: 500, message: /500/ },
      attempts: 1,
    },
    { name: 'resets of a GET', script: [reset, reset, ok], expect: { value: { ok: true } }, attempts: 3 },
    { name: 'endless resets', script: [reset, reset, reset], expect: { transport: /^get .*: / }, attempts: 3 },
    { name: 'a reset of a write', request: PATCH, script: [reset], expect: { transport: /^patch / }, attempts: 1 },
    {
      name: 'silence',
      request: { timeoutMs: 50 },
      script: [silence],
      expect: { transport: /^get \S+: no answer within 0.05 s$/ },
      attempts: 1,
    },
    {
      name: 'a body that stops in the middle',
      request: { timeoutMs: 50 },
      script: [halfABody],
      expect: { transport: /no answer within 0.05 s$/ },
      attempts: 1,
    },
  ]
  for (const { name, request, script, expect, attempts, waits: expectedWaits = [] } of answers) {
    it(`answer: ${name}`, async () => {
      server.script(...script)
      const answer = transport.send({ ...GET, ...request })
      if ('value' in expect) assert.deepEqual(await answer, expect.value)
      else await assert.rejects(answer, error => matches(error, expect))
      assert.equal(server.requests.length, attempts)
      assert.deepEqual(waits, expectedWaits)
    })
  }

  function matches(error: unknown, expect: { code: number; message: RegExp } | { transport: RegExp }): true {
    if ('code' in expect) {
      assert.ok(error instanceof ApiError, inspect(error))
      assert.equal(error.code, expect.code)
      assert.match(error.message, expect.message)
    } else {
      assert.ok(error instanceof TransportError, inspect(error))
      assert.match(error.message, expect.transport)
    }
    return true
  }

  it('says where nobody listens', async () => {
    const { url } = server
    await server.close()
    await assert.rejects(transport.send(GET), {
      name: 'TransportError',
      code: 'ECONNREFUSED',
      message: `get ${GET.path} at ${url}: connect ECONNREFUSED ${new URL(url).host}`,
    })
    server = await startScriptedServer()
  })

  it('never quotes an answer that it cannot read', async () => {
    server.script(({ response }) => response.end('{"data": "c2VjcmV0" oops'))
    await assert.rejects(transport.send(GET), error => {
      assert.match(String(error), /the answer is no JSON$/)
      assert.doesNotMatch(inspect(error, { depth: 9 }), /c2VjcmV0/)
      return true
    })
  })

  it("rejects with the reason of the caller's signal", async () => {
    server.script(silence)
    const controller = new AbortController()
    const answer = transport.send({ ...GET, signal: controller.signal })
    await server.received(1)
    const reason = new Error('stop')
    controller.abort(reason)
    await assert.rejects(answer, reason)
    await assert.rejects(transport.send({ ...GET, signal: controller.signal }), reason)
    assert.equal(server.requests.length, 1)
  })

  it('does not wait longer for credentials', async () => {
    const hanging = new Promise<Credentials>(() => {})
    open({ access: { ...server.access, credentials: { get: () => hanging, refresh: () => hanging } } })
    await assert.rejects(transport.send({ ...GET, timeoutMs: 50 }), /no answer within 0.05 s$/)
  })

  it('asks the guard before each attempt', async () => {
    server.script(tooMany)
    let asked = 0
    const guard = (): void => {
      if (++asked > 1) throw new TransportError('lost the lead')
    }
    const answer = transport.send({ ...PATCH, guard })
    await assert.rejects(answer, /lost the lead/)
    assert.equal(server.requests.length, 1)
  })

  it('sends what the API server needs to know', async () => {
    open({ access: accessTo(`${server.url}/k8s/clusters/c-1/`, { headers: { authorization: 'Bearer t' } }) })
    server.script(ok)
    await transport.send({ ...PATCH, contentType: 'application/json-patch+json' })
    const [request] = server.requests
    assert.equal(request?.method, 'PATCH')
    assert.equal(request.path, `/k8s/clusters/c-1${GET.path}`)
    assert.equal(request.query.get('fieldManager'), 'x')
    assert.equal(request.body, '{"kind":"Secret"}')
    assert.equal(request.headers['content-type'], 'application/json-patch+json')
    assert.equal(request.headers.accept, 'application/json')
    assert.equal(request.headers.authorization, 'Bearer t')
    assert.equal(request.headers['user-agent'], 'artifact-store-operator')
  })

  it('reports each attempt', async () => {
    const last = Promise.withResolvers<void>()
    open({
      onResponse(record) {
        if (records.push(record) === 4) last.resolve()
      },
    })
    server.script(tooMany, reset, ok, halfABody)
    await transport.send(GET)
    await assert.rejects(transport.send({ ...PATCH, timeoutMs: 50 }))
    await last.promise
    const seen = records.map(({ verb, resource, code }) => [verb, resource, code])
    assert.deepEqual(seen, [
      ['get', 'secrets', 429],
      ['get', 'secrets', 0],
      ['get', 'secrets', 200],
      ['patch', 'secrets', 200],
    ])
    assert.ok(records.every(({ durationMs }) => durationMs > 0))
    assert.deepEqual(
      records.map(({ serverMs }) => serverMs !== undefined && serverMs % 1000 === 0),
      [true, false, true, true],
      'each answer tells the time',
    )
  })

  describe('after a 401', () => {
    const old: Credentials = { headers: { authorization: 'Bearer old' }, tls: {} }
    const unauthorized = status(401, { reason: 'Unauthorized', message: 'Unauthorized' })

    const withRefresh = (fresh: Credentials): void =>
      open({ access: { ...server.access, credentials: { get: async () => old, refresh: async () => fresh } } })

    it('retries once with fresh credentials, also a write', async () => {
      withRefresh({ headers: { authorization: 'Bearer new' }, tls: {} })
      server.script(unauthorized, ok)
      assert.deepEqual(await transport.send(PATCH), { ok: true })
      assert.deepEqual(
        server.requests.map(({ headers }) => headers.authorization),
        ['Bearer old', 'Bearer new'],
      )
    })

    it('gives up when they are refused as well', async () => {
      withRefresh({ headers: { authorization: 'Bearer new' }, tls: {} })
      server.script(unauthorized, unauthorized)
      await assert.rejects(transport.send(GET), { name: 'ApiError', code: 401 })
      assert.equal(server.requests.length, 2)
    })

    it('gives up when there are no others', async () => {
      withRefresh(old)
      server.script(unauthorized)
      await assert.rejects(transport.send(GET), { name: 'ApiError', code: 401 })
      assert.equal(server.requests.length, 1)
    })
  })

  it('gives up a watch that is not answered', async () => {
    server.script(silence)
    const { signal } = new AbortController()
    await assert.rejects(transport.stream({ ...GET, verb: 'watch', timeoutMs: 50, signal }), /no answer within 0.05 s/)
  })
})
