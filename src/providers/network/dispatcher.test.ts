import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createCertificateAuthority } from '../../../test/cluster/certificates.ts'
import { noResolver, resolverTo } from '../../../test/support/resolver.ts'
import { parseRange } from './address-ranges.ts'
import { IDLE_MS } from './agents.ts'
import { AnswerBudget } from './answer-budget.ts'
import { createDispatcher, HANDSHAKE_MS, hasProxy } from './dispatcher.ts'
import { createEndpointGuard, type EndpointGuardOptions } from './endpoint-guard.ts'
import { exchange } from './exchange.ts'
import { Transports } from './transports.ts'

const servers: Server[] = []
const ports = { plain: 0, secure: 0, chained: 0, tooLong: 0, hangsUp: 0, cutOff: 0, noHttp: 0 }
let caPem = ''
let intermediatePem = ''
/** Connections that the servers have accepted. */
let connections = 0

async function listen(server: Server): Promise<number> {
  servers.push(server.on('connection', () => connections++))
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  return (server.address() as AddressInfo).port
}

/** Answers each connection with this text, and ends it. */
const saying = (text: string) => createServer(socket => socket.on('error', () => undefined).end(text))

before(async () => {
  const root = await createCertificateAuthority('root')
  const intermediate = await root.issueAuthority('intermediate')
  const answer: http.RequestListener = (_, response) => response.end('hello')
  const secure = async (authority: typeof root) => {
    const { certPem: cert, keyPem: key } = await authority.issueServer('server')
    return listen(https.createServer({ cert, key }, answer))
  }
  caPem = root.certPem
  intermediatePem = intermediate.certPem
  ports.plain = await listen(http.createServer(answer))
  ports.secure = await secure(root)
  ports.chained = await secure(intermediate)
  ports.tooLong = await listen(saying(`HTTP/1.1 200 OK\r\nx-long: ${'a'.repeat(100_000)}\r\n\r\n`))
  ports.hangsUp = await listen(createServer(socket => socket.destroy()))
  ports.cutOff = await listen(saying('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhell'))
  ports.noHttp = await listen(saying('220 smtp.example ESMTP\r\n'))
})
after(() => {
  for (const server of servers) server.close()
})

interface Options extends EndpointGuardOptions {
  caPem?: string
}

async function get(url: string, { caPem, ...guard }: Options = {}): Promise<string> {
  const dispatcher = createDispatcher(createEndpointGuard({ resolve: resolverTo('127.0.0.1'), ...guard }), {
    ...{ maxSockets: 4, caPem },
  })
  try {
    const { origin, pathname: path } = new URL(url)
    const answers = new AnswerBudget().endpoint('e')
    const { signal } = new AbortController()
    const request = { origin, path, method: 'GET', headers: {} }
    const { body } = await exchange(dispatcher, request, { answers, maxBytes: () => 1_000, signal })
    return body.toString()
  } finally {
    await dispatcher.destroy()
  }
}

