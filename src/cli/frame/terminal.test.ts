import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createProgress, viewOf } from './terminal.ts'

describe('a terminal', () => {
  const terminal = (columns?: number) => {
    const written: string[] = []
    const write = (text: string | Uint8Array) => written.push(String(text)) > 0
    return { ...{ isTTY: true, written, write }, ...(columns === undefined ? {} : { columns }) }
  }

  for (const [what, columns, width] of [
    ['that says how wide it is', 40, 40],
    ['that says nothing of its size', undefined, 80],
    ['that nobody has given a size', 0, 80],
  ] as const) {
    test(`${what} has ${width} columns`, () => {
      assert.equal(viewOf(terminal(columns), {}).width, width)
    })
  }

  test('without a size shows what is done', () => {
    const stream = terminal(0)
    createProgress(stream).say('reading stores')
    assert.ok(stream.written.join('').endsWith('reading stores'))
  })

  test('is no terminal where nobody sees it', () => {
    assert.equal(viewOf({ ...terminal(0), isTTY: false }, {}).width, Number.POSITIVE_INFINITY)
  })
})
