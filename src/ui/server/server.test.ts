/** The server on a real socket, as browsers and others call it. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { connector, store } from '../../../test/support/objects.ts'
import { until } from '../../../test/support/until.ts'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { keyOf } from '../../api/object.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import type { Change } from '../contract.ts'
import { Calls } from './calls.ts'
import { Door } from './door.ts'
import { pageOf } from './page.ts'
import { type Serving, serve, TIMES } from './server.ts'
import { Streams } from './stream.ts'
import type { Watched } from './watched.ts'

const TOKEN = 'the-token'
const PAGE = { 'index.html': '<!doctype html>', 'assets/page.js': 'let x = 1' }
const base64 = Object.fromEntries(Object.entries(PAGE).map(([path, content]) => [path, btoa(content)]))

const stores = new Map<string, ArtifactStore>([['ml/prod', store()]])
const watched: Watched = {
  connectors: () => [connector()],
  stores: () => [...stores.values()],
  connector: key => (key === 'ml/minio' ? connector() : undefined),
  store: key => stores.get(key),
  secret: () => undefined,
  links: () => [{ what: 'stores', state: 'Live' }],
  notes: () => [],
}
const streams = new Streams({ context: { where: 'context "test"', version: '1.2.3' }, now: () => 0 })
const door = new Door({ onRevoke: () => streams.restart() }, TOKEN)
const faults: unknown[] = []
/** Nothing here may reach a cluster. */
const cluster = new Proxy({} as Cluster, {
  get() {
    throw new Error('the cluster was called')
  },
})
const desk = { cluster, watched, shell: {}, now: () => new Date(0), signal: new AbortController().signal }
const onFault = (fault: unknown) => faults.push(fault)
const parts = { page: pageOf(base64), streams, calls: new Calls(desk), door, onFault }
let server: Serving
before(async () => {
  streams.show(watched)
  server = await serve(parts, 0)
})
after(async () => {
  streams.close()
  await server.close()
})

/** Sends a request as it is, and returns all that comes until the server ends the connection. */
async function raw(lines: string[], body: string | Buffer = ''): Promise<string> {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(body)
  return text(socket)
}

const call = (path: string, { headers = {}, ...rest }: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${server.port}${path}`, {
    ...rest,
    headers: { Authorization: `Bearer ${TOKEN}`, ...headers },
  })
const post = (path: string, body: string) =>
  call(path, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })

describe('files of the page', () => {
  test('are served compressed, with headers that let a browser do nothing else', async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/`)
    assert.equal(await response.text(), PAGE['index.html'])
    const headers = Object.fromEntries(response.headers)
    assert.equal(headers['content-encoding'], 'gzip')
    assert.equal(headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['x-frame-options'], 'DENY')
    const policy = headers['content-security-policy'] ?? ''
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /)
    assert.doesNotMatch(policy, /unsafe|\*|data:|http/)
    assert.match(policy, /frame-ancestors 'none'.*require-trusted-types-for 'script'; trusted-types 'none'$/)
  })

  test('are served as they are to a program that takes no gzip', async () => {
    const answer = await raw(['GET /assets/page.js HTTP/1.1', `Host: 127.0.0.1:${server.port}`, 'Connection: close'])
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(answer, /Content-Type: text\/javascript; charset=utf-8\r\n/)
    assert.ok(answer.endsWith(`\r\n\r\n${PAGE['assets/page.js']}`), answer)
  })

  test('are gzip as it is sent', async () => {
    const file = pageOf(base64).get('/assets/page.js')
    assert.equal(gunzipSync(file?.gzip ?? '').toString(), PAGE['assets/page.js'])
  })

  for (const path of ['/../package.json', '/assets/../../package.json', '/assets', '//etc/passwd', '/package.json']) {
    test(`are all that there is: ${path} is none`, async () => {
      const answer = await raw([`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${server.port}`])
      assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/)
      assert.match(answer, /Content-Security-Policy: default-src 'none'/)
      assert.doesNotMatch(answer, /"name"/)
    })
  }
})

