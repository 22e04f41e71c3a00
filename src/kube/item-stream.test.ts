import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { readList } from './item-stream.ts'

const chunked = (text: string, size: number): Buffer[] => {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}
const read = (chunks: Iterable<Buffer>, keep = (item: object) => item) => readList(Readable.from(chunks), keep)

describe('a list that is read object by object', () => {
  const cases = {
    'has no items': { metadata: { resourceVersion: '7' }, items: [] },
    'has one item': { metadata: { resourceVersion: '7' }, items: [{ metadata: { name: 'a' } }] },
    'has items with arrays and empty objects': { items: [{ a: [[], [{}], 'x'] }, {}, { b: {} }] },
    'has brackets, commas and quotes in strings': { items: [{ a: '"],[{}', b: '{' }, { ']': '\\"' }] },
    'has strings that end with backslashes': { items: [{ a: '\\', b: '\\\\', c: '\\\\\\"' }, { d: '"\\' }] },
    'has control characters, and characters of many bytes': { items: [{ a: '\u0000\n\u2028' }, { b: 'zürich-✓-😀' }] },
    'has characters of many bytes beside its items': { metadata: { continue: 'zürich-✓-😀' }, items: [{ b: 1 }] },
    'has long strings': { items: [{ a: `${'x'.repeat(100)}"${'y'.repeat(31)}\\`, b: '"'.repeat(40) }] },
    'has its metadata at the end': {
      items: [{ a: 1 }, { b: 2 }],
      metadata: { resourceVersion: '7', continue: 'next' },
    },
    'has items that have items': { metadata: { items: [{ no: 1 }] }, items: [{ items: [{ a: 1 }] }] },
  }
  for (const [what, list] of Object.entries(cases)) {
    it(`is the same as when it is read as a whole when it ${what}`, async () => {
      for (const text of [JSON.stringify(list), JSON.stringify(list, null, 2)]) {
        for (const size of [1, 2, 3, 7, text.length]) assert.deepEqual(await read(chunked(text, size)), list)
      }
    })
  }

  it('has no items where the API server says null', async () => {
    assert.deepEqual(await read(chunked('{"metadata":{},"items":null}', 5)), { metadata: {}, items: [] })
  })

  it('has of each item what is kept of it', async () => {
    const list = await read(chunked('{"items":[{"a":1,"b":2},{"a":3}]}', 4), item => ({ a: (item as { a: 1 }).a }))
    assert.deepEqual(list, { items: [{ a: 1 }, { a: 3 }] })
  })

  it('keeps an item before the next one has come', async () => {
    const kept: unknown[] = []
    const seen: number[] = []
    function* chunks() {
      yield Buffer.from('{"items":[')
      for (let item = 1; item <= 3; item++) {
        yield Buffer.from(`{"a":${item}}${item < 3 ? ',' : ']}'}`)
        seen.push(kept.length)
      }
    }
    await read(chunks(), item => {
      kept.push(item)
      return item
    })
    assert.deepEqual(seen, [1, 2, 3])
  })

  for (const text of [
    '',
    '{',
    '{"items":[{"a":1}',
    '{"items":[{"a":"',
    '{"items":[{"a":}]}',
    '<html>',
    '{"items":[]}]',
  ])
    it(`is refused when it is no JSON: ${text}`, async () => {
      await assert.rejects(read(chunked(text, 3)), SyntaxError)
    })
})
