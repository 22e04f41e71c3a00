import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noResolver, resolverTo } from '../../../test/support/resolver.ts'
import { settle } from '../../../test/support/runtime/fake-clock.ts'
import { parseRange } from './address-ranges.ts'
import { createEndpointGuard, type Resolve } from './endpoint-guard.ts'
import { EndpointRefused, refusedEndpoint } from './endpoint-rules.ts'

describe('endpoint guard', () => {
  const { refusedAddress } = createEndpointGuard()
  const refused: [address: string, what: RegExp][] = [
    ['169.254.169.254', /link-local/],
    ['169.254.0.1', /link-local/],
    ['169.254.170.23', /link-local/],
    ['fe80::1', /link-local/],
    ['fe80::1%eth0', /link-local/],
    ['febf::1', /link-local/],
    ['fd00:ec2::254', /metadata/],
    ['fd00:ec2::23', /metadata/],
    ['fd20:ce::254', /metadata/],
    ['100.100.100.200', /metadata/],
    ['168.63.129.16', /metadata/],
    ['192.0.0.192', /metadata/],
    ['0.0.0.0', /unspecified/],
    ['0.1.2.3', /unspecified/],
    ['::', /unspecified/],
    ['224.0.0.1', /multicast/],
    ['239.255.255.250', /multicast/],
    ['ff02::1', /multicast/],
    ['255.255.255.255', /reserved/],
    ['::ffff:169.254.169.254', /link-local/],
    ['::ffff:a9fe:a9fe', /link-local/],
    ['::ffff:0.0.0.0', /unspecified/],
    ['::169.254.169.254', /link-local/],
    ['64:ff9b::169.254.169.254', /link-local/],
    ['64:ff9b::100.100.100.200', /metadata/],
    ['2002:a9fe:a9fe::1', /link-local/],
    ['64:ff9b:1::169.254.169.254', /link-local/],
    ['64:ff9b:1:a9fe:a9:fe00::', /link-local/],
    ['64:ff9b:1:a9:fe:a9fe::', /link-local/],
    ['64:ff9b:1::a9:fea9:fe00:0', /link-local/],
    ['64:ff9b:1:6464:64:c800::', /metadata/],
    ['0:0:0:0:0:FFFF:A9FE:A9FE', /link-local/],
    ['::ffff:0:169.254.169.254', /link-local/],
    ['192.0.0.1', /a protocol/],
    ['192.0.0.171', /a protocol/],
    ['192.88.99.1', /tunnel/],
    ['100::1', /discard/],
    ['2001::1', /tunnel/],
    ['2001:0:a9fe:a9fe::1', /tunnel/],
    ['5f00::1', /segment routing/],
  ]
  for (const [address, what] of refused) {
    test(`the guard refuses the address ${address}`, () => assert.match(refusedAddress(address) ?? '', what))
  }

  const allowed = [
    '127.0.0.1',
    '::1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '191.255.255.255',
    '192.0.1.0',
    '192.88.98.1',
    '198.18.0.1',
    '100:0:0:1::1',
    '2001:1::1',
    '64:ff9b:1::10.0.0.1',
    '64:ff9b:1:a00:0:100::',
    '100.64.0.1',
    '52.216.0.1',
    '::ffff:10.0.0.1',
    'fd00::1',
    'fec0::1',
    '2001:db8::1',
    '64:ff9b::10.0.0.1',
    'minio.storage.svc',
  ]
  for (const address of allowed) {
    test(`the guard allows ${address} as an address`, () => assert.equal(refusedAddress(address), undefined))
  }

  const endpoints: [url: string, refused: boolean][] = [
    ['http://169.254.169.254', true],
    ['http://169.254.169.254:80', true],
    ['http://2852039166', true],
    ['http://0xa9fea9fe', true],
    ['http://0251.0376.0251.0376', true],
    ['http://169.254.43518', true],
    ['http://169.254.169.254.', true],
    ['http://0', true],
    ['http://[::ffff:169.254.169.254]', true],
    ['http://[fe80::1]:9000', true],
    ['http://minio:99999', true],
    ['http://10.0.0.1:10250', true],
    ['https://node-1:10250', true],
    ['http://node-1:10255', true],
    ['https://kubernetes', true],
    ['https://kubernetes.default', true],
    ['https://kubernetes.default.svc', true],
    ['https://Kubernetes.Default.svc.', true],
    ['https://kubernetes.default.svc.cluster.local:9000', true],
    ['https://kubernetes.default.svc.evil', true],
    ['https://kubernetes.example.com', false],
    ['https://minio.kubernetes.svc', false],
    ['http://node-1:10256', false],
    ['https://minio.storage.svc:9000', false],
    ['https://127.0.0.1:9000', false],
    ['https://[::1]:9000', false],
  ]
  for (const [url, bad] of endpoints) {
    test(`the guard ${bad ? 'refuses' : 'allows'} the endpoint ${url}`, () =>
      assert.equal(refusedEndpoint(url) !== undefined, bad))
  }
})