describe('what is wrong is refused', () => {
  const host = () => `Host: 127.0.0.1:${server.port}`
  for (const [name, lines, body, status] of [
    ['another host', () => ['GET /api/trouble HTTP/1.1', 'Host: evil.example'], '', 403],
    ['two hosts', () => ['GET / HTTP/1.1', host(), 'Host: evil.example'], '', 403],
    ['no host', () => ['GET / HTTP/1.1'], '', 400],
    ['HTTP/1.0 without a host', () => ['GET / HTTP/1.0'], '', 403],
    ['a proxy', () => ['GET http://evil.example/ HTTP/1.1', host()], '', 400],
    ['a tunnel', () => ['CONNECT evil.example:443 HTTP/1.1', host()], '', 0],
    ['headers without end', () => ['GET / HTTP/1.1', host(), `X: ${'x'.repeat(20_000)}`], '', 431],
    ['a length twice', () => [...posted(), 'Content-Length: 2', 'Content-Length: 3'], '{}', 400],
    ['a length and chunks', () => [...posted(), 'Content-Length: 2', 'Transfer-Encoding: chunked'], '{}', 400],
    ['a body that says it is long', () => [...posted(), 'Content-Length: 99999999'], '{', 413],
    [
      'a body that is long without saying so',
      () => [...posted(), 'Transfer-Encoding: chunked'],
      `2000\r\n${' '.repeat(0x2000)}\r\n`,
      413,
    ],
  ] as [string, () => string[], string, number][]) {
    test(`${name}: ${status || 'the connection ends'}`, async () => {
      const answer = await raw(lines(), body)
      assert.equal(Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0), status, answer)
    })
  }
  const posted = () => [
    ...['POST /api/actions/verify HTTP/1.1', host()],
    ...[`Authorization: Bearer ${TOKEN}`, 'Content-Type: application/json'],
  ]

  for (const [name, path, body, status] of [
    ['a call that is not there', '/api/nothing', '{}', 404],
    ['a POST of what is read', '/api/trouble', '{}', 405],
    ['no JSON', '/api/actions/verify', 'x', 400],
    ['JSON that is no object', '/api/actions/verify', '[]', 400],
    ['a kind that is not there', '/api/actions/verify', '{"kind":"secret","namespace":"ml","name":"x"}', 400],
    ['a name that leads elsewhere', '/api/actions/verify', '{"kind":"store","namespace":"ml","name":"../x"}', 400],
    ['a name in upper case', '/api/actions/refresh', '{"kind":"store","namespace":"ml","name":"X"}', 400],
    ['a cure without a digest', '/api/cures/0123456789abcdef', '{}', 400],
    ['a cure that is not there', '/api/cures/0123456789abcdef', '{"digest":"x"}', 409],
    ['the preview of such', '/api/cures/0123456789abcdef/preview', '{}', 409],
    ['another action', '/api/actions/delete', '{}', 404],
  ] as const) {
    test(`${name}: ${status}`, async () => {
      const response = await post(path, body)
      assert.equal(response.status, status)
      const { code, words } = (await response.json()) as { code: string; words: string }
      assert.match(`${code} ${words}`, /^\w+ \w/)
    })
  }

  for (const [name, asked] of [
    ['asks for nothing', ''],
    ['never ends its headers', 'GET / HTTP/1.1\r\nX: x'],
  ] as const) {
    test(`a connection that ${name} ends when its time is over, and not a half minute later`, async () => {
      assert.ok(TIMES.connectionsCheckingInterval < TIMES.headersTimeout)
      const times = Object.fromEntries(Object.entries(TIMES).map(([time, ms]) => [time, ms / 100])) as typeof TIMES
      const hasty = await serve(parts, 0, times)
      const socket = connect(hasty.port, '127.0.0.1')
      socket.write(asked)
      assert.match(await text(socket), /^HTTP\/1\.1 408 /)
      await hasty.close()
    })
  }

  test('a store that the page is not about: 404', async () =>
    assert.equal((await call('/api/stores/ml/absent')).status, 404))

  test('nothing of it is a fault of the program', () => assert.deepEqual(faults, []))
})

