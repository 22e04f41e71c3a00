import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../api/object.ts'
import { Cache, compareVersions } from './cache.ts'

interface Thing extends KubeObject {
  color?: string[]
}

const thing = (name: string, version: number | string, more: { uid?: string; color?: string[] } = {}): Thing => {
  const { uid = `uid-${name}`, ...rest } = more
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name, namespace: 'ns', uid, resourceVersion: String(version) },
    ...rest,
  }
}

/** Shows things as `a@7 b@9`, in order of names. */
const shown = (things: Iterable<Thing>): string =>
  [...things]
    .map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`)
    .sort()
    .join(' ')

/** Makes a cache as it is after a list at `version`. */
function listed(version: number, ...things: Thing[]): Cache<Thing> {
  const cache = new Cache<Thing>()
  const replacement = cache.replace(String(version))
  for (const item of things) replacement.add(item)
  replacement.finish()
  return cache
}

describe('compareVersions', () => {
  for (const [a, b, sign] of [
    ['9', '10', -1],
    ['10', '9', 1],
    ['10', '10', 0],
    ['', '1', -1],
    ['18446744073709551614', '18446744073709551615', -1],
    ['340282366920938463463374607431768211455', '18446744073709551615', 1],
  ] as const) {
    it(`orders ${a || '(none)'} and ${b}`, () => assert.equal(Math.sign(compareVersions(a, b)), sign))
  }
})

describe('Cache', () => {
  const own: {
    name: string
    arrange: (cache: Cache<Thing>) => unknown
    observe: Thing
    accepted: boolean
    left: string
  }[] = [
    { name: 'newer than what is known', arrange: () => {}, observe: thing('a', 11), accepted: true, left: 'a@11' },
    { name: 'a new object', arrange: () => {}, observe: thing('b', 11), accepted: true, left: 'a@7 b@11' },
    {
      name: 'more digits',
      arrange: c => c.observe(thing('a', 99)),
      observe: thing('a', 100),
      accepted: true,
      left: 'a@100',
    },
    {
      name: 'the same again',
      arrange: c => c.observe(thing('a', 11)),
      observe: thing('a', 11),
      accepted: false,
      left: 'a@11',
    },
    {
      name: 'older than what is known',
      arrange: c => c.observe(thing('a', 12)),
      observe: thing('a', 11),
      accepted: false,
      left: 'a@12',
    },
    {
      name: 'what the stream has passed',
      arrange: c => c.advance('20'),
      observe: thing('b', 15),
      accepted: false,
      left: 'a@7',
    },
    {
      name: 'a write from before a deletion',
      arrange: c => {
        c.delete(thing('a', 12))
        c.advance('12')
      },
      observe: thing('a', 11),
      accepted: false,
      left: '',
    },
    {
      name: 'the object made anew after a deletion',
      arrange: c => {
        c.delete(thing('a', 12))
        c.advance('12')
      },
      observe: thing('a', 13, { uid: 'other' }),
      accepted: true,
      left: 'a@13',
    },
    {
      name: 'the object made anew before the stream shows the deletion',
      arrange: () => {},
      observe: thing('a', 13, { uid: 'other' }),
      accepted: true,
      left: 'a@13',
    },
  ]
  for (const { name, arrange, observe, accepted, left } of own) {
    it(`${accepted ? 'takes' : 'refuses'} an own write: ${name}`, () => {
      const cache = listed(10, thing('a', 7))
      arrange(cache)
      assert.equal(cache.observe(observe), accepted)
      assert.equal(shown(cache.values()), left)
    })
  }

  it('takes own writes before the first list', () => {
    const cache = new Cache<Thing>()
    assert.ok(cache.observe(thing('a', 7)))
    assert.equal(shown(cache.values()), 'a@7')
  })

  it('keeps an object made anew when the deletion of its forerunner shows up', () => {
    const cache = listed(10, thing('a', 7))
    cache.observe(thing('a', 13, { uid: 'other' }))
    assert.equal(cache.delete(thing('a', 12)), undefined)
    assert.equal(shown(cache.values()), 'a@13')
  })

  it('returns an object that is deleted, and nothing for one that was deleted before', () => {
    const cache = listed(10, thing('a', 7))
    assert.equal(cache.delete(thing('a', 12))?.metadata.resourceVersion, '7')
    assert.equal(cache.delete(thing('a', 12)), undefined)
  })

  const relists: {
    name: string
    arrange?: (cache: Cache<Thing>) => unknown
    at: number
    items: Thing[]
    gone: string
    left: string
    added: string
  }[] = [
    { name: 'nothing changed', at: 20, items: [thing('a', 7), thing('b', 8)], added: '', gone: '', left: 'a@7 b@8' },
    {
      name: 'something changed',
      at: 20,
      items: [thing('a', 15), thing('b', 8)],
      added: 'a@15',
      gone: '',
      left: 'a@15 b@8',
    },
    { name: 'something vanished', at: 20, items: [thing('b', 8)], added: '', gone: 'a@7', left: 'b@8' },
    {
      name: 'something new',
      at: 20,
      items: [thing('a', 7), thing('b', 8), thing('c', 15)],
      added: 'c@15',
      gone: '',
      left: 'a@7 b@8 c@15',
    },
    {
      name: 'made anew',
      at: 20,
      items: [thing('a', 15, { uid: 'new' }), thing('b', 8)],
      added: 'a@15',
      gone: '',
      left: 'a@15 b@8',
    },
    {
      name: 'own writes that are newer than the list',
      arrange: c => {
        c.observe(thing('a', 21))
        c.observe(thing('c', 22))
      },
      at: 20,
      items: [thing('a', 15), thing('b', 8)],
      added: '',
      gone: '',
      left: 'a@21 b@8 c@22',
    },
    {
      name: 'an own write that was deleted before the list',
      arrange: c => c.observe(thing('c', 15)),
      at: 20,
      items: [thing('a', 7), thing('b', 8)],
      added: '',
      gone: 'c@15',
      left: 'a@7 b@8',
    },
    {
      name: 'etcd restored from a backup',
      arrange: c => {
        c.observe(thing('a', 12))
        c.observe(thing('b', 13))
        c.advance('13')
      },
      at: 9,
      items: [thing('a', 7)],
      added: 'a@7',
      gone: 'b@13',
      left: 'a@7',
    },
  ]
  for (const { name, arrange, at, items, added, gone, left } of relists) {
    it(`is replaced by a list: ${name}`, () => {
      const cache = listed(10, thing('a', 7), thing('b', 8))
      arrange?.(cache)
      const replacement = cache.replace(String(at))
      assert.equal(shown(items.filter(item => replacement.add(item))), added)
      assert.equal(shown(replacement.finish()), gone)
      assert.equal(shown(cache.values()), left)
      assert.equal(cache.version, String(at))
      assert.ok(cache.observe(thing('z', at + 100)), 'own writes are taken again')
    })
  }

  describe('indexes', () => {
    const red = (name: string, version = 7): Thing => thing(name, version, { color: ['red'] })

    for (const when of ['before', 'after'] as const) {
      it(`finds objects that were added ${when} it`, () => {
        const cache = new Cache<Thing>()
        if (when === 'before') cache.observe(red('a'))
        cache.addIndex('color', ({ color = [] }) => color)
        if (when === 'after') cache.observe(red('a'))
        assert.equal(shown(cache.byIndex('color', 'red')), 'a@7')
        assert.deepEqual(cache.byIndex('color', 'blue'), [])
      })
    }

    it('follows changes and deletions', () => {
      const cache = new Cache<Thing>()
      cache.addIndex('color', ({ color = [] }) => color)
      cache.addIndex('name', ({ metadata }) => [metadata.name])
      for (const name of ['a', 'b', 'c']) cache.observe(red(name))
      cache.observe(thing('a', 9, { color: ['red', 'blue'] }))
      cache.observe(thing('b', 9, { color: ['blue'] }))
      cache.delete(red('c', 9))
      assert.equal(shown(cache.byIndex('color', 'red')), 'a@9')
      assert.equal(shown(cache.byIndex('color', 'blue')), 'a@9 b@9')
      assert.equal(shown(cache.byIndex('name', 'c')), '')
      cache.replace('20').finish()
      assert.deepEqual(cache.byIndex('color', 'blue'), [])
    })

    it('an index can be read only after it was added, and be added only once', () => {
      const cache = new Cache<Thing>()
      cache.addIndex('color', () => [])
      assert.throws(() => cache.addIndex('color', () => []), /index "color" exists already/)
      assert.throws(() => cache.byIndex('size', '1'), /no index "size"/)
    })
  })

  describe('transform', () => {
    it('strips managedFields, and leaves the given object alone', () => {
      const cache = new Cache<Thing>()
      const given = { ...thing('a', 7), metadata: { ...thing('a', 7).metadata, managedFields: [{}] } }
      cache.observe(given)
      assert.deepEqual(cache.get('ns/a'), thing('a', 7))
      assert.equal(given.metadata.managedFields.length, 1)
    })

    it('decides what is kept and indexed', () => {
      const cache = new Cache<Thing>({ transform: ({ color: _, ...rest }) => ({ ...rest, color: ['grey'] }) })
      cache.addIndex('color', ({ color = [] }) => color)
      cache.observe(thing('a', 7, { color: ['red'] }))
      assert.equal(shown(cache.byIndex('color', 'grey')), 'a@7')
      assert.equal(shown(cache.byIndex('color', 'red')), '')
    })
  })
})
