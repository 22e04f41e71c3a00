import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Breaker } from './breaker.ts'

function setUp() {
  const told: string[] = []
  const lab = { now: 0 }
  const breaker = new Breaker({
    ...{ threshold: 2, minMs: 1_000, maxMs: 30_000, monotonic: () => lab.now },
    onPause: (_, ms) => void told.push(`pause ${ms}`),
    onAnswer: () => void told.push('answer'),
  })
  const down = new Error('down')
  const call = (sign: 'answered' | 'failed') => {
    try {
      breaker.enter()(sign, down)
      return sign
    } catch {
      return 'refused'
    }
  }
  return { breaker, told, lab, call }
}

test('a breaker tells of each pause, and once that its endpoint answers again', () => {
  const { told, lab, call } = setUp()
  call('failed')
  call('failed')
  lab.now += 1_000
  call('failed')
  lab.now += 2_000
  call('answered')
  call('answered')
  assert.deepEqual(told, ['pause 1000', 'pause 2000', 'answer'])
})

test('a breaker that somebody has asked to lets one call through, and no other meanwhile', () => {
  const { breaker, call } = setUp()
  call('failed')
  call('failed')
  assert.equal(call('answered'), 'refused')
  breaker.letThrough()
  const end = breaker.enter()
  assert.equal(call('answered'), 'refused')
  end('failed', new Error('down'))
  assert.equal(call('answered'), 'refused', 'the next pause goes on')
  breaker.letThrough()
  assert.deepEqual([call('answered'), call('answered')], ['answered', 'answered'])
})

test('a breaker is open from its first pause to the next answer, or until nobody has asked for a minute', () => {
  const { breaker, lab, call } = setUp()
  call('failed')
  assert.equal(breaker.isOpen, false)
  call('failed')
  assert.equal(breaker.isOpen, true)
  lab.now += 60_999
  assert.equal(breaker.isOpen, true)
  lab.now += 1
  assert.equal(breaker.isOpen, false)
  call('failed')
  assert.equal(breaker.isOpen, true)
  lab.now += 2_000
  call('answered')
  assert.equal(breaker.isOpen, false)
})