describe('endpoint guard with endpoints that an administrator allows', () => {
  const guard = createEndpointGuard({ allowed: ['minio.storage.svc', '.example.com', '10.0.0.1'] })
  const cases: [url: string, refused: string | undefined][] = [
    ['https://minio.storage.svc:9000', undefined],
    ['https://MINIO.storage.svc', undefined],
    ['https://s3.example.com/path', undefined],
    ['http://10.0.0.1', undefined],
    ['https://example.com', 'example.com'],
    ['https://evilexample.com', 'evilexample.com'],
    ['https://minio.storage.svc.evil', 'minio.storage.svc.evil'],
    ['https://minio.storage.svc@evil', 'evil'],
    ['http://10.0.0.2', '10.0.0.2'],
  ]
  for (const [url, host] of cases) {
    test(`with allowed hosts, the guard ${host ? 'refuses' : 'allows'} ${url}`, () => {
      const expected = host && `${host} is not allowed by the operator's --allow-endpoints`
      assert.equal(guard.refusedEndpoint(url), expected)
    })
  }
  test('an address that is always refused is refused even when its host is allowed', () => {
    const all = createEndpointGuard({ allowed: ['169.254.169.254'] })
    assert.match(all.refusedEndpoint('http://169.254.169.254') ?? '', /link-local/)
  })
})

describe('endpoint guard with addresses that an administrator refuses', () => {
  const guard = createEndpointGuard({ refused: ['private', '203.0.113.0/24'].flatMap(text => parseRange(text) ?? []) })

  for (const [url, what] of [
    ['http://10.1.2.3', '10.1.2.3 is a private address (refused by --refuse-endpoints)'],
    ['http://0x7f000001:9000', '127.0.0.1 is a private address (refused by --refuse-endpoints)'],
    ['http://[::ffff:10.1.2.3]', '::ffff:a01:203 is a private address (refused by --refuse-endpoints)'],
    ['http://203.0.113.9', '203.0.113.9 is an address in 203.0.113.0/24 (refused by --refuse-endpoints)'],
    ['http://169.254.169.254', '169.254.169.254 is a link-local address'],
    ['https://52.216.0.1', undefined],
    ['https://minio.storage.svc', undefined],
  ] as const) {
    test(`with refused ranges, the guard ${what ? 'refuses' : 'allows'} ${url}`, () =>
      assert.equal(guard.refusedEndpoint(url), what))
  }
})

