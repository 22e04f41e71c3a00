import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, NOW } from '../../test/support/objects.ts'
import { concludeReach, type Reach } from './conclude-reach.ts'

const reach = (whole: string[], elsewhere: string[], stores: Record<string, string[]>): Reach => ({
  ...{ whole: new Set(whole), elsewhere: new Set(elsewhere) },
  stores: new Map(Object.entries(stores).map(([bucket, prefixes]) => [bucket, new Set(prefixes)])),
})
const said = (given: Reach | undefined) => concludeReach(connector(), given, [], NOW)[0]

describe('the least privilege of a connector', () => {
  const cases: [name: string, reach: Reach, status: string, names?: RegExp][] = [
    ['an identity that lists nothing else', reach([], [], { data: ['a/'] }), 'True'],
    [
      'a bucket as a whole where stores have prefixes',
      reach(['data'], [], { data: ['a/', 'b/'] }),
      'False',
      /all of bucket "data"/,
    ],
    ['a bucket as a whole that a store has as a whole', reach(['data'], [], { data: ['a/', ''] }), 'True'],
    ['a bucket that no store uses', reach([], ['else'], { data: ['a/'] }), 'False', /bucket "else", which no store/],
    ['another bucket that a store uses', reach([], ['else'], { data: ['a/'], else: ['b/'] }), 'True'],
    [
      'the bucket of a store that is gone',
      reach(['gone'], [], { data: ['a/'] }),
      'False',
      /bucket "gone", which no store/,
    ],
  ]
  for (const [name, given, status, names = /./] of cases) {
    test(`is ${status} for ${name}`, () => {
      assert.equal(said(given)?.status, status)
      assert.match(said(given)?.message ?? '', names)
    })
  }

  test('names five buckets at most, however many there are', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `bucket-${index}`)
    const { message = '' } = said(reach(many, [], {})) ?? {}
    assert.ok(message.length < 500, message)
    assert.match(message, /and 995 more/)
  })

  test('stays as it was where nobody has looked since the start', () => {
    const before = concludeReach(connector(), reach(['data'], [], { data: ['a/'] }), [], NOW)
    assert.deepEqual(concludeReach(connector(), undefined, before, NOW), before)
    assert.equal(said(undefined), undefined)
  })
})
