/** Endpoints that are slow, that throttle, whose clock is wrong, or that may not be called. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { findCondition } from '../../../src/api/conditions.ts'
import { REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES, CONFIG_MAPS } from '../../../src/kube/resource.ts'
import { type Fault, type FaultProxy, startFaultProxy } from '../../cluster/fault-proxy.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { clockOff, nameResolvesTo } from '../../support/preload.ts'
import { until } from '../../support/until.ts'
import { startWebProxy } from '../../support/web-proxy.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
const proxies: FaultProxy[] = []
before(async () => {
  world = await World.start()
})
after(async () => {
  for (const proxy of proxies) await proxy.close()
  await world.stop()
})

async function proxyTo(fault: FaultProxy['fault'] = () => undefined): Promise<FaultProxy> {
  const proxy = await startFaultProxy(world.minio)
  proxy.fault = fault
  proxies.push(proxy)
  return proxy
}

const startOperator = (flags: string[] = [], nodeFlags: string[] = []): Promise<OperatorProcess> =>
  world.startOperator(['--leader-elect=false', ...flags], { main: 'src/main.ts', nodeFlags })

const numbers = Array.from({ length: 40 }, (_, index) => index)

describe('an endpoint that takes connections and never answers', () => {
  let operator: OperatorProcess
  let hole: FaultProxy
  before(async () => {
    operator = await startOperator(['--concurrency=4'])
    hole = await proxyTo(() => 'hold')
  })
  after(async () => {
    await operator.kill()
    await hole.close()
  })

  test('delays no store of another', async () => {
    const [sick, well] = [await world.tenant('sick'), await world.tenant('well')]
    // Each store has another CA, so that none learns from the others that the endpoint does not answer.
    const data = Object.fromEntries(numbers.map(n => [`${n}.crt`, world.minio.caPem + '\n'.repeat(n)]))
    await sick.create(CONFIG_MAPS, 'cas', { data }, true)
    const sicken = async (n: number) => {
      const caBundle = { configMapKeyRef: { name: 'cas', key: `${n}.crt` } }
      await sick.connector(`connector-${n}`, { endpoint: hole.endpoint, caBundle })
      await sick.store(`store-${n}`, { connectorRef: { name: `connector-${n}` } })
    }
    await Promise.all(numbers.map(sicken))
    await until('as many workers are held as may be', () => hole.held.size >= 4)

    await well.connector('minio')
    await Promise.all(numbers.map(n => well.store(`store-${n}`)))
    await Promise.all(numbers.map(n => well.storeReady(`store-${n}`)))

    const stores = await Promise.all(numbers.map(n => sick.getStore(`store-${n}`)))
    const untried = stores.filter(({ status, metadata }) => status?.observedGeneration !== metadata.generation)
    assert.ok(untried.length > 0, 'all others were Ready before each of its stores was tried once')
    await well.connectorReady('minio')
    // A call that gave up may overlap the next one for a moment; a call too many would stay for its whole deadline.
    const last = () => hole.held.size
    await until('neither controller gives it more than its share', () => hole.held.size <= 8, { ms: 3_000, last })
  })
})

describe('faults of a service', () => {
  let operator: OperatorProcess
  let tenant: Tenant
  let proxy: FaultProxy
  let requests = 0
  before(async () => {
    operator = await startOperator()
    proxy = await proxyTo()
    tenant = await world.tenant('faults')
    await tenant.connector('minio', { endpoint: proxy.endpoint })
    await tenant.store('old')
    await tenant.storeReady('old')
  })
  after(() => operator.stop())

  const lookAgain = (name: string) =>
    world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name }, [
      { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: String(++requests) } },
    ])
  const warnings = async (name: string) =>
    (await tenant.events(name)).filter(({ type }) => type === 'Warning').map(({ reason }) => reason)
  const calm = (name: string) =>
    until(`${name} is calm`, async () => {
      const { conditions } = (await tenant.getStore(name)).status ?? {}
      return findCondition(conditions, 'Ready')?.status === 'True' && !findCondition(conditions, 'Reconciling')
    })

  test('that throttle now and then are not mentioned', async () => {
    const known = new Set<string>()
    proxy.fault = ({ method, url }) => {
      const call = `${method} ${url}`
      if (known.has(call)) return undefined
      known.add(call)
      return known.size % 2 ? { status: 503, code: 'SlowDown' } : { status: 429, code: 'TooManyRequests' }
    }
    await tenant.store('patient')
    await tenant.storeReady('patient')
    assert.ok(proxy.count.faults > 5)
    assert.deepEqual(await warnings('patient'), [])
  })

  const lasting: [name: string, fault: Fault, reason: string, message: () => string][] = [
    [
      'throttling',
      { status: 503, code: 'SlowDown' },
      'Throttled',
      () => `${new URL(proxy.endpoint).host} asks for fewer requests (SlowDown): trying again later`,
    ],
    [
      'refusal of the time',
      { status: 403, code: 'RequestTimeTooSkewed' },
      'ClockSkewed',
      () =>
        `${new URL(proxy.endpoint).host} refuses the operator's clock as too far off its own: synchronize the clocks of both`,
    ],
  ]
  for (const [name, fault, reason, message] of lasting) {
    test(`that last are named, and leave what works Ready until they are over: ${name}`, async () => {
      const fresh = reason.toLowerCase()
      proxy.fault = () => fault
      await lookAgain('old')
      await tenant.store(fresh)
      const old = await tenant.storeCondition('old', 'Reconciling', 'True', reason)
      assert.equal(findCondition(old.status?.conditions, 'Ready')?.status, 'True')
      const store = await tenant.storeCondition(fresh, 'Ready', 'False', reason)
      assert.equal(messageOf(store), `${message()} (the service says: "on purpose")`)
      assert.equal(findCondition(store.status?.conditions, 'Stalled'), undefined)
      proxy.fault = () => undefined
      await calm('old')
      await calm(fresh)
    })
  }
})

test('a clock that is off by more than a service allows is corrected', async () => {
  const tenant = await world.tenant('skewed')
  await tenant.user('keys', 'readwrite')
  const operator = await startOperator([], clockOff(20 * 60_000))
  await tenant.keyConnector('minio', 'keys')
  await tenant.store('store')
  await tenant.storeReady('store')
  await operator.stop()
})

test('calls to a cloud go through the proxy of the environment, those to the API server do not', async () => {
  const proxy = await startWebProxy({ port: world.minio.port })
  const env = { HTTPS_PROXY: proxy.url, NO_PROXY: '', no_proxy: '' }
  const operator = await world.startOperator(['--leader-elect=false'], { main: 'src/main.ts', nodeFlags: [], env })
  const tenant = await world.tenant('proxied')
  await tenant.connector('minio')
  await tenant.store('store')
  await tenant.storeReady('store')
  assert.deepEqual(new Set(proxy.asked), new Set([`CONNECT ${new URL(world.minio.endpoint).host}`]))
  await operator.stop()
  await proxy.close()
})

describe('endpoints that may not be called', () => {
  const cases: [name: string, flags: string[], nodeFlags: string[], endpoint: () => string, message: RegExp][] = [
    [
      'not-allowed',
      ['--allow-endpoints=minio.minio.svc,.example.com'],
      [],
      () => world.minio.endpoint,
      /^spec\.aws\.endpoint: 127\.0\.0\.1 is not allowed by the operator's --allow-endpoints: /,
    ],
    [
      'private-address',
      ['--refuse-endpoints=private'],
      [],
      () => world.minio.endpoint,
      /^spec\.aws\.endpoint: 127\.0\.0\.1 is a private address \(refused by --refuse-endpoints\): /,
    ],
    [
      'private-name',
      ['--refuse-endpoints=127.0.0.0/8,::1'],
      [],
      () => world.minio.endpoint.replace('127.0.0.1', 'localhost'),
      /^spec\.aws\.endpoint: localhost resolves to \S+, an address in \S+ \(refused by --refuse-endpoints\): /,
    ],
    [
      'link-local-name',
      [],
      nameResolvesTo('metadata.example', '169.254.169.254'),
      () => 'http://metadata.example',
      /^spec\.aws\.endpoint: metadata\.example resolves to 169\.254\.169\.254, a link-local address: /,
    ],
  ]
  for (const [name, flags, nodeFlags, endpoint, message] of cases) {
    test(`are refused: ${name}`, async () => {
      const operator = await startOperator(flags, nodeFlags)
      const tenant = await world.tenant(name)
      await tenant.connector('minio', { endpoint: endpoint() })
      const connector = await tenant.connectorCondition('minio', 'Stalled', 'True', 'EndpointRefused')
      assert.match(messageOf(connector), message)
      await operator.stop()
    })
  }

  test('are called where an administrator lists the host, although private addresses are refused', async () => {
    const operator = await startOperator(['--refuse-endpoints=private', '--allow-endpoints=localhost'])
    const tenant = await world.tenant('listed')
    await tenant.connector('minio', { endpoint: world.minio.endpoint.replace('127.0.0.1', 'localhost') })
    await tenant.connectorReady('minio')
    await operator.stop()
  })

  test('are not reached by a redirect', async () => {
    const operator = await startOperator()
    const tenant = await world.tenant('redirected')
    const proxy = await proxyTo(() => ({
      status: 307,
      code: 'TemporaryRedirect',
      headers: { location: 'http://169.254.169.254/latest/meta-data/' },
    }))
    await tenant.connector('minio', { endpoint: proxy.endpoint })
    await tenant.connectorCondition('minio', 'Stalled', 'True', 'WrongRegion')
    assert.ok(proxy.count.faults > 0)
    assert.ok(!operator.raw.some(line => line.includes('169.254')))
    await operator.stop()
  })
})
