import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AddressRanges, parseRange } from './address-ranges.ts'

describe('private', () => {
  const ranges = new AddressRanges(parseRange('private') ?? [])
  for (const address of [
    '10.0.0.0',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '127.0.0.1',
    '127.255.0.1',
    '100.64.0.1',
    '100.127.255.255',
    '::1',
    'fc00::1',
    'fdff::1',
    'fd00::1%eth0',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '::10.0.0.1',
    '64:ff9b::192.168.0.1',
    '64:ff9b::100.64.0.1',
    '64:ff9b:1::10.0.0.1',
    '64:ff9b:1:fffe::10.0.0.1',
    '64:ff9b:1:7:a:0:100::',
    '64:ff9b:1:a:0:1::',
    '64:ff9b:1:a00:0:100::',
    '64:ff9b:1:a00:ff:100:1234:5678',
    '64:ff9b:1:c0a8:1:200::',
    '::ffff:0:10.0.0.1',
    '0:0:0:0:0:ffff:0a00:0001',
    '0000:0000:0000:0000:0000:FFFF:10.0.0.1',
    '::ffff:10.0.0.1%eth0',
    'fec0::1',
    'feff:ffff::1',
    '198.18.0.1',
    '198.19.255.255',
    '2001:2::1',
    '2002:ac10:1::',
    '2002:7f00:1::1',
  ]) {
    test(`the range "private" holds ${address}`, () =>
      assert.match(ranges.find(address)?.what ?? '', /^a private address/))
  }
  for (const address of [
    '9.255.255.255',
    '11.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '100.63.255.255',
    '100.128.0.0',
    '128.0.0.0',
    '::2',
    'fe00::1',
    '2001:db8::1',
    '::ffff:11.0.0.1',
    '64:ff9b::8.8.8.8',
    '64:ff9b:1::8.8.8.8',
    '64:ff9b:1:808:8:800::',
    '64:ff9b:2::10.0.0.1',
    '::ffff:8.8.8.8',
    '2002:808:808::1',
    '198.17.255.255',
    '198.20.0.0',
    '2001:3::1',
    'minio',
  ]) {
    test(`the range "private" does not hold ${address}`, () => assert.equal(ranges.find(address), undefined))
  }
})

for (const [text, held, other] of [
  ['203.0.113.7', '203.0.113.7', '203.0.113.8'],
  ['203.0.113.0/25', '203.0.113.127', '203.0.113.128'],
  ['203.0.113.9/25', '203.0.113.1', '203.0.113.128'],
  ['0.0.0.0/0', '8.8.8.8', '2001:db8::1'],
  ['2001:db8::/32', '2001:db8:ffff::1', '2001:db9::1'],
  ['2001:db8::1', '2001:db8::1', '2001:db8::2'],
  ['::/0', '8.8.8.8', 'minio'],
] as const) {
  test(`the range ${text} holds ${held}, and not ${other}`, () => {
    const ranges = new AddressRanges(parseRange(text) ?? [])
    assert.match(ranges.find(held)?.what ?? '', /^an address in .*\/\d+ \(refused by --refuse-endpoints\)$/)
    assert.equal(ranges.find(other), undefined)
  })
}

for (const text of [
  '',
  'Private',
  'minio',
  '10.0.0.0/33',
  '10.0.0/8',
  '10.0.0.0/',
  'fc00::/129',
  'fe80::1%eth0',
  '/8',
]) {
  test(`"${text}" is no range`, () => assert.equal(parseRange(text), undefined))
}
