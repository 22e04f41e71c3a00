import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DONE, READY, setUp } from '../../test/support/runtime/controller-harness.ts'
import { settle } from '../../test/support/runtime/fake-clock.ts'
import { nextVersion, type Widget, type WidgetStatus, widget } from '../../test/support/runtime/fakes.ts'
import { matters } from './matters.ts'
import type { EventRecord } from './outcome.ts'

test('a controller writes the status that it is given, once, and knows its own write at once', async () => {
  const known: (WidgetStatus | undefined)[] = []
  const t = setUp(async object => {
    known.push(object.status)
    return {
      status: { parts: ['a'], phase: 'Ready', observedGeneration: 1, ...{ extra: undefined } },
      next: { after: 1000 },
    }
  })
  await t.start()
  await t.clock.advance(1000)
  assert.deepEqual(known, [undefined, READY], 'the second run reads what the first wrote')
  assert.deepEqual(
    t.writes.map(({ metadata, status }) => [metadata.uid, status]),
    [['uid-a', READY]],
    'no second write of an equal status',
  )
  assert.deepEqual(t.results, ['success', 'success'])
})

test('a reconcile that changes nothing writes nothing and schedules nothing', async () => {
  const object = widget('a', { status: { parts: ['a'], phase: 'Ready', observedGeneration: 1 } })
  const t = setUp(async () => ({ status: READY, next: 'await-change' }), { objects: [object] })
  await t.start()
  await t.clock.advance(86_400_000)
  assert.deepEqual(t.runs, ['a'])
  assert.equal(t.writes.length, 0)
  assert.deepEqual(t.events, [])
  assert.equal(t.clock.timers(), 0)
})

test('an outcome without a status leaves the status alone', async () => {
  const t = setUp(async () => DONE)
  await t.start()
  assert.equal(t.writes.length, 0)
})

test('the status write of a controller does not wake an object; neither do labels nor the status that others write', async () => {
  const t = setUp(async () => ({ status: READY, next: 'await-change' }))
  await t.start()
  assert.equal(t.writes.length, 1)
  t.change('a', () => ({ status: { ...READY, phase: 'edited' } }))
  t.change('a', known => ({ metadata: { ...known.metadata, labels: { a: 'b' }, resourceVersion: nextVersion() } }))
  await t.clock.advance(86_400_000)
  assert.deepEqual(t.runs, ['a'])
})

test('a new generation, a deletion and what else matters wake an object', async () => {
  const t = setUp(async () => DONE, {
    matters: (old, now) => matters(old, now) || old.metadata.annotations?.confirm !== now.metadata.annotations?.confirm,
  })
  await t.start()
  t.change('a', () => ({}), 1)
  await settle()
  t.change('a', ({ metadata }) => ({
    metadata: { ...metadata, deletionTimestamp: '2030-01-01T00:00:00Z', resourceVersion: nextVersion() },
  }))
  await settle()
  t.change('a', ({ metadata }) => ({
    metadata: { ...metadata, annotations: { confirm: 'a' }, resourceVersion: nextVersion() },
  }))
  await settle()
  assert.deepEqual(t.runs, ['a', 'a', 'a', 'a'])
})

test('a generation that moves during a reconcile is reconciled afterwards', async () => {
  const generations: (number | undefined)[] = []
  let finish = () => {}
  const t = setUp(async (object, _, run) => {
    generations.push(object.metadata.generation)
    if (run === 1) await new Promise<void>(resolve => (finish = resolve))
    return DONE
  })
  await t.start()
  t.change('a', () => ({}), 1)
  await settle()
  assert.deepEqual(generations, [1], 'one worker a key')
  finish()
  await settle()
  assert.deepEqual(generations, [1, 2])
})

test('objects that were not dealt with yet go first after a start', async () => {
  const objects = [1, 2, 3].map(n => widget(`old${n}`, { status: READY }))
  const t = setUp(async () => DONE, { objects: [...objects, widget('new')], concurrency: 1 })
  await t.start()
  assert.deepEqual(t.runs, ['new', 'old1', 'old2', 'old3'])
})

