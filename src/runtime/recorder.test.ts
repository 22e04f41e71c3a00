import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, settle } from '../../test/support/runtime/fake-clock.ts'
import { fakeClient, fakeLog, widget } from '../../test/support/runtime/fakes.ts'
import type { KubeObject } from '../api/object.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import type { EventObject } from './event.ts'
import type { EventRecord } from './outcome.ts'
import { createRecorder, type EventResult } from './recorder.ts'

const said = (message: string, reason = 'Denied'): EventRecord => ({
  type: 'Warning',
  reason,
  action: 'Verify',
  message,
})

function setUp({ capacity = 1000, onCreate = async (_: number) => {} } = {}) {
  const clock = createFakeClock()
  const log = fakeLog()
  const tried: EventObject[] = []
  const results: EventResult[] = []
  const signals: (AbortSignal | undefined)[] = []
  const client = fakeClient({
    async create<T extends KubeObject>(_: unknown, object: object, options?: { signal?: AbortSignal }) {
      tried.push(object as EventObject)
      signals.push(options?.signal)
      await onCreate(tried.length)
      return object as T
    },
  })
  const recorder = createRecorder({
    client,
    clock,
    log,
    random: () => 1,
    reporter: { controller: 'test.dev/operator', instance: 'operator-0' },
    capacity,
    counted: result => void results.push(result),
  })
  const notes = () => tried.map(({ note }) => note)
  return { clock, log, recorder, tried, results, signals, notes }
}

/** Holds back the first event, so that all others wait, until `release`. */
function setUpHeldBack(capacity: number) {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { ...setUp({ capacity, onCreate: nth => (nth === 1 ? promise : Promise.resolve()) }), release: resolve }
}

const inNamespace = (namespace: string) => widget('a', { namespace, uid: `a of ${namespace}` })

const hangs = () => new Promise<void>(() => {})

test('sends events in order, each under its own name', async () => {
  const { recorder, tried, notes, results } = setUp()
  recorder.record(widget('a'), said('one'))
  recorder.record(widget('a'), said('two'))
  await settle()
  assert.deepEqual(notes(), ['one', 'two'])
  assert.equal(new Set(tried.map(({ metadata }) => metadata.name)).size, 2)
  assert.deepEqual(results, ['sent', 'sent'])
})

test('recording returns at once though the API server hangs', () => {
  const { recorder } = setUp({ onCreate: hangs })
  for (let index = 0; index < 100; index++) recorder.record(widget('a'), said(`note ${index}`))
})

test('the same event of the same object within ten minutes is not sent again', async () => {
  const { clock, recorder, tried, results } = setUp()
  for (let minute = 0; minute < 10; minute++) {
    recorder.record(widget('a'), said('denied'))
    await clock.advance(60_000)
  }
  assert.equal(tried.length, 1)
  assert.deepEqual(results, ['sent', ...Array(9).fill('repeated')])
  recorder.record(widget('a'), said('denied'))
  await settle()
  assert.equal(tried.length, 2, 'ten minutes after it was sent it is news again')
})

for (const { name, object, event } of [
  { name: 'object', object: widget('b'), event: said('denied') },
  { name: 'object of the same name', object: widget('a', { uid: 'other' }), event: said('denied') },
  { name: 'reason', object: widget('a'), event: said('denied', 'Forbidden') },
  { name: 'note', object: widget('a'), event: said('denied again') },
]) {
  test(`another ${name} is no repetition`, async () => {
    const { recorder, tried } = setUp()
    recorder.record(widget('a'), said('denied'))
    recorder.record(object, event)
    await settle()
    assert.equal(tried.length, 2)
  })
}

test('of too many events the oldest that wait are dropped and counted, and may come again', async () => {
  let release = () => {}
  const { recorder, notes, results } = setUp({
    capacity: 2,
    onCreate: nth => (nth === 1 ? new Promise<void>(resolve => (release = resolve)) : Promise.resolve()),
  })
  for (const note of ['under way', 'dropped', 'kept 1', 'kept 2']) recorder.record(widget('a'), said(note))
  assert.deepEqual(results, ['dropped'])
  recorder.record(widget('a'), said('dropped'))
  release()
  await settle()
  assert.deepEqual(notes(), ['under way', 'kept 2', 'dropped'])
})

test('namespaces take turns, so that the events of one wait for one of another at most', async () => {
  const { recorder, notes, release } = setUpHeldBack(1000)
  for (let index = 0; index < 40; index++) recorder.record(inNamespace('loud'), said(`loud ${index}`))
  for (const index of [0, 1]) recorder.record(inNamespace('quiet'), said(`quiet ${index}`))
  release()
  await settle()
  assert.deepEqual(notes().slice(0, 5), ['loud 0', 'loud 1', 'quiet 0', 'loud 2', 'quiet 1'])
  assert.equal(notes().length, 42)
})