describe('connections over undici', () => {
  const refused = parseRange('private') ?? []
  for (const [name, url, options, message] of [
    ['an IPv4 address', () => `http://127.0.0.1:${ports.plain}`, { refused }, /^127\.0\.0\.1 is a private address/],
    ['one by TLS', () => `https://127.0.0.1:${ports.secure}`, { refused }, /^127\.0\.0\.1 is a private address/],
    ['an IPv6 address', () => 'http://[fe80::1]', {}, /^fe80::1 is a link-local address/],
    ['a name', () => `http://minio:${ports.plain}`, { refused }, /^minio resolves to 127\.0\.0\.1, a private address/],
    ['a name, by TLS', () => 'https://a', { resolve: resolverTo('169.254.1.1') }, /^a resolves to 169\.254\.1\.1/],
  ] as const) {
    test(`are not made to ${name} that is refused`, async () => {
      const before = connections
      await assert.rejects(get(url(), options), { name: 'EndpointRefused', message })
      assert.equal(connections, before)
    })
  }

  test('trust the given CAs, be they roots or not, and no others', async () => {
    const [secure, chained] = [`https://localhost:${ports.secure}`, `https://localhost:${ports.chained}`]
    assert.equal(await get(secure, { caPem }), 'hello')
    assert.equal(await get(chained, { caPem: intermediatePem }), 'hello')
    await assert.rejects(get(secure, { caPem: intermediatePem }), { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' })
    await assert.rejects(get(secure), { code: /^UNABLE_TO_/ })
    await assert.rejects(get(`https://other.example:${ports.secure}`, { caPem }), {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })

  for (const [name, url, code, options] of [
    ['nobody listens', () => 'http://127.0.0.1:1', /^ECONNREFUSED$/, {}],
    ['the name does not resolve', () => 'http://absent.example', /^ENOTFOUND$/, { resolve: noResolver }],
    ['the server hangs up', () => `http://127.0.0.1:${ports.hangsUp}`, /^ECONNRESET$/, {}],
    ['the answer is cut off', () => `http://127.0.0.1:${ports.cutOff}`, /^ECONNRESET$/, {}],
    ['the answer is no HTTP', () => `http://127.0.0.1:${ports.noHttp}`, /^HPE_/, {}],
    ['headers have no end', () => `http://127.0.0.1:${ports.tooLong}`, /^HPE_HEADER_OVERFLOW$/, {}],
    ['plain HTTP is asked for TLS', () => `https://127.0.0.1:${ports.plain}`, /^(ERR_SSL_|EPROTO)/, {}],
  ] as const) {
    test(`fail with a code of Node where ${name}`, async () => {
      await assert.rejects(get(url(), options), { code })
    })
  }

  test('do not wait without end for a handshake, so that later calls are not kept from the endpoint', async t => {
    const accepted = Promise.withResolvers<Socket>()
    const port = await listen(createServer(socket => accepted.resolve(socket.on('error', () => undefined).resume())))
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const failed = assert.rejects(get(`https://localhost:${port}`), { name: 'DeadlineExceeded' })
    const socket = await accepted.promise
    await once(socket, 'data') // the client's part of the handshake: it is connected
    const closed = once(socket, 'close')
    t.mock.timers.tick(HANDSHAKE_MS)
    await Promise.all([failed, closed])
  })

  test('are closed when they are not used, also where the server would keep them for longer', async t => {
    const accepted = Promise.withResolvers<Socket>()
    const answer = 'HTTP/1.1 200 OK\r\nkeep-alive: timeout=3600\r\ncontent-length: 0\r\n\r\n'
    const server = createServer(socket => accepted.resolve(socket.on('data', () => socket.write(answer))))
    const origin = `http://127.0.0.1:${await listen(server)}`
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const dispatcher = createDispatcher(createEndpointGuard(), { maxSockets: 1 })
    const options = {
      answers: new AnswerBudget().endpoint('e'),
      maxBytes: () => 1,
      signal: new AbortController().signal,
    }
    await exchange(dispatcher, { origin, path: '/', method: 'GET', headers: {} }, options)
    await nextTurn()
    const closed = once(await accepted.promise, 'end')
    t.mock.timers.tick(IDLE_MS)
    await closed
    await dispatcher.destroy()
  })

  test('are not made where a proxy may have to be used', () => {
    const guard = createEndpointGuard()
    for (const [proxyEnv, used] of [
      [{}, true],
      [{ NO_PROXY: '*' }, true],
      [{ https_proxy: '' }, true],
      [{ https_proxy: 'http://proxy' }, false],
      [{ HTTP_PROXY: 'http://proxy' }, false],
    ] as const) {
      const transports = new Transports({
        ...{ monotonic: () => 0, answerOf: () => undefined, network: { guard, proxyEnv } },
      })
      assert.equal(hasProxy(proxyEnv), !used)
      assert.equal(transports.acquire({ endpoint: 'http://a' }).dispatcher !== undefined, used)
      transports.close()
    }
  })
})
