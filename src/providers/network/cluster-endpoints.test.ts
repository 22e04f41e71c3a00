import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { apiServersOf } from './cluster-endpoints.ts'
import { createEndpointGuard, type Resolve } from './endpoint-guard.ts'

describe('endpoint guard that knows the API server', () => {
  const addresses: Record<string, string[]> = {
    'api.corp.example': ['203.0.113.5'],
    'alias.evil': ['203.0.113.5'],
    'mixed.evil': ['203.0.113.9', '203.0.113.5'],
    'service.evil': ['10.96.0.1'],
    'fine.example': ['203.0.113.9'],
  }
  const resolve: Resolve = (host, _options, callback) => {
    const found = addresses[host]
    if (found)
      callback(
        null,
        found.map(address => ({ address, family: 4 })),
      )
    else callback(Object.assign(new Error(`ENOTFOUND ${host}`), { code: 'ENOTFOUND' }), [])
  }
  const inPod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }
  const apiServers = apiServersOf(new URL('https://API.corp.example:6443'), inPod)
  const guard = createEndpointGuard({ apiServers, resolve, allowed: ['10.96.0.1', '.example', '.evil', '203.0.113.5'] })
  const look = (url: string) => {
    const refused = guard.refusedEndpoint(url)
    const { hostname, port } = new URL(url)
    if (refused !== undefined || /^[\d.]+$|^\[/.test(hostname)) return Promise.resolve(refused)
    return new Promise<string | undefined>(resolve =>
      guard.lookupFor(Number(port || 443))(hostname, { all: true }, error => resolve(error?.message)),
    )
  }

  for (const [url, what] of [
    ['https://api.corp.example:6443', 'api.corp.example is the API server of the cluster'],
    ['https://10.96.0.1', '10.96.0.1 is the API server of the cluster'],
    ['https://[::ffff:10.96.0.1]', '::ffff:a60:1 is the API server of the cluster'],
    ['https://alias.evil:6443', 'alias.evil resolves to 203.0.113.5, the API server of the cluster'],
    ['https://mixed.evil:6443', 'mixed.evil resolves to 203.0.113.5, the API server of the cluster'],
    ['https://service.evil', 'service.evil resolves to 10.96.0.1, the API server of the cluster'],
    ['https://api.corp.example:9000', undefined],
    ['https://10.96.0.1:9000', undefined],
    ['https://alias.evil:9000', undefined],
    ['https://fine.example:6443', undefined],
  ] as const) {
    test(`a guard that knows the API server ${what ? 'refuses' : 'allows'} ${url}, even where its host is allowed`, async () =>
      assert.equal(await look(url), what))
  }

  test('the API server is where the kubeconfig and the environment of the pod say', () => {
    assert.deepEqual(apiServers, [
      { host: 'api.corp.example', port: 6443 },
      { host: '10.96.0.1', port: 443 },
    ])
    assert.deepEqual(apiServersOf(new URL('https://[fd00::1]'), {}), [{ host: 'fd00::1', port: 443 }])
  })

  test('a name of the API server that is not found refuses nothing else', async () => {
    const lost = createEndpointGuard({ apiServers: [{ host: 'lost.example', port: 443 }], resolve })
    const found = await new Promise(done => lost.lookupFor(443)('fine.example', {}, (_error, address) => done(address)))
    assert.equal(found, '203.0.113.9')
  })
})
