import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../api/object.ts'
import { Cache } from './cache.ts'

interface Thing extends KubeObject {
  color: string[]
}

const thing = (name: string, version: number, color: string[]): Thing => ({
  ...{ apiVersion: 'v1', kind: 'Thing', color },
  metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: String(version) },
})

const shown = (things: Thing[]): string[] =>
  things.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort()

test('an index finds what is there, whichever objects get and lose a value', () => {
  const cache = new Cache<Thing>()
  cache.addIndex('color', ({ color }) => color)
  const sets = [[], ['red'], ['blue'], ['red', 'blue'], ['blue', 'red'], ['red', 'red']]
  const there = new Map<string, Thing>()
  for (let version = 1; version <= 500; version++) {
    const name = 'abc'[(version * 7) % 3] as string
    const color = sets[(version * version + (version >> 3)) % sets.length] as string[]
    const next = thing(name, version, color)
    if (version % 5 === 0) {
      cache.delete(next)
      there.delete(name)
    } else {
      cache.observe(next)
      there.set(name, next)
    }
    for (const value of ['red', 'blue']) {
      const expected = [...there.values()].filter(each => each.color.includes(value))
      assert.deepEqual(shown(cache.byIndex('color', value)), shown(expected), `after ${version} changes`)
    }
  }
})
