import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { createCertificateAuthority } from '../../test/cluster/certificates.ts'
import {
  accessTo,
  json,
  type ScriptedServer,
  type Step,
  startScriptedServer,
} from '../../test/support/scripted-server.ts'
import type { Credentials } from './credentials.ts'
import { createTransport, type Request, type Transport, type TransportOptions } from './transport.ts'

const GET: Request = { verb: 'get', resource: 'secrets', path: '/api/v1/namespaces/ml/secrets/key' }

describe('connections of the transport', () => {
  let server: ScriptedServer
  let transport: Transport

  const open = (options: Partial<TransportOptions> = {}): void => {
    transport = createTransport({ access: server.access, ...options })
  }
  const ok = json({ ok: true })

  beforeEach(async () => {
    server = await startScriptedServer()
    open()
  })
  afterEach(async () => {
    await transport.close()
    await server.close()
  })

  it('uses one for calls that follow each other', async () => {
    server.script(...Array<Step>(100).fill(ok))
    for (let i = 0; i < 100; i++) await transport.send(GET)
    assert.equal(server.connections(), 1)
  })

  it('opens no more than allowed', async () => {
    open({ connections: 3 })
    server.script(...Array<Step>(50).fill(ok))
    await Promise.all(Array.from({ length: 50 }, () => transport.send(GET)))
    assert.equal(server.connections(), 3)
  })

  it('leaves calls alone however many watches there are', async () => {
    open({ connections: 1 })
    server.script(...Array<Step>(3).fill(({ response }) => response.writeHead(200).write('\n')), ok)
    const signal = AbortSignal.timeout(10_000)
    await Promise.all([1, 2, 3].map(() => transport.stream({ ...GET, verb: 'watch', signal })))
    assert.deepEqual(await transport.send(GET), { ok: true })
    assert.equal(server.connections(), 4)
  })

  it('moves to new connections when the client certificate changes', async t => {
    const authority = await createCertificateAuthority('test')
    const serving = await authority.issueServer('127.0.0.1')
    const tlsServer = await startScriptedServer({
      cert: serving.certPem,
      key: serving.keyPem,
      ca: authority.certPem,
      requestCert: true,
    })
    t.after(tlsServer.close)
    const users: string[] = []
    const whoAmI: Step = exchange => {
      users.push((exchange.response.socket as TLSSocket).getPeerCertificate().subject.CN as string)
      ok(exchange)
    }
    const credentialsOf = async (name: string): Promise<Credentials> => {
      const { certPem, keyPem } = await authority.issueClient(name)
      return { headers: {}, tls: { ca: authority.certPem, cert: certPem, key: keyPem } }
    }
    let current = await credentialsOf('first')
    const credentials = { get: async () => current, refresh: async () => current }
    open({ access: { ...tlsServer.access, credentials } })

    tlsServer.script(whoAmI, whoAmI, whoAmI, whoAmI)
    await transport.send(GET)
    await transport.send(GET)
    current = await credentialsOf('second')
    await transport.send(GET)
    await transport.send(GET)
    assert.deepEqual(users, ['first', 'first', 'second', 'second'])
    assert.equal(tlsServer.connections(), 2)
  })

  it('says of a client certificate that can not be read that there was no answer, and goes on with one that can', async () => {
    const unreadable: Credentials = { headers: {}, tls: { cert: 'no certificate', key: 'no key' } }
    let current = unreadable
    open({ access: { ...server.access, credentials: { get: async () => current, refresh: async () => current } } })
    await assert.rejects(transport.send(GET), { name: 'TransportError' })
    current = { headers: {}, tls: {} }
    server.script(ok)
    assert.deepEqual(await transport.send(GET), { ok: true })
  })

  /** Makes of a server a proxy of the machine. Returns its port, and where its tunnels have led. */
  async function proxyBy(server: Server) {
    const tunnels: (string | undefined)[] = []
    server.on('connect', (request, client) => {
      tunnels.push(request.url)
      const upstream = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      for (const socket of [client, upstream]) socket.on('error', () => {})
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return { tunnels, port: (server.address() as AddressInfo).port }
  }

  it('goes through a proxy, and checks the server behind it', async t => {
    const authority = await createCertificateAuthority('test')
    const serving = await authority.issueServer('127.0.0.1')
    const target = await startScriptedServer({ cert: serving.certPem, key: serving.keyPem })
    t.after(target.close)
    const proxy = createServer()
    const { tunnels, port } = await proxyBy(proxy)
    t.after(() => proxy.close())
    const access = accessTo(target.url, { tls: { ca: authority.certPem } })
    open({ access: { ...access, proxyUrl: `http://127.0.0.1:${port}` } })
    target.script(ok, ok)
    assert.deepEqual(await transport.send(GET), { ok: true })
    assert.deepEqual(await transport.send(GET), { ok: true })
    assert.deepEqual(tunnels, [new URL(target.url).host])
  })

  it('speaks HTTP/1 with a proxy, also where that prefers HTTP/2, which the bundle lacks', async t => {
    const authority = await createCertificateAuthority('test')
    const { certPem: cert, keyPem: key } = await authority.issueServer('127.0.0.1')
    const trusted = getCACertificates()
    setDefaultCACertificates([...trusted, authority.certPem])
    t.after(() => setDefaultCACertificates(trusted))
    const target = await startScriptedServer({ cert, key })
    t.after(target.close)
    const proxy = createTlsServer({ cert, key, ALPNProtocols: ['h2', 'http/1.1'] })
    const spoken: unknown[] = []
    proxy.on('secureConnection', ({ alpnProtocol }) => {
      spoken.push(alpnProtocol)
    })
    const { port } = await proxyBy(proxy)
    t.after(() => proxy.close())
    const access = accessTo(target.url, { tls: { ca: authority.certPem } })
    open({ access: { ...access, proxyUrl: `https://localhost:${port}` } })
    target.script(ok)
    assert.deepEqual(await transport.send({ ...GET, timeoutMs: 5_000 }), { ok: true })
    assert.deepEqual(spoken, ['http/1.1'])
  })

  it('trusts nobody but the given CA', async t => {
    const [ours, theirs] = [await createCertificateAuthority('ours'), await createCertificateAuthority('theirs')]
    const serving = await theirs.issueServer('127.0.0.1')
    const impostor = await startScriptedServer({ cert: serving.certPem, key: serving.keyPem })
    t.after(impostor.close)
    open({ access: accessTo(impostor.url, { tls: { ca: ours.certPem } }) })
    await assert.rejects(transport.send(GET), { name: 'TransportError', code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
    assert.equal(impostor.requests.length, 0)
  })
})