test('no more objects of a group are reconciled at a time than its limit allows', async () => {
  const objects = ['sick-1', 'sick-2', 'well-1'].map(name => widget(name))
  const limits = [{ max: 1, groupOf: ({ metadata }: Widget) => metadata.name.split('-')[0] }]
  const t = setUp(() => new Promise(() => {}), { objects, limits })
  await t.start()
  t.controller.enqueue('ns/gone', 'urgent')
  await settle()
  assert.deepEqual(t.runs, ['sick-1', 'well-1'])
  assert.deepEqual(t.results, ['gone'])
})

test('the status of an object is not given to a successor of the same name', async () => {
  let finish = () => {}
  const t = setUp(async object => {
    if (object.metadata.uid === 'uid-a') await new Promise<void>(resolve => (finish = resolve))
    return { status: { ...READY, phase: object.metadata.uid }, next: 'await-change' }
  })
  await t.start()
  t.informer.observe(widget('a', { uid: 'uid-b' }))
  finish()
  await settle()
  assert.deepEqual(
    t.writes.map(({ status }) => status?.phase),
    ['uid-b'],
  )
})

test('the status of an object is not given to a successor that no watch has told of yet', async () => {
  const t = setUp(async ({ metadata: { uid } }) => ({ status: { ...READY, phase: uid }, next: 'await-change' }))
  const successor = widget('a', { uid: 'uid-b' })
  t.remade.set('a', successor)
  await t.start()
  assert.deepEqual(t.results, ['error'], 'the API server compares the uids')
  t.informer.observe(successor)
  await settle()
  assert.equal(t.informer.cache.get('ns/a')?.status?.phase, 'uid-b')
  assert.equal(t.writes.filter(({ metadata }) => metadata.uid === 'uid-a').length, 2, 'and it is not tried later')
})

test('the key of an object that is gone is not reconciled', async () => {
  const t = setUp(async () => DONE, { objects: [] })
  await t.start()
  t.controller.enqueue('ns/gone', 'urgent')
  await settle()
  assert.deepEqual(t.runs, [])
  assert.deepEqual(t.results, ['gone'])
})

test('an object is forgotten at once when it is deleted, also before the controller runs', async () => {
  const forgotten: string[] = []
  const objects = [widget('a'), widget('b')]
  const t = setUp(async () => DONE, { objects, forget: ({ metadata }) => void forgotten.push(metadata.uid) })
  t.remove('a')
  assert.deepEqual(forgotten, ['uid-a'])
  await t.start()
  t.remove('b')
  assert.deepEqual(forgotten, ['uid-a', 'uid-b'])
  await settle()
  assert.deepEqual([t.runs, t.results], [['b'], ['success', 'gone']])
})

test('an object is forgotten when another one has come under its name', async () => {
  const forgotten: string[] = []
  const t = setUp(async () => DONE, { forget: ({ metadata }) => void forgotten.push(metadata.uid) })
  await t.start()
  t.informer.observe(widget('a', { uid: 'uid-b' }))
  await settle()
  assert.deepEqual(forgotten, ['uid-a'])
})

for (const { name, meanwhile, left } of [
  { name: 'deleted', meanwhile: t => t.remove('a'), left: [] },
  { name: 'replaced', meanwhile: t => t.informer.observe(widget('a', { uid: 'uid-b' })), left: ['uid-b'] },
  { name: 'changed', meanwhile: t => t.change('a', () => ({}), 1), left: ['uid-a'] },
] satisfies { name: string; meanwhile(t: ReturnType<typeof setUp>): void; left: string[] }[]) {
  for (const end of ['returns', 'throws']) {
    const what = left.length > 0 ? `what is kept for ${left}` : 'nothing'
    test(`a reconcile that ${end} after its object was ${name} leaves ${what} behind`, async () => {
      const kept = new Set<string>()
      let finish = () => {}
      const t = setUp(
        async ({ metadata: { uid } }, _, run) => {
          if (run === 1) await new Promise<void>(resolve => (finish = resolve))
          kept.add(uid)
          if (run === 1 && end === 'throws') throw new Error('failed')
          return DONE
        },
        { forget: ({ metadata }) => void kept.delete(metadata.uid) },
      )
      await t.start()
      meanwhile(t)
      await settle()
      finish()
      await t.clock.advance(1000)
      assert.deepEqual([...kept], left)
    })
  }
}

