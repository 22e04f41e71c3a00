import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createFakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { fakeClient, widget } from '../../test/support/runtime/fakes.ts'
import type { KubeObject } from '../api/object.ts'
import type { WatchEvent } from '../kube/client.ts'
import { ApiError } from '../kube/errors.ts'
import { SECRETS } from '../kube/resource.ts'
import { NamespacedInformer } from './namespaced-informer.ts'

const forbidden = new ApiError(403, { reason: 'Forbidden' }, 'list')

/** The API server of these namespaces; undefined stands for one that refuses. */
function setUp(namespaces: Record<string, KubeObject[] | undefined>, watched = Object.keys(namespaces)) {
  const clock = createFakeClock()
  const stop = new AbortController()
  const [calls, events, errors, synced]: [string[], string[], string[], string[]] = [[], [], [], []]
  const client = fakeClient({
    async list<T extends KubeObject>(_: unknown, namespace = '') {
      calls.push(`list ${namespace}`)
      const items = namespaces[namespace]
      if (!items) throw forbidden
      return { items: items as T[], resourceVersion: '1000' }
    },
    async *watch<T extends KubeObject>(_: unknown, namespace = '', { signal }: { signal: AbortSignal }) {
      calls.push(`watch ${namespace}`)
      await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
      yield* [] as WatchEvent<T>[]
    },
  })
  const informer = new NamespacedInformer<KubeObject>({
    ...{ client, resource: SECRETS, clock, random: () => 0.5, namespaces: watched },
    onError: (error, { phase, namespace }) => void errors.push(`${namespace} ${phase} ${(error as ApiError).code}`),
    onSynced: namespace => void synced.push(namespace),
  })
  informer.cache.addIndex('uid', ({ metadata }) => [metadata.uid])
  informer.on(({ type, object }) => events.push(`${type} ${object.metadata.namespace}/${object.metadata.name}`))
  const ended = informer.start(stop.signal)
  const end = async () => {
    stop.abort(new Error('ended'))
    await ended
  }
  return { informer, clock, calls, events, errors, synced, end }
}

const inA = widget('w', { namespace: 'a', uid: 'one' })
const inB = widget('w', { namespace: 'b', uid: 'one' })

describe('informers of some namespaces', () => {
  test('are read as one, and ask for nothing outside of these namespaces', async () => {
    const { informer, calls, events, end } = setUp({ a: [inA], b: [inB] })
    await informer.synced
    await settle()
    assert.deepEqual(calls.sort(), ['list a', 'list b', 'watch a', 'watch b'])
    assert.deepEqual(events.sort(), ['added a/w', 'added b/w'])
    const { cache } = informer
    assert.deepEqual(
      [cache.get('a/w'), cache.get('b/w'), cache.get('c/w'), cache.get('w')],
      [inA, inB, undefined, undefined],
    )
    assert.deepEqual([...cache.values()], [inA, inB])
    assert.deepEqual(cache.byIndex('uid', 'one'), [inA, inB])
    assert.equal(cache.size, 2)
    await end()
  })

  test('take an own write into the cache of its namespace, and none of another namespace', async () => {
    const { informer, end } = setUp({ a: [], b: [] })
    await informer.synced
    const [known, unknown] = ['b', 'c'].map(namespace => {
      const { metadata, ...rest } = widget('new', { namespace })
      return { ...rest, metadata: { ...metadata, resourceVersion: '2000' } }
    })
    informer.observe(known ?? assert.fail())
    informer.observe(unknown ?? assert.fail())
    assert.deepEqual([...informer.cache.values()], [known])
    await end()
  })

  test('are synced although one namespace is refused, which is taken in as soon as it is not', async () => {
    const namespaces: Record<string, KubeObject[] | undefined> = { a: [inA], b: undefined }
    const { informer, clock, events, errors, synced, end } = setUp(namespaces)
    await informer.synced
    assert.equal(informer.hasSynced, true)
    assert.deepEqual([errors, synced], [['b list 403'], ['a']])
    namespaces['b'] = [inB]
    await clock.advance(30_000)
    await settle()
    assert.deepEqual(events, ['added a/w', 'added b/w'])
    assert.deepEqual(synced, ['a', 'b'])
    await end()
  })

  test('are not synced while all namespaces are refused', async () => {
    const namespaces: Record<string, KubeObject[] | undefined> = { a: undefined, b: undefined }
    const { informer, clock, end } = setUp(namespaces)
    await settle()
    assert.equal(informer.hasSynced, false)
    namespaces['a'] = []
    await clock.advance(30_000)
    await informer.synced
    await end()
  })

  test('of no namespace are synced, and run until they are ended', async () => {
    const { informer, calls, end } = setUp({ a: [inA] }, [])
    await informer.synced
    assert.deepEqual([informer.hasSynced, informer.cache.size, calls], [true, 0, []])
    await end()
  })

  test('that end before they are synced say so', async () => {
    const { informer, end } = setUp({ a: undefined })
    await settle()
    await end()
    await assert.rejects(informer.synced, /ended/)
  })
})
