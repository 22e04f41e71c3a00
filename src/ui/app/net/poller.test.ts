import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { until } from '../../../../test/support/until.ts'
import { Poller } from './poller.ts'

/** A poller whose questions wait until they are told the answer. */
function lab(retryMs = 3_600_000) {
  const asked: { answer(value: number): void; fail(error: Error): void }[] = []
  const [answers, failures]: [number[], unknown[]] = [[], []]
  const poller = new Poller<number>({
    ask: () => new Promise((answer, fail) => asked.push({ answer, fail })),
    answered: value => answers.push(value),
    failed: error => failures.push(error),
    ...{ pauseMs: 0, everyMs: 3_600_000, retryMs },
  })
  const question = (number: number) => until(`question ${number}`, () => asked[number - 1])
  return { poller, asked, answers, failures, question }
}

/** Resolves when timers that were set before have run, as those without a delay run in their order. */
const timersBefore = (): Promise<void> => new Promise(done => setTimeout(done, 1))

describe('a poller', () => {
  test('asks once more after an answer that was on its way when something changed', async () => {
    const { poller, asked, answers, question } = lab()
    poller.poke()
    const first = await question(1)
    for (let change = 0; change < 5; change++) poller.poke()
    await timersBefore()
    assert.equal(asked.length, 1)
    first.answer(1)
    const second = await question(2)
    second.answer(2)
    await until('two answers', () => answers.length === 2)
    assert.deepEqual([answers, asked.length], [[1, 2], 2])
    poller.stop()
  })

  test('goes on after a failure', async () => {
    const { poller, failures, answers, question } = lab()
    poller.poke()
    const first = await question(1)
    first.fail(new Error('broken'))
    await until('a failure', () => failures.length === 1)
    poller.poke()
    const second = await question(2)
    second.answer(2)
    await until('an answer', () => answers.length === 1)
    poller.stop()
  })

  test('asks again by itself soon after a failure', async () => {
    const { poller, answers, question } = lab(0)
    poller.poke()
    const first = await question(1)
    first.fail(new Error('broken'))
    const second = await question(2)
    second.answer(2)
    await until('an answer', () => answers.length === 1)
    poller.stop()
  })

  test('that was stopped tells no answer, and asks nothing', async () => {
    const { poller, asked, answers, question } = lab()
    poller.poke()
    const first = await question(1)
    poller.stop()
    first.answer(1)
    poller.poke()
    await timersBefore()
    assert.deepEqual([answers, asked.length], [[], 1])
  })
})
