import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeProvider } from '../../test/support/objects.ts'
import { createFakeClock } from '../../test/support/runtime/fake-clock.ts'
import { fakeClient, fakeLog } from '../../test/support/runtime/fakes.ts'
import { ApiError } from '../kube/errors.ts'
import { createCaches } from './caches.ts'
import { createWatchedNamespaces, readWatched, watchedIn } from './watched-namespaces.ts'

const forbidden = new ApiError(403, { reason: 'Forbidden' }, 'list')
const broken = new ApiError(500, {}, 'list')

function setUp() {
  const [clock, log] = [createFakeClock(), fakeLog()]
  const watched = createWatchedNamespaces({ names: ['a', 'b'], clock, log })
  const read: string[] = []
  watched.onRead(namespace => read.push(namespace))
  const list = (namespace: string, times = 6) => {
    for (let time = 0; time < times; time++) watched.listed(namespace)
  }
  return { clock, log, watched, read, list }
}

describe('namespaces to which the operator is limited', () => {
  test('are read once all resources in them are listed, as their metric says', () => {
    const { watched, read, list } = setUp()
    list('a', 5)
    assert.deepEqual([watched.isRead('a'), read], [false, []])
    list('a', 1)
    assert.deepEqual([watched.isRead('a'), watched.isRead('b'), watched.isRead('c'), read], [true, false, false, ['a']])
    assert.deepEqual(readWatched(watched).watched_namespace_read, [
      { labels: { namespace: 'a' }, value: 1 },
      { labels: { namespace: 'b' }, value: 0 },
    ])
  })

  test('that refuse are told of with a cure, once in ten minutes for all resources, and when they no longer do', async () => {
    const { clock, watched, log, list } = setUp()
    for (let time = 0; time < 6; time++) assert.equal(watched.refused(forbidden, 'b'), true)
    assert.match(
      String(log.lines[0]?.fields['cure']),
      /kubectl create namespace b.*deploy\/components\/watched-namespaces/,
    )
    assert.equal(log.messages('warn').length, 1)
    await clock.advance(600_000)
    watched.refused(forbidden, 'b')
    assert.equal(log.messages('warn').length, 2)
    list('b')
    assert.deepEqual(log.messages('info'), ['the namespace can be watched now'])
  })

  test('that were read and refuse now are told of, and their metric is 0 until they no longer do', async () => {
    const { clock, watched, log, list } = setUp()
    const metric = () => [...(readWatched(watched).watched_namespace_read ?? [])].map(({ value }) => value)
    list('a')
    watched.refused(forbidden, 'b')
    list('b')
    assert.deepEqual(metric(), [1, 1])
    await clock.advance(600_000)
    watched.refused(forbidden, 'b')
    assert.deepEqual([metric(), log.messages('warn').length], [[1, 0], 2])
    assert.equal(watched.isRead('b'), true, 'what is known of it stays known')
    await clock.advance(60_000)
    assert.deepEqual(metric(), [1, 1])
  })

  test('do not hide what else goes wrong', () => {
    const { watched, log } = setUp()
    assert.equal(watched.refused(broken, 'a'), false)
    assert.deepEqual(log.lines, [])
  })

  test('are none by default, and then metrics tell of none', () => {
    assert.equal(watchedIn({ watchNamespaces: [] }, fakeLog()), undefined)
    assert.deepEqual(readWatched(undefined), {})
  })

  test('have as many resources as the caches watch in namespaces', async () => {
    const { log, watched, read } = setUp()
    const asked: (string | undefined)[] = []
    const client = fakeClient({
      async list(resource, namespace) {
        asked.push(namespace)
        assert.ok(resource.namespaced, `${resource.plural} is not asked for`)
        return { items: [], resourceVersion: '1' }
      },
      watch: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }),
    })
    const seal = { of: () => '' }
    const caches = createCaches(client, { providers: { aws: fakeProvider }, seal, log, watched })
    for (const informer of Object.values(caches)) void informer.start(new AbortController().signal)
    await Promise.all(Object.values(caches).map(({ synced }) => synced))
    assert.deepEqual([...new Set(asked)].sort(), ['a', 'b'])
    assert.deepEqual(read.sort(), ['a', 'b'])
  })
})