describe('the stream of changes', () => {
  /** Reads events of a stream as they come. */
  async function open() {
    const controller = new AbortController()
    const response = await call('/api/changes', { signal: controller.signal })
    const events: Change[] = []
    let rest = ''
    const read = async () => {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        const parts = (rest + chunk).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) if (part.startsWith('data: ')) events.push(JSON.parse(part.slice(6)))
      }
    }
    const done = read().catch(error => {
      if (!controller.signal.aborted) throw error
    })
    const close = (): Promise<void> => {
      controller.abort()
      return done
    }
    return { response, events, close }
  }

  test('begins with everything, and goes on with what is different', async () => {
    const { response, events, close } = await open()
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    const [first] = await until('the snapshot', () => events.length > 0 && events)
    assert.ok(first?.kind === 'snapshot')
    assert.deepEqual(first.snapshot.context, { where: 'context "test"', version: '1.2.3' })
    assert.deepEqual(
      first.snapshot.stores.map(({ key }) => key),
      ['ml/prod'],
    )

    const other = store({}, { metadata: { ...store().metadata, name: 'other' } })
    stores.set(keyOf(other), other)
    streams.changed({ kind: 'store', key: 'ml/other' })
    streams.changed({ kind: 'store', key: 'ml/prod' })
    streams.changed({ kind: 'store', key: 'ml/other' })
    streams.changed({ kind: 'store', key: 'ml/never' })
    const [, second] = await until('the change', () => events.length > 1 && events)
    assert.ok(second?.kind === 'update')
    assert.deepEqual(
      second.stores?.map(({ key }) => key),
      ['ml/other', 'ml/prod'],
    )
    assert.deepEqual(second.goneStores, ['ml/never'])
    assert.equal(second.connectors, undefined)

    stores.delete('ml/other')
    streams.changed({ kind: 'store', key: 'ml/other' })
    streams.changed({ kind: 'links' })
    const [, , third] = await until('the deletion', () => events.length > 2 && events)
    assert.deepEqual(third, {
      kind: 'update',
      now: '1970-01-01T00:00:00.000Z',
      links: watched.links(),
      goneStores: ['ml/other'],
    })
    await close()
  })

  test('is open for some pages at a time, and for others again when one is closed', async () => {
    const pages = await Promise.all(Array.from({ length: 9 }, open))
    const refused = pages.filter(({ response }) => response.status === 429)
    assert.equal(refused.length, 1)
    await Promise.all(pages.map(({ close }) => close()))
    await until('a page is let in again', async () => {
      const page = await open()
      await page.close()
      return page.response.status === 200
    })
  })

  test('owes a page that does not read no more than the names of what has changed', async () => {
    const ROUNDS = 40
    const many = Array.from({ length: 2000 }, (_, at) =>
      store({}, { metadata: { ...store().metadata, name: `s${at}` } }),
    )
    for (const one of many) stores.set(keyOf(one), one)
    const socket = connect(server.port, '127.0.0.1')
    socket.pause()
    const headers = `Host: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${TOKEN}`
    socket.write(`GET /api/changes HTTP/1.1\r\n${headers}\r\n\r\n`)
    const reader = await open()
    await until('another page has the snapshot', () => reader.events.length > 0)
    for (let round = 1; round <= ROUNDS; round++) {
      for (const one of many) streams.changed({ kind: 'store', key: keyOf(one) })
      await until('the other page has this round', () => reader.events.length > round)
    }
    let got = ''
    socket.setEncoding('utf8').on('data', chunk => {
      got += chunk
    })
    socket.resume()
    const last = store({}, { metadata: { ...store().metadata, name: 'last' } })
    stores.set(keyOf(last), last)
    streams.changed({ kind: 'store', key: keyOf(last) })
    await until('it has caught up', () => got.includes('"key":"ml/last"'))
    // It has what the buffers of the system took before they were full, and one change for all that came after.
    const updates = got.split('"kind":"update"').length - 1
    assert.ok(updates < ROUNDS / 2, `${updates} changes`)
    socket.destroy()
    await reader.close()
  })
})