describe('endpoint guard with private addresses refused, but for hosts that an administrator allows', () => {
  const ADDRESSES: Record<string, string> = {
    'rebound.corp.example': '169.254.169.254',
    'public.example': '52.216.0.1',
  }
  const guard = createEndpointGuard({
    refused: parseRange('private') ?? [],
    allowed: ['minio.minio.svc', '.corp.example', '10.0.0.1', 'fd00::1'],
    resolve: (host, _options, callback) => callback(null, [{ address: ADDRESSES[host] ?? '10.9.9.9', family: 4 }]),
  })
  const isFine = async (url: string): Promise<boolean> => {
    if (guard.refusedEndpoint(url) !== undefined) return false
    const { hostname } = new URL(url)
    const host = hostname.replace(/^\[|\]$/g, '')
    if (guard.refusedAddress(host, 443, host) !== undefined) return false
    if (/^[\d.]+$|:/.test(host)) return true
    return new Promise(resolve => guard.lookupFor(443)(host, { all: true }, error => resolve(error === null)))
  }
  for (const [url, fine] of [
    ['https://minio.minio.svc', true],
    ['https://s3.corp.example', true],
    ['https://10.0.0.1', true],
    ['https://0x0a000001', true],
    ['https://[fd00::1]', true],
    ['https://10.0.0.2', false],
    ['https://[fd00::2]', false],
    ['https://rebound.corp.example', false],
    ['https://public.example', false],
    ['https://minio.other.svc', false],
  ] as const) {
    test(`the guard ${fine ? 're-admits' : 'refuses'} ${url} with private addresses refused and some hosts allowed`, async () =>
      assert.equal(await isFine(url), fine))
  }

  test('a host of a bucket is re-admitted only by a suffix', async () => {
    const { lookupFor } = guard
    const found = (host: string) =>
      new Promise(resolve => lookupFor(443)(host, { all: true }, error => resolve(error?.message ?? 'found')))
    assert.equal(await found('bucket.s3.corp.example'), 'found')
    assert.match(String(await found('bucket.minio.minio.svc')), /resolves to 10\.9\.9\.9, a private address/)
  })
})

describe('guarded lookup', () => {
  const ask = (resolve: Resolve, all: boolean) =>
    new Promise<unknown>((pass, fail) =>
      createEndpointGuard({ resolve }).lookupFor(9000)('minio.example', { all }, (error, address, family) =>
        error ? fail(error) : pass(all ? address : [address, family]),
      ),
    )

  test('the guarded lookup passes good addresses on, one or all', async () => {
    const resolve = resolverTo('10.0.0.1', '::1')
    assert.deepEqual(await ask(resolve, false), ['10.0.0.1', 4])
    assert.deepEqual(await ask(resolve, true), [
      { address: '10.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ])
  })

  for (const all of [true, false]) {
    test(`the guarded lookup fails for one bad address among good ones (all: ${all})`, async () => {
      await assert.rejects(ask(resolverTo('10.0.0.1', '169.254.169.254'), all), (error: Error) => {
        assert.ok(error instanceof EndpointRefused)
        assert.equal(error.message, 'minio.example resolves to 169.254.169.254, a link-local address')
        return true
      })
    })
  }

  test('a name is looked up once for all callers that wait for it, and again for the next one', async () => {
    const asked: string[] = []
    const answers: (() => void)[] = []
    const { lookupFor } = createEndpointGuard({
      resolve(host, { family }, callback) {
        asked.push(`${host} ${family}`)
        answers.push(() => callback(null, [{ address: '10.0.0.1', family: 4 }]))
      },
    })
    const ask = (host: string, family: number) =>
      new Promise(resolve => lookupFor(9000)(host, { family }, (_error, address) => resolve(address)))
    const all = [ask('a', 0), ask('a', 0), ask('b', 0), ask('a', 4)]
    await settle()
    for (const answer of answers) answer()
    assert.deepEqual(await Promise.all(all), Array(4).fill('10.0.0.1'))
    void ask('a', 0)
    await settle()
    assert.deepEqual(asked, ['a 0', 'b 0', 'a 4', 'a 0'])
  })

  test('the guarded lookup passes an error of the resolver to the caller', async () => {
    await assert.rejects(ask(noResolver, true), /ENOTFOUND/)
  })
})