test('what a reconcile keeps after it was given up is dropped too when its object is gone', async () => {
  const kept = new Set<string>()
  let finish = () => {}
  const t = setUp(
    async ({ metadata: { uid } }) => {
      await new Promise<void>(resolve => (finish = resolve))
      kept.add(uid)
      return DONE
    },
    { forget: ({ metadata }) => void kept.delete(metadata.uid), timing: { deadlineMs: 1000, graceMs: 1000 } },
  )
  await t.start()
  await t.clock.advance(2000)
  assert.deepEqual(t.results, ['error'])
  t.remove('a')
  finish()
  await settle()
  assert.deepEqual([...kept], [])
})

test('progress of a new generation that takes long is written once, before the outcome', async () => {
  let finish = () => {}
  const t = setUp(
    async () => {
      await new Promise<void>(resolve => (finish = resolve))
      return { status: READY, next: 'await-change' }
    },
    { progress: () => ({ observedGeneration: 1, phase: 'Working' }) },
  )
  await t.start()
  await t.clock.advance(1999)
  assert.equal(t.writes.length, 0)
  await t.clock.advance(30_000)
  finish()
  await settle()
  assert.deepEqual(
    t.writes.map(({ status }) => status?.phase),
    ['Working', 'Ready'],
  )
  assert.deepEqual(t.runs, ['a'])
})

for (const { name, object, quick } of [
  { name: 'the reconcile is quick', object: widget('a'), quick: true },
  { name: 'the generation was observed before', object: widget('a', { status: READY }), quick: false },
]) {
  test(`progress is not written when ${name}`, async () => {
    const t = setUp(() => (quick ? Promise.resolve(DONE) : new Promise(() => {})), {
      objects: [object],
      progress: () => ({ phase: 'Working' }),
    })
    await t.start()
    await t.clock.advance(10_000)
    assert.deepEqual(t.runs, ['a'])
    assert.equal(t.writes.length, 0)
  })
}

test('an outcome waits for the progress write under way, so that the later status wins', async () => {
  let finish = () => {}
  let written = () => {}
  const t = setUp(
    async () => {
      await new Promise<void>(resolve => (finish = resolve))
      return { status: READY, next: 'await-change' }
    },
    {
      progress: () => ({ phase: 'Working' }),
      onApply: write => (write === 1 ? new Promise<void>(resolve => (written = resolve)) : Promise.resolve()),
    },
  )
  await t.start()
  await t.clock.advance(2000)
  finish()
  await settle()
  assert.equal(t.writes.length, 1)
  written()
  await settle()
  assert.deepEqual(t.informer.cache.get('ns/a')?.status, READY)
})

test('events of an outcome go to the recorder', async () => {
  const event: EventRecord = { type: 'Normal', reason: 'Ready', action: 'Verify', message: 'works' }
  const t = setUp(async () => ({ events: [event], next: 'await-change' }))
  await t.start()
  assert.deepEqual(t.events, [event])
})

test('a controller takes no keys before it runs, and its start finds every object', async () => {
  const t = setUp(async () => DONE)
  t.controller.enqueue('ns/a', 'urgent')
  t.controller.enqueueAfter('ns/a', 1)
  t.change('a', () => ({}), 1)
  await t.clock.advance(1000)
  assert.deepEqual(t.runs, [])
  await t.start()
  assert.deepEqual(t.runs, ['a'])
})
