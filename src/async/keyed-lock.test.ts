import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KeyedLock } from './keyed-lock.ts'

describe('KeyedLock', () => {
  const never = new AbortController().signal

  test('runs tasks of one key one after the other, also when one fails', async () => {
    const lock = new KeyedLock()
    const order: string[] = []
    const first = Promise.withResolvers<void>()
    const task = (name: string, wait: Promise<void>) =>
      lock.run('a', never, async () => {
        order.push(`${name} starts`)
        await wait
        order.push(`${name} ends`)
        if (name === '1') throw new Error('broken')
      })
    const all = Promise.allSettled([
      task('1', first.promise),
      task('2', Promise.resolve()),
      task('3', Promise.resolve()),
    ])
    first.resolve()
    const [one] = await all
    assert.deepEqual(order, ['1 starts', '1 ends', '2 starts', '2 ends', '3 starts', '3 ends'])
    assert.equal(one.status, 'rejected')
  })

  test('tasks of other keys do not wait', async () => {
    const lock = new KeyedLock()
    const first = Promise.withResolvers<string>()
    const held = lock.run('a', never, () => first.promise)
    assert.equal(await lock.run('b', never, async () => 'done'), 'done')
    first.resolve('done, too')
    assert.equal(await held, 'done, too')
  })

  test('a task whose caller gives up before its turn never runs, and delays no other', async () => {
    const lock = new KeyedLock()
    const first = Promise.withResolvers<void>()
    const held = lock.run('a', never, () => first.promise)
    const controller = new AbortController()
    let ran = false
    const left = lock.run('a', controller.signal, async () => {
      ran = true
    })
    const last = lock.run('a', never, async () => 'done')
    controller.abort(new Error('worker stopped'))
    await assert.rejects(left, /worker stopped/)
    first.resolve()
    await held
    assert.equal(await last, 'done')
    assert.equal(ran, false)
  })
})
