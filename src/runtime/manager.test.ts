import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { fakeLog } from '../../test/support/runtime/fakes.ts'
import type { RunSignals } from './controller.ts'
import { createManager, type ManagerOptions } from './manager.ts'

interface FakeOptions {
  leader?: boolean
  /** Runs the controller. Default: until `drain` aborts. */
  run?: (signals: RunSignals) => Promise<void>
  /** Settles when the informer has synced. Default: at once. */
  synced?: Promise<void>
  watch?: (signal: AbortSignal) => Promise<void>
  /** What must be there before the informer starts. Default: nothing. */
  prepare?: (signal: AbortSignal) => Promise<void>
  trouble?: () => string | undefined
}

const until = (signal: AbortSignal) =>
  new Promise<void>(resolve => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve())))

/** Makes a manager of one informer and one controller; `order` lists what happened. */
function setUp({
  leader = true,
  run = ({ drain }) => until(drain),
  synced = Promise.resolve(),
  watch = until,
  prepare,
  trouble = () => undefined,
}: FakeOptions = {}) {
  const order: string[] = []
  const clock = createFakeClock()
  const log = fakeLog()
  const stop = new AbortController()
  const lead = Promise.withResolvers<boolean>()
  const state = { hasSynced: false, leads: false, lost: (_: string) => {} }
  synced.then(
    () => {
      state.hasSynced = true
    },
    () => {},
  )
  const options: ManagerOptions = {
    informers: {
      widgets: {
        get hasSynced() {
          return state.hasSynced
        },
        synced,
        async start(signal) {
          order.push('watch')
          await watch(signal)
          order.push('unwatch')
        },
      },
    },
    controllers: [
      {
        name: 'widgets',
        enqueue() {},
        enqueueAfter() {},
        async run(signals) {
          order.push('run')
          await run(signals)
          order.push('ran')
        },
      },
    ],
    recorder: {
      record() {},
      async stop(boundMs) {
        order.push(`flush ${boundMs}`)
      },
    },
    clock,
    log,
    ...(prepare ? { prepare: { what: 'the key', run: prepare, trouble } } : {}),
  }
  if (leader) {
    options.leader = {
      isLeader: () => state.leads,
      async acquire(signal, onLost) {
        order.push('campaign')
        state.lost = why => {
          state.leads = false
          onLost(why)
        }
        const leads = await Promise.race([lead.promise, until(signal).then(() => false)])
        state.leads = leads
        return leads
      },
      async release() {
        order.push('release')
      },
    }
  }
  const manager = createManager(options)
  const ended: { error?: Error; done?: true } = {}
  const start = async () => {
    manager.run(stop.signal).then(
      () => {
        ended.done = true
      },
      error => {
        ended.error = error
      },
    )
    await settle()
  }
  const becomeLeader = async () => {
    lead.resolve(true)
    await settle()
  }
  return { manager, order, clock, log, stop, state, ended, start, becomeLeader }
}

test('a start in order, and a stop in the reverse one', async () => {
  const t = setUp()
  await t.start()
  assert.deepEqual(t.order, ['watch', 'campaign'], 'a standby keeps its cache warm and does nothing else')
  await t.becomeLeader()
  assert.deepEqual(t.order, ['watch', 'campaign', 'run'])
  t.stop.abort()
  await settle()
  assert.deepEqual(t.order.slice(3), ['ran', 'flush 2000', 'release', 'unwatch'])
  assert.deepEqual(t.ended, { done: true })
  assert.equal(t.clock.timers(), 0)
})

test('nothing is watched before what must be there first, and readiness says what that is', async () => {
  const there = Promise.withResolvers<void>()
  const t = setUp({ leader: false, prepare: () => there.promise })
  await t.start()
  assert.deepEqual([t.order, t.manager.ready()], [[], 'waiting for the key'])
  there.resolve()
  await settle()
  assert.deepEqual([t.order, t.manager.ready()], [['watch', 'run'], true])
})

test('readiness says why what must be there first is not, and what to do', async () => {
  const t = setUp({ prepare: until, trouble: () => 'a quota leaves no room: raise it' })
  await t.start()
  assert.equal(t.manager.ready(), 'waiting for the key: a quota leaves no room: raise it')
  t.stop.abort()
  await settle()
})

test('a stop ends the wait for what must be there first', async () => {
  const t = setUp({ prepare: until })
  await t.start()
  t.stop.abort()
  await settle()
  assert.deepEqual(t.ended, { done: true })
  assert.equal(t.order.includes('watch'), false)
})

