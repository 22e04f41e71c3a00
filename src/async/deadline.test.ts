import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withDeadline, withDeadlineOr } from './deadline.ts'
import { DeadlineExceeded } from './deadline-exceeded.ts'

const hangs = () => new Promise<never>(() => {})

test('work that does not listen is left at its deadline with the error that the caller makes', async () => {
  await assert.rejects(withDeadline(1, undefined, hangs), new DeadlineExceeded(1))
  await assert.rejects(
    withDeadline(1, undefined, hangs, () => new TypeError('too late')),
    new TypeError('too late'),
  )
})

test('a deadline that has passed can be a value, and any other error stays an error', async () => {
  assert.equal(await withDeadlineOr(1, undefined, hangs, () => 'late'), 'late')
  assert.equal(
    await withDeadlineOr(
      1_000,
      undefined,
      async () => 'done',
      () => 'late',
    ),
    'done',
  )
  const broken = async () => {
    throw new TypeError('a bug')
  }
  await assert.rejects(
    withDeadlineOr(1_000, undefined, broken, () => 'late'),
    new TypeError('a bug'),
  )
})

test('the caller who aborts first gives the reason', async () => {
  const caller = new AbortController()
  const waiting = withDeadlineOr(60_000, caller.signal, hangs, () => 'late')
  caller.abort(new Error('the caller gave up'))
  await assert.rejects(waiting, /the caller gave up/)
})
