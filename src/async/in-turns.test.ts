import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle } from '../../test/support/runtime/fake-clock.ts'
import { inTurns } from './in-turns.ts'

function tasks() {
  const running = new Map<number, { resolve: (value: string) => void; reject: (error: Error) => void }>()
  const started: number[] = []
  const task = (item: number): Promise<string> => {
    started.push(item)
    return new Promise((resolve, reject) => running.set(item, { resolve, reject }))
  }
  return { running, started, task }
}

test('inTurns runs as many tasks at a time as it may, and gives results in the order of the items', async () => {
  const { running, started, task } = tasks()
  const all = inTurns([1, 2, 3, 4], 2, task)
  assert.deepEqual(started, [1, 2])
  running.get(2)?.resolve('two')
  await settle()
  assert.deepEqual(started, [1, 2, 3])
  for (const item of [1, 3]) running.get(item)?.resolve(`${item}`)
  await settle()
  running.get(4)?.resolve('4')
  assert.deepEqual(await all, ['1', 'two', '3', '4'])
})

test('inTurns rejects only when the other tasks have ended', async () => {
  const { running, started, task } = tasks()
  let ended = false
  const all = inTurns([1, 2, 3], 2, task).finally(() => {
    ended = true
  })
  all.catch(() => {})
  running.get(1)?.reject(new Error('first'))
  running.get(2)?.resolve('2')
  await settle()
  assert.deepEqual([started, ended], [[1, 2, 3], false])
  running.get(3)?.resolve('3')
  await assert.rejects(all, /first/)
})

test('inTurns can begin with another item, and still gives results in the order of the items', async () => {
  const started: number[] = []
  const task = async (item: number) => started.push(item)
  assert.deepEqual(await inTurns([1, 2, 3, 4], 1, task, 2), [3, 4, 1, 2])
  assert.deepEqual(started, [3, 4, 1, 2])
})

test('inTurns of no items gives no results', async () => assert.deepEqual(await inTurns([], 8, async () => 1), []))