test('without leader election the controllers run once caches have synced', async () => {
  const t = setUp({ leader: false })
  await t.start()
  assert.deepEqual(t.order, ['watch', 'run'])
})

test('a replica does not campaign with a cold cache, and its readiness says what is missing', async () => {
  const synced = Promise.withResolvers<void>()
  const t = setUp({ synced: synced.promise })
  await t.start()
  assert.deepEqual(t.order, ['watch'])
  assert.equal(t.manager.ready(), 'waiting for the caches of widgets')
  synced.resolve()
  await settle()
  assert.deepEqual(t.order, ['watch', 'campaign'])
  assert.equal(t.manager.ready(), true, 'a standby is ready')
  t.stop.abort()
  assert.equal(t.manager.ready(), 'stopping')
})

for (const { name, prepare } of [
  { name: 'before the caches have synced', prepare: () => setUp({ synced: new Promise(() => {}) }) },
  { name: 'while another replica leads', prepare: () => setUp() },
]) {
  test(`a stop ${name} runs no controller`, async () => {
    const t = prepare()
    await t.start()
    t.stop.abort()
    await settle()
    assert.deepEqual(t.ended, { done: true })
    assert.equal(t.order.includes('run'), false)
  })
}

test('a stop waits 25 s for work under way, then aborts it, then goes on', async () => {
  const t = setUp({ run: ({ abort }) => until(abort) })
  await t.start()
  await t.becomeLeader()
  t.stop.abort()
  await t.clock.advance(24_999)
  assert.deepEqual(t.order, ['watch', 'campaign', 'run'])
  await t.clock.advance(1)
  assert.deepEqual(t.order.slice(3), ['ran', 'flush 2000', 'release', 'unwatch'])
  assert.deepEqual(t.ended, { done: true })
})

test('work that does not end even when aborted keeps the lease from being released', async () => {
  const t = setUp({ run: () => new Promise(() => {}) })
  await t.start()
  await t.becomeLeader()
  t.stop.abort()
  await t.clock.advance(31_000)
  assert.equal(t.order.includes('release'), false)
  assert.match(t.log.messages('error').join(), /the lease is left to expire/)
  assert.deepEqual(t.ended, { done: true })
})

test('a lost lease aborts work at once, sends no events, and ends with an error', async () => {
  const signals: RunSignals[] = []
  const t = setUp({
    run(given) {
      signals.push(given)
      return until(given.abort)
    },
  })
  await t.start()
  await t.becomeLeader()
  t.state.lost('held by another')
  assert.equal(signals[0]?.abort.aborted, true, 'in the same tick')
  await settle()
  assert.match(t.ended.error?.message ?? '', /lost leadership: held by another/)
  assert.deepEqual(t.order.slice(3, 5), ['ran', 'flush 0'])
  assert.equal(t.clock.timers(), 0)
})

test('a lease lost while work is draining aborts that work', async () => {
  const t = setUp({ run: ({ abort }) => until(abort) })
  await t.start()
  await t.becomeLeader()
  t.stop.abort()
  await t.clock.advance(100)
  assert.equal(t.order.includes('ran'), false)
  t.state.lost('held by another')
  await settle()
  assert.equal(t.order.includes('ran'), true)
})

for (const { name, options, want } of [
  {
    name: 'a controller that fails',
    options: () => ({ run: async () => Promise.reject(new Error('bug')) }),
    want: 'controller widgets failed',
  },
  {
    name: 'a controller that ends by itself',
    options: () => ({ run: async () => {} }),
    want: 'controller widgets ended by itself',
  },
  {
    name: 'an informer that fails',
    options: () => ({ watch: async () => Promise.reject(new Error('bug')), synced: new Promise<void>(() => {}) }),
    want: 'informer widgets failed',
  },
  {
    name: 'an informer that can not sync',
    options: () => ({ synced: Promise.reject(new Error('bug')) }),
    want: 'caches did not sync',
  },
] satisfies { name: string; options: () => FakeOptions; want: string }[]) {
  test(`${name} ends the process with a log that says so`, async () => {
    const t = setUp(options())
    await t.start()
    await t.becomeLeader()
    assert.equal(t.ended.error?.message, want)
    assert.equal(t.log.lines.find(({ level }) => level === 'error')?.fields.err, t.ended.error)
  })
}
