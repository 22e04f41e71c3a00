import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { store } from '../../test/support/objects.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { createReach } from './reach.ts'

const seen = { whole: new Set(['data']), elsewhere: new Set(['other']) }
const at = (path: unknown): ArtifactStore => store({ path: path as string })

describe('what a connector is told of its identity', () => {
  const cases: [name: string, stores: ArtifactStore[], buckets: Record<string, string[]>][] = [
    ['names no bucket without stores', [], {}],
    [
      'names the prefixes by bucket',
      [at('s3://data/a'), at('s3://data/b/'), at('s3://more')],
      { data: ['a/', 'b/'], more: [''] },
    ],
    ['names a prefix once', [at('s3://data/a'), at('s3://data/a')], { data: ['a/'] }],
    ['names containers, too', [at('az://data/a')], { data: ['a/'] }],
    [
      'leaves out paths that are none',
      [at('ftp://data/a'), at(''), at(7), at(undefined), at('s3://data/a')],
      { data: ['a/'] },
    ],
  ]
  for (const [name, stores, buckets] of cases) {
    test(name, () => {
      const asked: string[] = []
      const reach = createReach(
        { reachOf: () => seen },
        connector => {
          asked.push(connector)
          return stores
        },
        () => 0,
      )('ml/minio', 'print')
      assert.deepEqual(asked, ['ml/minio'])
      assert.deepEqual([reach?.whole, reach?.elsewhere], [seen.whole, seen.elsewhere])
      assert.deepEqual(
        Object.fromEntries([...(reach?.stores ?? [])].map(([bucket, all]) => [bucket, [...all]])),
        buckets,
      )
    })
  }

  test('is nothing where no trial has shown anything, and no store is looked at', () => {
    const reach = createReach(
      { reachOf: print => (print === 'print' ? seen : undefined) },
      () => {
        throw new Error('unused')
      },
      () => 0,
    )
    assert.equal(reach('ml/minio', 'another'), undefined)
  })
})
