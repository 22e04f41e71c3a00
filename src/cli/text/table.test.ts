import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { coloured, colourless } from './style.ts'
import { type Column, table } from './table.ts'
import { treeRows } from './tree.ts'
import { fit, padded, widthOf, wrap } from './width.ts'

const columns: Column[] = [
  { title: 'NAME', min: 8 },
  { title: 'READY' },
  { title: 'WHY', drop: 1, min: 10 },
  { title: 'PATH', drop: 2 },
]
const rows = [
  ['store ml/models', 'True', 'Verified', 's3://acme-models/team-a'],
  ['store ml/モデル', 'False', 'the role does not trust the issuer of this cluster', 's3://b'],
]

describe('a table', () => {
  test('is as wide as it is where nobody gives a width', () => {
    assert.deepEqual(table(columns, rows, colourless), [
      'NAME             READY  WHY                                                 PATH',
      'store ml/models  True   Verified                                            s3://acme-models/team-a',
      'store ml/モデル  False  the role does not trust the issuer of this cluster  s3://b',
    ])
  })

  test('narrows its widest columns first', () => {
    assert.deepEqual(table(columns, rows, colourless, 70), [
      'NAME             READY  WHY                    PATH',
      'store ml/models  True   Verified               s3://acme-models/team-a',
      'store ml/モデル  False  the role does not tr…  s3://b',
    ])
  })

  test('leaves columns out where all can not be narrow enough', () => {
    assert.deepEqual(table(columns, rows, colourless, 40), [
      'NAME             READY  WHY',
      'store ml/models  True   Verified',
      'store ml/モデル  False  the role does n…',
    ])
    assert.deepEqual(table(columns, rows, colourless, 20), [
      'NAME           READY',
      'store ml/mod…  True',
      'store ml/モ…   False',
    ])
  })

  for (const width of [1, 2, 3, 10, 20, 40, 80, 200]) {
    test(`has no line wider than ${width} columns`, () => {
      for (const line of table(columns, rows, colourless, width)) assert.ok(widthOf(line) <= Math.max(width, 4), line)
    })
  }

  test('does not show a column that says nothing', () => {
    assert.deepEqual(table(columns, [['a', 'True', '', '']], colourless), ['NAME  READY', 'a     True'])
  })

  test('aligns cells in colour', () => {
    const lines = table([{ title: 'A' }, { title: 'B' }], [[{ text: 'x', tone: 'bad' }, 'y']], coloured)
    assert.equal(lines[1], '\x1b[31mx\x1b[39m  y')
  })
})

test('a tree shows what is below what', () => {
  const leaf = (name: string, ...below: { cells: string[]; below: never[] }[]) => ({ cells: [name, '-'], below })
  assert.deepEqual(
    treeRows([leaf('a', leaf('b', leaf('c') as never) as never, leaf('d') as never), leaf('e')]).map(cells => cells[0]),
    ['a', '├─ b', '│  └─ c', '└─ d', 'e'],
  )
})

describe('text in columns', () => {
  for (const [text, width] of [
    ['abc', 3],
    ['モデル', 6],
    ['é', 1],
    ['e\u0301', 1],
    ['👍', 2],
    ['', 0],
  ] as const) {
    test(`"${text}" takes ${width}`, () => assert.equal(widthOf(text), width))
  }

  test('a character of two columns is not cut in halves', () => {
    assert.equal(fit('モデル', 4), 'モ…')
    assert.equal(fit('モデル', 5), 'モデ…')
    assert.equal(padded('モ', 3), 'モ ')
  })

  test('lines are broken between words, and words that are too long within', () => {
    assert.deepEqual(wrap('to be or not to be', 6), ['to be', 'or not', 'to be'])
    assert.deepEqual(wrap('x abcdefghij y', 4), ['x', 'abcd', 'efgh', 'ij y'])
    assert.deepEqual(wrap('a b', Number.POSITIVE_INFINITY), ['a b'])
  })
})
