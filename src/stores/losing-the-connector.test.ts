import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeSession, fakeView, goodProbe, KEY_SPEC, NOW, store } from '../../test/support/objects.ts'
import { going, guarded, storeLab } from '../../test/support/store-context.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { stalled } from '../api/failures.ts'
import type { Prepared, SharedSession } from '../providers/provider.ts'
import type { StoreContext } from './context.ts'
import { KeptSessions } from './effects/kept-sessions.ts'
import { finalize } from './finalize.ts'
import { reconcileStore } from './reconcile.ts'

const none = new AbortController().signal
const status = { bucket: { name: 'bucket', prefix: 'team/', expirationDays: 7 } }
const living = guarded(store({ bucket: { expirationDays: 7 } }, { status }))

/** A store with a rule that was looked at, and then `lost`. */
async function lost(view: Partial<StoreContext['view']>, change: Partial<SharedSession> = {}) {
  let removed = 0
  const session = fakeSession({
    probe: async () => goodProbe,
    async prepare({ expirationDays }) {
      if (expirationDays === undefined) removed++
      return { kind: 'prepared', changes: [] }
    },
    ...change,
  })
  const lab = storeLab({ sessions: { get: async () => session } })
  await reconcileStore(living, lab.context, none)
  lab.context.view = fakeView(view)
  return {
    lab,
    removed: () => removed,
    run: (object: ArtifactStore = going(living)) => finalize(object, lab.context, none),
  }
}

const terminating = { isTerminating: () => true }
const noConnector = { connector: () => undefined }
const noSecret = { keyValues: () => undefined }

describe('a lifecycle rule whose store is deleted after its connector, or the Secret of that', () => {
  for (const [what, view] of [
    ['the connector', noConnector],
    ['the Secret', noSecret],
  ] as const) {
    for (const where of [{}, terminating]) {
      const scene = where === terminating ? 'with the namespace' : 'in a namespace that stays'
      test(`is removed by the session that the store had, when ${what} goes first ${scene}`, async () => {
        const { run, removed } = await lost({ ...view, ...where })
        const { events, next } = await run()
        assert.deepEqual([events, next, removed()], [[], 'await-change', 1])
      })
    }
  }

  const refusing: [name: string, view: Partial<StoreContext['view']>][] = [
    ['is suspended', { connector: () => connector({ spec: { ...KEY_SPEC, suspend: true } }) }],
    [
      'no longer lends the bucket',
      { connector: () => connector({ spec: { ...KEY_SPEC, resources: ['s3://other'] } }) },
    ],
  ]
  for (const [name, view] of refusing) {
    test(`is not removed by that session when the connector ${name}`, async () => {
      const { run, removed } = await lost({ ...view, ...terminating })
      const { events = [] } = await run()
      assert.deepEqual([events[0]?.reason, removed()], ['RuleLeftBehind', 0])
    })
  }

  test('is not removed by a session that has ended, and is said to be left in a place that stays', async () => {
    const { run, removed } = await lost({ ...noSecret, ...terminating }, { expiresAt: NOW })
    const { events = [] } = await run()
    assert.deepEqual([events[0]?.reason, events[0]?.about, removed()], ['RuleLeftBehind', 'Namespace', 0])
  })

  test('is not removed by a key that was taken away long before', async () => {
    const { lab, run, removed } = await lost(noSecret)
    await reconcileStore(living, lab.context, none)
    lab.now = new Date(NOW.getTime() + 11 * 60_000)
    assert.equal((await run()).status?.conditions?.[0]?.reason, 'RuleNotRemoved')
    assert.equal(removed(), 0)
  })

  test('is not removed by a key that was taken away long before, while the store was suspended', async () => {
    const { lab, run, removed } = await lost(noSecret)
    const suspended = guarded(store({ bucket: { expirationDays: 7 }, suspend: true }, { status }))
    await reconcileStore(suspended, lab.context, none)
    lab.now = new Date(NOW.getTime() + 11 * 60_000)
    await run(going(suspended))
    assert.equal(removed(), 0)
  })

  test('leaves no session behind in memory', async () => {
    const kept = new KeptSessions()
    const prepare = async (): Promise<Prepared> => ({ kind: 'prepared', changes: [] })
    const working = fakeSession({ probe: async () => goodProbe, prepare })
    const { context } = storeLab({ kept, sessions: { get: async () => working } })
    await reconcileStore(living, context, none)
    assert.ok(kept.get(living.metadata.uid, { now: NOW, monotonic: 0 }))
    await reconcileStore(store(), context, none)
    assert.equal(kept.get(living.metadata.uid, { now: NOW, monotonic: 0 }), undefined)
  })
})

describe('a lifecycle rule that status does not know of', () => {
  const unrecorded = going(store({ bucket: { expirationDays: 7 } }))
  const denied = stalled('PermissionDenied', 's3:GetLifecycleConfiguration denied')

  test('is looked for once, and does not hold up the end of its store', async () => {
    const { context } = storeLab({ sessions: { get: async () => fakeSession({ prepare: async () => denied }) } })
    const { events = [], next } = await finalize(unrecorded, context, none)
    assert.equal(next, 'await-change')
    assert.match(events[0]?.message ?? '', /may be left behind: if it is there, remove it by hand: s3:Get/)
  })
})
