import assert from 'node:assert/strict'
import type { LookupAddress, lookup } from 'node:dns'
import { describe, test } from 'node:test'
import { EndpointRefused, guardedLookup, refusedAddress, refusedEndpoint } from './endpoint-guard.ts'

describe('endpoint guard', () => {
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
  ]
  for (const [address, what] of refused) {
    test(`refuses ${address}`, () => assert.match(refusedAddress(address) ?? '', what))
  }

  const allowed = [
    '127.0.0.1',
    '::1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '192.0.0.191',
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
    test(`allows ${address}`, () => assert.equal(refusedAddress(address), undefined))
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
    ['https://minio.storage.svc:9000', false],
    ['https://127.0.0.1:9000', false],
    ['https://[::1]:9000', false],
  ]
  for (const [url, bad] of endpoints) {
    test(`${bad ? 'refuses' : 'allows'} ${url}`, () => assert.equal(refusedEndpoint(url) !== undefined, bad))
  }
})

describe('guarded lookup', () => {
  const resolvingTo = (...addresses: LookupAddress[]) =>
    guardedLookup(((_host: string, _options: object, callback: (error: null, all: LookupAddress[]) => void) =>
      callback(null, addresses)) as unknown as typeof lookup)

  const ask = (fn: ReturnType<typeof guardedLookup>, all: boolean) =>
    new Promise<unknown>((resolve, reject) =>
      fn('minio.example', { all }, (error, address, family) =>
        error ? reject(error) : resolve(all ? address : [address, family]),
      ),
    )

  test('passes good addresses on, one or all', async () => {
    const lookup = resolvingTo({ address: '10.0.0.1', family: 4 }, { address: '::1', family: 6 })
    assert.deepEqual(await ask(lookup, false), ['10.0.0.1', 4])
    assert.deepEqual(await ask(lookup, true), [
      { address: '10.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ])
  })

  for (const all of [true, false]) {
    test(`one bad address among good ones is enough (all: ${all})`, async () => {
      const lookup = resolvingTo({ address: '10.0.0.1', family: 4 }, { address: '169.254.169.254', family: 4 })
      await assert.rejects(ask(lookup, all), (error: Error) => {
        assert.ok(error instanceof EndpointRefused)
        assert.equal(error.message, 'minio.example resolves to 169.254.169.254, a link-local address')
        return true
      })
    })
  }

  test('an error of the resolver is its caller’s', async () => {
    const failing = guardedLookup(((_host: string, _options: object, callback: (error: Error) => void) =>
      callback(new Error('ENOTFOUND'))) as unknown as typeof lookup)
    await assert.rejects(ask(failing, true), /ENOTFOUND/)
  })
})
