/** Tests of what goes wrong, of when a controller tries again, and of how it ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DONE, READY, setUp } from '../../test/support/runtime/controller-harness.ts'
import { settle } from '../../test/support/runtime/fake-clock.ts'
import { FAILED_TEST, type WidgetStatus, widget } from '../../test/support/runtime/fakes.ts'
import { stalled, transient, waiting } from '../api/failures.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import type { EventRecord, Outcome } from './outcome.ts'

const failed = new ApiError(500, { reason: 'InternalError' }, 'update widget ns/a')
const notFound = new ApiError(404, { reason: 'NotFound' }, 'apply widget ns/a')

for (const { name, next, at } of [
  { name: 'after the time that it gives', next: { after: 5000 }, at: [5000] },
  { name: 'slowly when it is stalled', next: stalled('Denied', 'denied'), at: [600_000] },
  { name: 'as a fallback when it waits', next: waiting('NoParent', 'not there'), at: [300_000] },
  { name: 'with backoff when it is transient', next: transient('Timeout', 'timed out'), at: [750, 1500, 3000, 6000] },
] satisfies { name: string; next: Outcome<WidgetStatus>['next']; at: number[] }[]) {
  test(`an outcome has its object reconciled again ${name}`, async () => {
    const t = setUp(async () => ({ next }))
    await t.start()
    for (const [index, ms] of at.entries()) {
      await t.clock.advance(ms - 1)
      assert.equal(t.runs.length, index + 1, `not before ${ms} ms`)
      await t.clock.advance(1)
      assert.equal(t.runs.length, index + 2, `after ${ms} ms`)
    }
  })
}

test('backoff goes on through a status write of its own, and starts again after a success', async () => {
  const failing = transient('Timeout', 'timed out')
  const t = setUp(async (_, __, run) => ({
    status: { ...READY, phase: `run ${run}` },
    next: run === 4 ? { after: 10 } : failing,
  }))
  await t.start()
  const startedAt: number[] = []
  for (let run = 2; run <= 6; run++) {
    const before = t.clock.monotonic()
    while (t.runs.length < run) await t.clock.advance(10)
    startedAt.push(t.clock.monotonic() - before)
  }
  assert.deepEqual(startedAt, [750, 1500, 3000, 10, 750])
  assert.ok(t.writes.length >= 5, 'each run wrote a status')
})

test('backoff starts again after a failure that is not transient', async () => {
  const t = setUp(async (_, __, run) => ({ next: run === 3 ? waiting('NoParent', 'x') : transient('Timeout', 'x') }))
  await t.start()
  // Long delays end up to a quarter of a second later.
  await t.clock.advance(750 + 1500 + 300_250)
  assert.equal(t.runs.length, 4)
  await t.clock.advance(750)
  assert.equal(t.runs.length, 5)
})

test('a reconcile that crashes is logged, reaches status, and backs off', async () => {
  const t = setUp(async () => {
    throw new TypeError('x is undefined, token=eyJhbGciOi.eyJzdWIiOi.c2ln', { cause: new Error('https://u:hunter2@h') })
  })
  await t.start()
  assert.deepEqual(t.writes[0]?.status, {
    observedGeneration: 1,
    phase: 'ReconcileError',
    parts: ['unexpected error, it is tried again: x is undefined, token=[REDACTED]: https://[REDACTED]@h'],
  })
  assert.deepEqual(t.log.lines.find(({ level }) => level === 'error')?.fields.key, 'ns/a')
  assert.deepEqual(t.results, ['error'])
  await t.clock.advance(750 + 1500)
  assert.equal(t.runs.length, 3)
  assert.equal(t.writes.length, 1, 'the same is not written again')
})

test('a reconcile that takes too long is aborted, and status says so', async () => {
  const t = setUp(
    (_, signal) =>
      new Promise((__, reject) => signal.addEventListener('abort', () => reject(new Error('GET aborted')))),
  )
  await t.start()
  await t.clock.advance(59_999)
  assert.equal(t.writes.length, 0)
  await t.clock.advance(1)
  assert.equal(t.writes[0]?.status?.phase, 'DeadlineExceeded')
  assert.deepEqual(t.writes[0]?.status?.parts, ['not finished within 60 s: GET aborted; it is tried again'])
  await t.clock.advance(750)
  assert.equal(t.runs.length, 2)
})

test('a crash handler that crashes stops nothing: others run, and the key backs off', async () => {
  const t = setUp(
    async object => {
      if (object.metadata.name === 'a') throw new Error('one')
      return DONE
    },
    {
      objects: [widget('a'), widget('b')],
      concurrency: 1,
      onCrash: () => {
        throw new Error('two')
      },
    },
  )
  await t.start()
  assert.deepEqual(t.runs, ['a', 'b'])
  await t.clock.advance(750)
  assert.deepEqual(t.runs, ['a', 'b', 'a'])
  assert.equal(t.ended(), false)
})

for (const error of [failed, new TransportError('apply widget ns/a: connection reset')]) {
  test(`a status that could not be written (${error.name}) is not lost`, async () => {
    const t = setUp(async () => ({ status: READY, next: 'await-change' }), {
      onApply: async write => {
        if (write === 1) throw error
      },
    })
    await t.start()
    assert.deepEqual(t.results, ['error'])
    await t.clock.advance(750)
    assert.equal(t.runs.length, 2)
    assert.equal(t.writes.length, 2)
    assert.deepEqual(t.informer.cache.get('ns/a')?.status, READY)
  })
}

for (const [name, error, words] of [
  [
    'a policy',
    new ApiError(
      422,
      {
        reason: 'Invalid',
        message: `ValidatingAdmissionPolicy 'calm' with binding 'all' denied request: ${'no '.repeat(600)}`,
      },
      'patch',
    ),
    "ValidatingAdmissionPolicy 'calm' with binding 'all' denied request: no no",
  ],
  [
    'a webhook that answers 404',
    new ApiError(404, { message: 'admission webhook "x" denied the request: not here' }, 'patch'),
    'admission webhook "x" denied the request: not here',
  ],
  ['RBAC', new ApiError(403, { reason: 'Forbidden', message: 'widgets "a" is forbidden' }, 'patch'), 'is forbidden'],
  ['something without words', new ApiError(413, {}, 'patch'), 'HTTP 413'],
] as const) {
  test(`a status that ${name} refuses is told in an event, and tried again`, async () => {
    const t = setUp(async () => ({ status: READY, next: 'await-change' }), {
      onApply: async () => {
        throw error
      },
    })
    await t.start()
    const [event, ...more] = t.events
    assert.deepEqual([event?.type, event?.reason, more.length], ['Warning', 'StatusRefused', 0])
    assert.ok(event?.message.includes(words), event?.message)
    assert.match(event?.message ?? '', /let the operator write widgets\/status; it is tried again$/)
    assert.ok(Buffer.byteLength(event?.message ?? '') <= 1024)
    assert.deepEqual(t.results, ['error'])
    await t.clock.advance(750)
    assert.equal(t.runs.length, 2)
  })
}

test('a status that lost a race to another object of its name is no refusal', async () => {
  const t = setUp(async () => ({ status: READY, next: 'await-change' }), {
    onApply: async () => {
      throw FAILED_TEST
    },
  })
  await t.start()
  assert.deepEqual(t.events, [])
})

test('an object that vanished before its status was written is no failure', async () => {
  const t = setUp(async () => ({ status: READY, next: 'await-change' }), {
    onApply: async () => {
      throw notFound
    },
  })
  await t.start()
  await t.clock.advance(86_400_000)
  assert.deepEqual(t.runs, ['a'])
  assert.deepEqual(t.results, ['success'])
})

test('after drain, what is under way ends and is written, and nothing new begins', async () => {
  const finish: (() => void)[] = []
  const t = setUp(
    async () => {
      await new Promise<void>(resolve => finish.push(resolve))
      return { status: READY, next: { after: 1 } }
    },
    { objects: [widget('a'), widget('b')], concurrency: 1 },
  )
  await t.start()
  t.drain.abort()
  await settle()
  assert.equal(t.ended(), false)
  finish[0]?.()
  await t.clock.advance(1000)
  assert.equal(t.ended(), true)
  assert.deepEqual(t.runs, ['a'])
  assert.equal(t.writes.length, 1)
})

test('after abort, what is under way is aborted, and nothing is written or emitted any more', async () => {
  const event: EventRecord = { type: 'Warning', reason: 'Aborted', action: 'Verify', message: 'aborted' }
  const t = setUp(
    (_, signal) =>
      new Promise(resolve =>
        signal.addEventListener('abort', () => resolve({ status: READY, events: [event], next: 'await-change' })),
      ),
    { progress: () => ({ phase: 'Working' }) },
  )
  await t.start()
  t.abort.abort(new Error('lease lost'))
  await settle()
  assert.equal(t.ended(), true)
  assert.deepEqual([t.writes, t.events, t.results], [[], [], []])
  assert.deepEqual(t.log.messages('error'), [])
})

test('failures are logged with their reason, key and controller', async () => {
  const t = setUp(async () => ({ next: stalled('Denied', 'no right to write') }))
  await t.start()
  const line = t.log.lines.find(({ level }) => level === 'info')
  assert.deepEqual(
    [line?.message, line?.fields.reason, line?.fields.controller],
    ['no right to write', 'Denied', 'widgets'],
  )
})

test('wakeWithin bounds a slow retry, and leaves a sooner one alone', async () => {
  const failure = { kind: 'failure', intent: 'stalled', reason: 'No', message: 'no' } as const
  const slow = setUp(async () => ({ next: failure, wakeWithin: 5_000 }))
  await slow.start()
  await slow.clock.advance(5_000)
  assert.deepEqual(slow.runs, ['a', 'a'])
  const soon = setUp(async () => ({ next: { after: 1_000 }, wakeWithin: 5_000 }))
  await soon.start()
  await soon.clock.advance(1_000)
  assert.deepEqual(soon.runs, ['a', 'a'])
})