test('of too many events those of the namespace with most are dropped, whoever comes last', async () => {
  const { recorder, notes, results, release } = setUpHeldBack(10)
  recorder.record(inNamespace('loud'), said('under way'))
  recorder.record(inNamespace('quiet'), said('quiet, and first'))
  for (let index = 0; index < 500; index++) recorder.record(inNamespace('loud'), said(`loud ${index}`))
  recorder.record(inNamespace('calm'), said('calm, and last'))
  assert.deepEqual(results, Array(492).fill('dropped'))
  release()
  await settle()
  assert.deepEqual(
    notes().filter(note => !note.startsWith('loud')),
    ['under way', 'quiet, and first', 'calm, and last'],
  )
  assert.equal(notes().at(-1), 'loud 499')
})

test('a namespace with many events makes those of another one no news again', async () => {
  const { recorder, clock, tried } = setUp({ capacity: 10_000 })
  recorder.record(inNamespace('quiet'), said('denied'))
  for (let index = 0; index < 5000; index++) recorder.record(inNamespace('loud'), said(`loud ${index}`))
  await clock.advance(5001 * 50)
  recorder.record(inNamespace('quiet'), said('denied'))
  await settle()
  assert.equal(tried.length, 5001)
})

for (const { name, error, tries, result } of [
  { name: 'no answer', error: new TransportError('POST events: reset'), tries: 3, result: 'failed' },
  { name: 'too many requests', error: new ApiError(429, {}, 'POST events'), tries: 3, result: 'failed' },
  { name: 'server trouble', error: new ApiError(503, {}, 'POST events'), tries: 3, result: 'failed' },
  {
    name: 'forbidden, as in a namespace that ends',
    error: new ApiError(403, {}, 'POST events'),
    tries: 1,
    result: 'failed',
  },
  {
    name: 'exists: an earlier try went through',
    error: new ApiError(409, {}, 'POST events'),
    tries: 1,
    result: 'sent',
  },
]) {
  test(`an event that meets ${name} is tried ${tries} times: ${result}`, async () => {
    const { clock, recorder, tried, results } = setUp({
      onCreate: async () => {
        throw error
      },
    })
    recorder.record(widget('a'), said('denied'))
    await clock.advance(60_000)
    assert.equal(tried.length, tries)
    assert.deepEqual(results, [result])
    assert.equal(new Set(tried.map(({ metadata }) => metadata.name)).size, 1)
  })
}

test('stop sends the events that wait, and accepts no more', async () => {
  const { recorder, notes } = setUp()
  recorder.record(widget('a'), said('one'))
  recorder.record(widget('a'), said('two'))
  await recorder.stop(2000)
  recorder.record(widget('a'), said('three'))
  await settle()
  assert.deepEqual(notes(), ['one', 'two'])
})

test('stop gives up at its bound, and says how many events were lost', async () => {
  const { clock, log, recorder, results, signals, notes } = setUp({ onCreate: hangs })
  for (const note of ['one', 'two', 'three']) recorder.record(widget('a'), said(note))
  let stopped = false
  recorder.stop(2000).then(() => {
    stopped = true
  })
  await clock.advance(1999)
  assert.equal(stopped, false)
  await clock.advance(1)
  assert.equal(stopped, true)
  assert.equal(signals[0]?.aborted, true)
  assert.deepEqual(notes(), ['one'])
  assert.deepEqual(results, ['dropped', 'dropped'])
  assert.deepEqual(log.lines.at(-1)?.fields, { events: 2 })
  assert.equal(clock.timers(), 0)
})

test('stop without events leaves no timer', async () => {
  const { clock, recorder } = setUp()
  await recorder.stop(2000)
  assert.equal(clock.timers(), 0)
})

test('a recorder remembers a bounded number of events', async () => {
  const { recorder, tried, clock } = setUp({ capacity: 10_000 })
  for (let index = 0; index < 5000; index++) recorder.record(widget('a'), said(`note ${index}`))
  recorder.record(widget('a'), said('note 4999'))
  recorder.record(widget('a'), said('note 0'))
  await clock.advance(5001 * 50)
  assert.equal(tried.length, 5001, 'the oldest was forgotten, the newest was not')
})

test('a flood of events is sent at a measured pace, and at the end as fast as it goes', async () => {
  const { recorder, tried, clock } = setUp()
  for (let index = 0; index < 200; index++) recorder.record(widget('a'), said(`note ${index}`))
  await settle()
  const burst = tried.length
  assert.ok(burst >= 50 && burst <= 51, `${burst}`)
  await clock.advance(1_000)
  assert.equal(tried.length, burst + 20)
  await recorder.stop(1_000)
  assert.equal(tried.length, 200)
})
