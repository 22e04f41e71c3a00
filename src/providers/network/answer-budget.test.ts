import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AnswerBudget, type AnswerMeter, LARGE_BYTES, SMALL_BYTES } from './answer-budget.ts'

/** Of four large answers. */
const BYTES = 4 * LARGE_BYTES
const FOREVER = { sliceMs: 60_000, patienceMs: 60_000 }

/** Begins an answer that becomes large. `entered`: whether it may go on. */
function large(meter: AnswerMeter) {
  const body = meter.begin(LARGE_BYTES)
  const state = { body, entered: false, error: undefined as string | undefined }
  body.grow(SMALL_BYTES + 1).then(
    () => {
      state.entered = true
    },
    error => {
      state.error = error.code
    },
  )
  return state
}

describe('the budget of answers', () => {
  test('ends an answer that is larger than its operation takes', async () => {
    const budget = new AnswerBudget()
    const body = budget.endpoint('a').begin(SMALL_BYTES)
    await body.grow(SMALL_BYTES)
    await assert.rejects(body.grow(1), { code: 'AnswerTooLarge', message: 'more than 64 KiB' })
    body.release()
    assert.equal(budget.inFlight, 0)
  })

  test('lets small answers pass while it is used up', async () => {
    const budget = new AnswerBudget({ bytes: BYTES, ...FOREVER })
    for (const name of 'abcd') large(budget.endpoint(name))
    await budget.endpoint('e').begin(LARGE_BYTES).grow(SMALL_BYTES)
  })

  test('counts what is in memory', async () => {
    const seen: number[] = []
    const budget = new AnswerBudget({ onChange: bytes => seen.push(bytes) })
    const body = budget.endpoint('a').begin(LARGE_BYTES)
    await body.grow(100)
    await body.grow(50)
    body.release()
    body.release()
    assert.deepEqual(seen, [100, 150, 0])
  })

  test('gives one endpoint no more than a quarter, and the others theirs', async () => {
    const budget = new AnswerBudget({ bytes: 2 * BYTES, ...FOREVER })
    const loud = Array.from({ length: 20 }, () => large(budget.endpoint('loud')))
    const quiet = large(budget.endpoint('quiet'))
    await nextTurn()
    assert.equal(loud.filter(({ entered }) => entered).length, 2)
    assert.equal(quiet.entered, true)
  })

  test('gives the endpoints of one namespace no more than a half, and the others theirs', async () => {
    const budget = new AnswerBudget({ bytes: 2 * BYTES, ...FOREVER })
    const loud = Array.from({ length: 20 }, (_, index) => large(budget.endpoint(`loud-${index}`, 'loud')))
    const quiet = ['a', 'b', 'c', 'd'].map(name => large(budget.endpoint(name, name)))
    await nextTurn()
    assert.equal(loud.filter(({ entered }) => entered).length, 4)
    assert.deepEqual(
      quiet.map(({ entered }) => entered),
      [true, true, true, true],
    )
  })

  test('lets in the namespace that has least, however many endpoints another one has', async () => {
    const budget = new AnswerBudget({ bytes: BYTES, ...FOREVER })
    const first = ['a', 'b', 'c', 'd'].map(name => large(budget.endpoint(name, name < 'c' ? 'loud' : name)))
    const next = large(budget.endpoint('e', 'loud'))
    const other = large(budget.endpoint('f', 'quiet'))
    first[0]?.body.release()
    await nextTurn()
    assert.deepEqual([next.entered, other.entered], [false, true])
  })

  test('lets in who has least, not who came first', async () => {
    const budget = new AnswerBudget({ bytes: BYTES, ...FOREVER })
    const first = ['a', 'b', 'c', 'd'].map(name => large(budget.endpoint(name)))
    const second = large(budget.endpoint('a'))
    const other = large(budget.endpoint('e'))
    await nextTurn()
    assert.deepEqual([second.entered, other.entered], [false, false])
    first[1]?.body.release()
    await nextTurn()
    assert.deepEqual([second.entered, other.entered], [false, true])
  })

  test('ends who reads for long while others wait', async () => {
    const budget = new AnswerBudget({ bytes: BYTES, sliceMs: 1, patienceMs: 60_000 })
    const slow = ['a', 'b', 'c', 'd'].map(name => large(budget.endpoint(name)))
    const waiting = large(budget.endpoint('e'))
    while (!waiting.entered) await nextTurn()
    const [oldest] = slow
    await assert.rejects(async () => oldest?.body.grow(1), { code: 'AnswersBusy' })
  })

  test('ends who waits for long', async () => {
    const budget = new AnswerBudget({ bytes: BYTES, sliceMs: 60_000, patienceMs: 1 })
    for (const name of 'abcd') large(budget.endpoint(name))
    const waiting = large(budget.endpoint('e'))
    while (waiting.error === undefined) await nextTurn()
    assert.equal(waiting.error, 'AnswersBusy')
  })

  test('forgets who gives up while waiting', async () => {
    const budget = new AnswerBudget({ bytes: BYTES, ...FOREVER })
    const [first] = ['a', 'b', 'c', 'd'].map(name => large(budget.endpoint(name)))
    const gone = large(budget.endpoint('e'))
    const patient = large(budget.endpoint('f'))
    await nextTurn()
    gone.body.release()
    first?.body.release()
    await nextTurn()
    assert.deepEqual([gone.entered, patient.entered], [false, true])
  })

  test('has one large answer parsed in each turn of the event loop', async () => {
    const budget = new AnswerBudget()
    let turn = 0
    const turns: number[] = []
    const bodies = ['a', 'b', 'c'].map(name => budget.endpoint(name).begin(LARGE_BYTES))
    for (const body of bodies) await body.grow(1.5 * 2 ** 20)
    const parsed = Promise.all(bodies.map(body => body.whole().then(() => turns.push(turn))))
    while (turns.length < 3) {
      turn++
      await nextTurn()
    }
    await parsed
    assert.equal(new Set(turns).size, 3)
  })
})
