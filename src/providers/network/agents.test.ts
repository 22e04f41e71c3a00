import assert from 'node:assert/strict'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createCertificateAuthority } from '../../../test/cluster/certificates.ts'
import { noResolver, resolverTo } from '../../../test/support/resolver.ts'
import { startWebProxy, type WebProxy } from '../../../test/support/web-proxy.ts'
import { parseRange } from './address-ranges.ts'
import { type AgentsOptions, createAgents, type Network } from './agents.ts'
import { createEndpointGuard, type EndpointGuardOptions } from './endpoint-guard.ts'

const servers: (http.Server | https.Server)[] = []
let caPem: string
let plainPort: number
let securePort: number
/** Connections that the servers have accepted. */
let connections = 0

async function listen(server: http.Server | https.Server): Promise<number> {
  server.on(server instanceof https.Server ? 'secureConnection' : 'connection', () => connections++)
  servers.push(server)
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  return (server.address() as AddressInfo).port
}

before(async () => {
  const authority = await createCertificateAuthority('test')
  const { certPem: cert, keyPem: key } = await authority.issueServer('server')
  const answer: http.RequestListener = (_request, response) => response.end('hello')
  caPem = authority.certPem
  plainPort = await listen(http.createServer(answer))
  securePort = await listen(https.createServer({ cert, key }, answer))
})
after(() => {
  for (const server of servers) server.close()
})

const networkOf = (options: EndpointGuardOptions = {}, proxyEnv = {}): Network => ({
  guard: createEndpointGuard({ resolve: resolverTo('127.0.0.1'), ...options }),
  proxyEnv,
})

/** Does GET for each URL, one after the other, through the same agents. */
const get = (network: Network, ...urls: string[]): Promise<string[]> => getTrusting({ caPem }, network, ...urls)

async function getTrusting(
  trust: Pick<AgentsOptions, 'caPem' | 'addsCAs'>,
  network: Network,
  ...urls: string[]
): Promise<string[]> {
  const { httpAgent, httpsAgent } = createAgents(network, { maxSockets: 4, ...trust })
  const one = (url: string) =>
    new Promise<string>((resolve, reject) => {
      const [module, agent] = url.startsWith('https') ? [https, httpsAgent] : [http, httpAgent]
      const { hostname, port, pathname } = new URL(url)
      const host = hostname.replace(/^\[|\]$/g, '')
      const request = module.get({ host, port, path: pathname, agent }, response => {
        let text = ''
        response.setEncoding('utf8').on('data', chunk => {
          text += chunk
        })
        response.on('end', () => setImmediate(resolve, text))
      })
      request.on('error', reject)
    })
  try {
    const answers: string[] = []
    for (const url of urls) answers.push(await one(url))
    return answers
  } finally {
    httpAgent.destroy()
    httpsAgent.destroy()
  }
}

describe('without a proxy', () => {
  test('an agent keeps a connection for the next call', async () => {
    const before = connections
    await get(networkOf(), `https://localhost:${securePort}`, `https://localhost:${securePort}`)
    assert.equal(connections, before + 1)
  })

  const refused = parseRange('private') ?? []
  for (const [name, url, options, message] of [
    ['an IPv4 address', () => `http://127.0.0.1:${plainPort}`, { refused }, /^127\.0\.0\.1 is a private address/],
    [
      'an IPv4 address, by TLS',
      () => `https://127.0.0.1:${securePort}`,
      { refused },
      /^127\.0\.0\.1 is a private address/,
    ],
    ['an IPv6 address', () => 'http://[fe80::1]', {}, /^fe80::1 is a link-local address/],
    ['a name', () => `http://minio:${plainPort}`, { refused }, /^minio resolves to 127\.0\.0\.1, a private address/],
    [
      'a name, by TLS',
      () => 'https://a',
      { resolve: resolverTo('169.254.1.1') },
      /^a resolves to 169\.254\.1\.1, a link/,
    ],
  ] as const) {
    test(`an agent does not connect to ${name} that is refused`, async () => {
      const before = connections
      await assert.rejects(get(networkOf(options), url()), { name: 'EndpointRefused', message })
      assert.equal(connections, before)
    })
  }
})

