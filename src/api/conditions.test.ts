import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { type Condition, findCondition, removeCondition, setCondition } from './conditions.ts'

const EARLIER = '2026-01-31T08:00:00Z'
const NOW = new Date('2026-01-31T09:00:00.500Z')
const LATER = '2026-01-31T09:00:00Z'

const ready = {
  type: 'Ready' as const,
  status: 'True' as const,
  reason: 'Verified',
  message: 'fine',
  observedGeneration: 1,
  lastTransitionTime: EARLIER,
}
const stalled: Condition = { ...ready, type: 'Stalled', status: 'False' }
const conditions: Condition[] = [ready, stalled]

suite('setCondition', () => {
  for (const [name, change, lastTransitionTime] of [
    ['status', { status: 'False' }, LATER],
    ['reason', { reason: 'Other' }, EARLIER],
    ['message', { message: 'still fine' }, EARLIER],
    ['observedGeneration', { observedGeneration: 2 }, EARLIER],
  ] as const) {
    test(`another ${name} replaces the condition in place, with its transition at ${lastTransitionTime}`, () => {
      const changed = { ...ready, ...change }
      assert.deepEqual(setCondition(conditions, changed, NOW), [{ ...changed, lastTransitionTime }, stalled])
    })
  }

  test('a condition that is there already gives the same array', () => {
    const { lastTransitionTime: _, ...same } = ready
    assert.equal(setCondition(conditions, same, NOW), conditions)
  })

  test('a condition of a new type comes at the end, with the time of now', () => {
    const added = { ...ready, type: 'Reconciling' as const }
    assert.deepEqual(setCondition(conditions, added, NOW), [ready, stalled, { ...added, lastTransitionTime: LATER }])
  })

  test('the arguments stay as they are', () => {
    const before = structuredClone(conditions)
    setCondition(conditions, { ...ready, status: 'False' }, NOW)
    assert.deepEqual(conditions, before)
  })

  test('a message over the limit of the CRD is cut, and is then unchanged the next time', () => {
    const long = { ...ready, message: 'x'.repeat(40_000) }
    const once = setCondition(conditions, long, NOW)
    assert.equal(once[0]?.message.length, 32_768)
    assert.ok(once[0]?.message.endsWith('x...'))
    assert.equal(setCondition(once, long, NOW), once)
  })
})

suite('removeCondition', () => {
  test('takes out a type that is there', () => assert.deepEqual(removeCondition(conditions, 'Ready'), [stalled]))
  test('gives the same array when the type is absent', () =>
    assert.equal(removeCondition(conditions, 'Other'), conditions))
})

suite('findCondition', () => {
  test('finds a type that is there', () => assert.equal(findCondition(conditions, 'Stalled'), stalled))
  test('finds nothing of a type that is absent', () => assert.equal(findCondition(conditions, 'Other'), undefined))
  test('finds nothing when there are no conditions yet', () =>
    assert.equal(findCondition(undefined, 'Ready'), undefined))
})
