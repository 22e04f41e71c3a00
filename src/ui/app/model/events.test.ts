import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eventReader } from './events.ts'

describe('a stream of events', () => {
  for (const [name, pieces, want] of [
    ['with one event', ['data: {"a":1}\n\n'], [['{"a":1}']]],
    ['with several in one piece', ['data: 1\n\ndata: 2\n\n'], [['1', '2']]],
    ['that comes in pieces', ['da', 'ta: 1', '\n', '\nda', 'ta: 2\n\n'], [[], [], [], ['1'], ['2']]],
    ['with comments, and other fields', [': alive\n\nevent: x\nid: 7\ndata: 1\n\n: alive\n\n'], [['1']]],
    ['with an event of two lines', ['data: 1\ndata: 2\n\n'], [['1\n2']]],
    ['with line ends of Windows', ['data: 1\r\n\r\n'], [['1']]],
    ['without a space after the colon', ['data:1\n\n'], [['1']]],
    ['that breaks off', ['data: 1'], [[]]],
  ] as [string, string[], string[][]][]) {
    test(name, () => {
      const read = eventReader()
      assert.deepEqual(pieces.map(read), want)
    })
  }

  test('of a large event in many pieces is read in linear time', () => {
    const read = eventReader()
    read('data: ')
    for (let piece = 0; piece < 20_000; piece++) assert.deepEqual(read('x'.repeat(500)), [])
    assert.equal(read('\n\n')[0]?.length, 10_000_000)
  })

  test('with an event without an end is refused', () => {
    const read = eventReader()
    const piece = 'x'.repeat(64 * 1024 * 1024)
    assert.throws(() => {
      for (let count = 0; count < 5; count++) read(piece)
    }, RangeError)
  })
})
