import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { KubeObject } from '../api/object.ts'
import { VALUE_BYTES_MAX } from '../connectors/view.ts'
import { ReferencedValues, type ValuesKind } from './referenced-values.ts'

type Data = Record<string, string>

const object = (name: string, version: number, namespace = 'ml'): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap' },
  metadata: { name, namespace, uid: `uid of ${name}`, resourceVersion: `${version}` },
})
const accept = () => true

/** An API server with ConfigMaps and Secrets whose data a test sets. */
function setUp(maxBytes?: number) {
  const objects = new Map<string, KubeObject & { data: Data }>()
  const gets: string[] = []
  let running = 0
  let most = 0
  const get = async (_resource: unknown, namespace: string | undefined, name: string) => {
    gets.push(`${namespace}/${name}`)
    most = Math.max(most, ++running)
    await nextTurn()
    running--
    const found = objects.get(`${namespace}/${name}`)
    if (!found) throw new Error('not found')
    return found as never
  }
  const values = new ReferencedValues({ client: { get }, ...(maxBytes ? { maxBytes } : {}) })
  return {
    values,
    gets,
    most: () => most,
    put(name: string, version: number, data: Data, namespace = 'ml') {
      objects.set(`${namespace}/${name}`, { ...object(name, version, namespace), data })
      return object(name, version, namespace)
    },
    read: (name: string, keys: string[], namespace = 'ml', kind: ValuesKind = 'ConfigMap') =>
      values.read(kind, namespace, name, { keys, accept, signal: AbortSignal.timeout(5_000) }),
  }
}

