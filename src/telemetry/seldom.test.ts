import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seldom } from './seldom.ts'

test('what happens again and again is said a few times at once, then now and then, with how often it was left out', () => {
  let time = 0
  const lines: object[] = []
  const say = seldom((fields, message) => lines.push({ ...fields, message }), {
    atOnce: 2,
    everyMs: 60,
    now: () => time,
  })
  const said = (times: number) => {
    lines.length = 0
    for (let n = 0; n < times; n++) say({ n }, 'lost')
    return lines
  }
  assert.deepEqual(said(4), [
    { n: 0, message: 'lost' },
    { n: 1, message: 'lost' },
  ])
  time = 59
  assert.deepEqual(said(1), [])
  time = 60
  assert.deepEqual(said(2), [{ n: 0, leftOut: 3, message: 'lost' }])
  time = 600
  assert.deepEqual(said(5).length, 2, 'no more than at first, however long it was quiet')
})
