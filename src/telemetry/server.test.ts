import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseAddress, type ServerOptions, startServer } from './server.ts'

async function setUp(context: TestContext, options: Partial<ServerOptions> = {}) {
  const server = await startServer({
    address: '127.0.0.1:0',
    ready: () => true,
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: [Buffer.from('up'), Buffer.from(' 1\n')] }),
    ...options,
  })
  context.after(() => server.close())
  return async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init)
    return { status: response.status, body: await response.text(), headers: response.headers }
  }
}

for (const { path, method = 'GET', status, body } of [
  { path: '/healthz', status: 200, body: 'ok\n' },
  { path: '/healthz?verbose', status: 200, body: 'ok\n' },
  { path: '/readyz', status: 200, body: 'ok\n' },
  { path: '/metrics', status: 200, body: 'up 1\n' },
  { path: '/healthz', method: 'HEAD', status: 200, body: '' },
  { path: '/', status: 404, body: 'not found; there is /healthz, /readyz and /metrics\n' },
  { path: '/debug/pprof', status: 404, body: 'not found; there is /healthz, /readyz and /metrics\n' },
  { path: '/healthz', method: 'POST', status: 405, body: 'only GET and HEAD\n' },
  { path: '/metrics', method: 'DELETE', status: 405, body: 'only GET and HEAD\n' },
]) {
  test(`${method} ${path} answers ${status}`, async context => {
    const request = await setUp(context)
    const answer = await request(path, { method })
    assert.deepEqual([answer.status, answer.body], [status, body])
  })
}

test('metrics come with their content type', async context => {
  const request = await setUp(context)
  assert.equal((await request('/metrics')).headers.get('content-type'), 'text/plain; version=0.0.4')
})

test('a process that is not ready answers 503 and says why', async context => {
  const request = await setUp(context, { ready: () => 'waiting for the caches of secrets' })
  assert.deepEqual(await statusAndBody(request), [503, 'waiting for the caches of secrets\n'])
})

async function statusAndBody(request: (path: string) => Promise<{ status: number; body: string }>) {
  const { status, body } = await request('/readyz')
  return [status, body]
}

test('notes come after the state, and make nobody unready', async context => {
  const notes = () => ['CRD a is older', 'CRD b is not installed']
  const well = await setUp(context, { notes })
  assert.deepEqual(await statusAndBody(well), [200, 'ok\nCRD a is older\nCRD b is not installed\n'])
  const waiting = await setUp(context, { notes, ready: () => 'waiting' })
  assert.deepEqual(await statusAndBody(waiting), [503, 'waiting\nCRD a is older\nCRD b is not installed\n'])
})

test('metrics that fail answer 500, and the probes go on', async context => {
  const request = await setUp(context, {
    metrics: async () => {
      throw new Error('broken')
    },
  })
  assert.equal((await request('/metrics')).status, 500)
  assert.equal((await request('/healthz')).status, 200)
})

test('who takes an answer too slowly loses it, so that answers don’t pile up in memory', async context => {
  const body = Buffer.alloc(64 * 2 ** 20, 'x')
  const metrics = async () => ({ contentType: 'text/plain', body: [body] })
  const server = await startServer({ address: '127.0.0.1:0', ready: () => true, metrics, answerMs: 50 })
  context.after(() => server.close())
  const socket = connect(server.port, '127.0.0.1')
  socket.write('GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n')
  let taken = 0
  const take = async () => {
    for await (const chunk of socket) {
      taken += (chunk as Buffer).length
      await sleep(5)
    }
  }
  await take().catch(({ code }: NodeJS.ErrnoException) => assert.equal(code, 'ECONNRESET'))
  assert.ok(taken < body.length)
})

test('an address in use is refused', async context => {
  const first = await startServer({ address: '127.0.0.1:0', ready: () => true, metrics: () => assert.fail() })
  context.after(() => first.close())
  const second = startServer({ address: `127.0.0.1:${first.port}`, ready: () => true, metrics: () => assert.fail() })
  await assert.rejects(second, /EADDRINUSE/)
})

for (const { address, want } of [
  { address: ':8080', want: { host: undefined, port: 8080 } },
  { address: '127.0.0.1:0', want: { host: '127.0.0.1', port: 0 } },
  { address: '[::1]:8080', want: { host: '::1', port: 8080 } },
  { address: 'localhost:8080', want: { host: 'localhost', port: 8080 } },
]) {
  test(`the address ${address} is parsed`, () => assert.deepEqual(parseAddress(address), want))
}

for (const address of ['', '8080', 'localhost', ':70000', '::1:8080', 'a:b', ':-1']) {
  test(`"${address}" is refused as an address`, () => assert.throws(() => parseAddress(address), RangeError))
}
