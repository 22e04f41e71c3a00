import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Gathered } from './gathered.ts'

/** Bytes that are a part of so much memory. */
function piece(length: number, memory = length): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(memory), memory - length)
  for (let index = 0; index < length; index++) bytes[index] = index + length
  return bytes
}

describe('bytes are together in their order', () => {
  const cases: [name: string, lengths: [length: number, memory?: number][]][] = [
    ['when none came', []],
    ['of one large piece', [[65_536]]],
    ['of one small piece', [[3, 65_536]]],
    ['of small pieces that fill more than a block', Array.from({ length: 40_000 }, () => [1])],
    ['of one piece larger than a block, in a larger memory', [[40_000, 200_000]]],
    ['of large and small pieces', [[5], [65_536], [7], [8], [40_000, 65_536], [9, 65_536]]],
  ]
  for (const [name, lengths] of cases) {
    test(name, () => {
      const pieces = lengths.map(([length, memory]) => piece(length, memory))
      const gathered = new Gathered()
      for (const each of pieces) gathered.add(each)
      assert.deepEqual(gathered.bytes, Buffer.concat(pieces))
    })
  }
})

test('pieces that are a small part of their memory are not kept', () => {
  const gathered = new Gathered()
  for (let index = 0; index < 100; index++) gathered.add(piece(8, 64 * 1024))
  assert.equal(gathered.bytes.buffer.byteLength, 16 * 1024)
})

test('large pieces are not copied', () => {
  const large = piece(64 * 1024)
  const gathered = new Gathered()
  gathered.add(large)
  assert.equal(gathered.bytes.buffer, large.buffer)
})