test('an agent connects to a private address where its name is allowed, but not to the API server there', async () => {
  const refused = parseRange('private') ?? []
  const allowed = ['minio']
  assert.deepEqual(await get(networkOf({ refused, allowed }), `http://minio:${plainPort}`), ['hello'])
  const apiServers = [{ host: '127.0.0.1', port: plainPort }]
  for (const host of ['minio', '127.0.0.1']) {
    await assert.rejects(get(networkOf({ apiServers, allowed }), `http://${host}:${plainPort}`), {
      name: 'EndpointRefused',
      message: /127\.0\.0\.1.* the API server of the cluster$/,
    })
  }
})

test('an agent trusts given CAs instead of the well-known ones, or beside them', async t => {
  const wellKnown = getCACertificates('default')
  t.after(() => setDefaultCACertificates(wellKnown))
  setDefaultCACertificates([...wellKnown, caPem])
  const other = (await createCertificateAuthority('other')).certPem
  const url = `https://localhost:${securePort}`
  const ask = (trust: Pick<AgentsOptions, 'caPem' | 'addsCAs'>) => getTrusting(trust, networkOf(), url)
  assert.deepEqual(await ask({}), ['hello'])
  assert.deepEqual(await ask({ caPem: other, addsCAs: true }), ['hello'])
  await assert.rejects(ask({ caPem: other }), {
    code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  })
})

for (const addsCAs of [false, true]) {
  test(`an agent trusts a bundle that ends in an intermediate CA, ${addsCAs ? 'beside' : 'instead of'} the well-known ones`, async () => {
    const intermediate = await (await createCertificateAuthority('root')).issueAuthority('intermediate')
    const { certPem: cert, keyPem: key } = await intermediate.issueServer('server')
    const port = await listen(https.createServer({ cert, key }, (_, response) => response.end('hello')))
    const trust = { caPem: intermediate.certPem, addsCAs }
    assert.deepEqual(await getTrusting(trust, networkOf(), `https://localhost:${port}`), ['hello'])
  })
}

describe('with the proxies of the environment', () => {
  let proxies: WebProxy[] = []
  const proxy = async (port: number, status?: number) => {
    const started = await startWebProxy({ port, ...(status ? { status } : {}) })
    proxies.push(started)
    return started
  }
  after(async () => {
    for (const started of proxies) await started.close()
    proxies = []
  })

  test('https goes through HTTPS_PROXY: the CA counts, the proxy resolves the name, and the tunnel is kept', async () => {
    const { url, asked } = await proxy(securePort)
    // The proxy itself may have a private address, as an administrator has named it.
    const network = networkOf({ resolve: noResolver, refused: parseRange('private') ?? [] }, { HTTPS_PROXY: url })
    assert.deepEqual(await get(network, 'https://localhost/a', 'https://localhost/b'), ['hello', 'hello'])
    assert.deepEqual(asked, ['CONNECT localhost:443'])
    const untrusted = { ...createAgents(network, { maxSockets: 1 }) }
    await assert.rejects(
      new Promise((resolve, reject) => {
        https.get({ host: 'localhost', agent: untrusted.httpsAgent }, resolve).on('error', reject)
      }),
      { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    )
  })

  test('http goes through HTTP_PROXY', async () => {
    const { url, asked } = await proxy(plainPort)
    assert.deepEqual(await get(networkOf({ resolve: noResolver }, { http_proxy: url }), 'http://s3.example/a'), [
      'hello',
    ])
    assert.deepEqual(asked, ['GET http://s3.example/a'])
  })

  test('hosts of NO_PROXY are called directly', async () => {
    const { url, asked } = await proxy(plainPort)
    const network = networkOf({}, { HTTP_PROXY: url, NO_PROXY: 'localhost,.svc' })
    await get(network, `http://minio.storage.svc:${plainPort}`, `http://localhost:${plainPort}`)
    assert.deepEqual(asked, [])
  })

  for (const url of ['http://169.254.169.254/', 'https://169.254.169.254/', 'https://10.0.0.1/']) {
    test(`an agent does not ask the proxy for ${url}, which is refused`, async () => {
      const { url: at, asked } = await proxy(plainPort)
      const network = networkOf({ refused: parseRange('private') ?? [] }, { HTTP_PROXY: at, HTTPS_PROXY: at })
      await assert.rejects(get(network, url), { name: 'EndpointRefused' })
      assert.deepEqual(asked, [])
    })
  }

  test('a tunnel that the proxy refuses is an error with a code', async () => {
    const { url } = await proxy(securePort, 403)
    await assert.rejects(get(networkOf({}, { HTTPS_PROXY: url }), 'https://localhost/'), { code: 'ERR_PROXY_TUNNEL' })
  })
})