describe('values that connectors name', () => {
  test('are decoded, and nothing else of the object is kept', async () => {
    const lab = setUp()
    const shown = lab.put('a', 1, { id: 'QUtJQQ==', other: 'QQ==' })
    await lab.read('a', ['id', 'absent'], 'ml', 'Secret')
    const kept = lab.values.get('Secret', shown)
    assert.deepEqual(kept?.values, { id: 'AKIA' })
    assert.deepEqual([...(kept?.asked ?? [])].sort(), ['absent', 'id'])
    assert.deepEqual(kept?.names, ['id', 'other'])
    assert.equal(lab.values.bytes, 4)
  })

  test('are read once for each version, however many ask at the same time', async () => {
    const lab = setUp()
    lab.put('a', 1, { id: 'x' })
    await Promise.all(Array.from({ length: 1000 }, () => lab.read('a', ['id'])))
    assert.deepEqual(lab.gets, ['ml/a'])
  })

  test('are unknown when the watch shows a newer version, or another object of that name', async () => {
    const lab = setUp()
    const shown = lab.put('a', 5, { id: 'x' })
    await lab.read('a', ['id'])
    assert.ok(lab.values.get('ConfigMap', shown))
    assert.ok(lab.values.get('ConfigMap', object('a', 4)), 'the watch is behind')
    assert.equal(lab.values.get('ConfigMap', object('a', 6)), undefined)
    const anew = { ...shown, metadata: { ...shown.metadata, uid: 'another' } }
    assert.equal(lab.values.get('ConfigMap', anew), undefined)
  })

  test('of earlier questions stay when another key is asked for', async () => {
    const lab = setUp()
    const shown = lab.put('a', 1, { id: 'x', more: 'y' })
    await lab.read('a', ['id'])
    await lab.read('a', ['more'])
    assert.deepEqual(lab.values.get('ConfigMap', shown)?.values, { id: 'x', more: 'y' })
  })

  test('of a read that failed are not asked for later, so that nothing stays of objects that are gone', async () => {
    const lab = setUp()
    await assert.rejects(lab.read('a', ['gone']), /not found/)
    const shown = lab.put('a', 1, { id: 'x', gone: 'y' })
    await lab.read('a', ['id'])
    assert.deepEqual([...(lab.values.get('ConfigMap', shown)?.asked ?? [])], ['id'])
  })

  test('of an object that is forgotten while it is read are not asked for either', async () => {
    const lab = setUp()
    const shown = lab.put('a', 1, { id: 'x' })
    const reading = lab.read('a', ['id'])
    lab.values.forget('ConfigMap', shown)
    await reading
    assert.deepEqual([...(lab.values.get('ConfigMap', shown)?.asked ?? [])], [])
  })

  test('that are too large are told by their size, and not kept', async () => {
    const lab = setUp()
    const shown = lab.put('a', 1, { most: 'x'.repeat(VALUE_BYTES_MAX), more: 'x'.repeat(VALUE_BYTES_MAX + 1) })
    await lab.read('a', ['most', 'more'])
    const kept = lab.values.get('ConfigMap', shown)
    assert.deepEqual([kept?.values['most']?.length, kept?.tooLarge], [VALUE_BYTES_MAX, { more: VALUE_BYTES_MAX + 1 }])
    assert.equal(lab.values.bytes, VALUE_BYTES_MAX)
  })

  test('of an object that lost its label are dropped', async () => {
    const lab = setUp()
    const shown = lab.put('a', 1, { id: 'x' })
    await lab.read('a', ['id'])
    const signal = AbortSignal.timeout(5_000)
    await lab.values.read('ConfigMap', 'ml', 'a', { keys: ['id'], accept: () => false, signal })
    assert.equal(lab.values.get('ConfigMap', shown), undefined)
    assert.equal(lab.values.bytes, 0)
  })

  test('of many objects are bounded, and who keeps most gives way', async () => {
    const lab = setUp(10_000)
    const small = lab.put('small', 1, { id: 'x'.repeat(100) }, 'quiet')
    await lab.read('small', ['id'], 'quiet')
    for (let index = 0; index < 50; index++) {
      lab.put(`large-${index}`, 1, { id: 'x'.repeat(1000) }, 'loud')
      await lab.read(`large-${index}`, ['id'], 'loud')
    }
    assert.ok(lab.values.bytes <= 10_000, `${lab.values.bytes}`)
    assert.ok(lab.values.get('ConfigMap', small), 'the neighbour’s are still there')
    assert.ok(lab.values.get('ConfigMap', object('large-49', 1, 'loud')), 'the newest are still there')
  })

  test('of many objects are read a few at a time, and one after the other in a namespace', async () => {
    const lab = setUp()
    const reads: Promise<unknown>[] = []
    for (let index = 0; index < 40; index++) {
      lab.put(`a-${index}`, 1, { id: 'x' }, 'loud')
      reads.push(lab.read(`a-${index}`, ['id'], 'loud'))
    }
    for (let index = 0; index < 10; index++) {
      lab.put('a', 1, { id: 'x' }, `quiet-${index}`)
      reads.push(lab.read('a', ['id'], `quiet-${index}`))
    }
    await Promise.all(reads)
    assert.ok(lab.most() <= 4, `${lab.most()} at a time`)
    const last = lab.gets.findLastIndex(what => what.startsWith('quiet'))
    assert.ok(last < 25, `the neighbours waited for ${last} reads`)
  })
})

describe('a new version of an object', () => {
  const before: Data = { id: 'x', other: 'y' }
  const cases: [name: string, data: Data, changed: boolean][] = [
    ['with other metadata only wakes nobody', before, false],
    ['with another value under a key that is named wakes who names it', { id: 'z', other: 'y' }, true],
    ['with another value under a key that nobody names wakes nobody', { id: 'x', other: 'z' }, false],
    ['with other keys wakes who names it, for the message that lists them', { id: 'x' }, true],
  ]
  for (const [name, data, changed] of cases) {
    test(name, async () => {
      const lab = setUp()
      lab.put('a', 1, before)
      await lab.read('a', ['id'])
      assert.equal(await lab.values.isChanged('ConfigMap', lab.put('a', 2, data), accept), changed)
    })
  }

  test('is not read when nobody has read an earlier one', async () => {
    const lab = setUp()
    assert.equal(await lab.values.isChanged('ConfigMap', lab.put('a', 2, before), accept), true)
    assert.deepEqual(lab.gets, [])
  })

  test('that can’t be read wakes who names it', async () => {
    const lab = setUp()
    lab.put('a', 1, before)
    await lab.read('a', ['id'])
    lab.values.forget('ConfigMap', object('b', 1))
    assert.equal(await lab.values.isChanged('ConfigMap', object('a', 3), accept), true)
  })
})
