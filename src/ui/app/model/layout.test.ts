import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connectorItem, secretItem, storeItem } from '../../../../test/support/ui-items.ts'
import { connectorKey, forestOf } from './forest.ts'
import { drawnAt, edgesOf, headsOf, inColumns, inOneColumn, inWindow, type Layout, NODE } from './layout.ts'

const opened = new Map([connectorKey('ml/a'), connectorKey('ml/b')].map(key => [key, true]))

function forest(counts: Record<string, number>) {
  const connectors = Object.keys(counts).map(name => connectorItem(name))
  const stores = Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, n) =>
      storeItem(`${name}${String(n).padStart(4, '0')}`, {
        connector: `ml/${name}`,
        secrets: [secretItem(`${name}${n}-step`)],
      }),
    ),
  )
  return forestOf({ connectors, stores }, opened)
}

const overlaps = ({ placed }: Layout): string[] => {
  const found: string[] = []
  const columns = Map.groupBy(placed, ({ x }) => x)
  for (const column of columns.values()) {
    const sorted = column.toSorted((one, other) => one.y - other.y)
    for (const [at, one] of sorted.entries()) {
      const next = sorted[at + 1]
      if (next && next.y - one.y < NODE.height) found.push(`${one.node.key} ${next.node.key}`)
    }
  }
  return found
}

for (const [name, layoutOf] of [
  ['columns', (nodes: Parameters<typeof inColumns>[0]) => inColumns(nodes, 1280)],
  ['one column', (nodes: Parameters<typeof inColumns>[0]) => inOneColumn(nodes, 400)],
] as const) {
  describe(`a map in ${name}`, () => {
    for (const counts of [
      { a: 1 },
      { a: 3, b: 5 },
      { a: 40, b: 1 },
      { a: 0, b: 0 },
      { a: 0, b: 3, c: 0, d: 0 },
    ] as Record<string, number>[]) {
      test(`puts no node over another, and none outside: ${JSON.stringify(counts)}`, () => {
        const layout = layoutOf(forest(counts))
        assert.deepEqual(overlaps(layout), [])
        for (const { x, y, width, node } of layout.placed) {
          assert.ok(x >= 0 && x + width <= layout.width, `${node.key} at ${x}`)
          assert.ok(y - NODE.height / 2 >= 0 && y + NODE.height / 2 <= layout.height, `${node.key} at ${y}`)
        }
      })
    }

    test('says what each node belongs to, and its place among those beside it', () => {
      const { placed } = layoutOf(forest({ a: 2, b: 1 }))
      const lines = placed.map(({ node, above, position, siblings }) => [
        node.key,
        placed[above]?.node.key,
        `${position}/${siblings}`,
      ])
      assert.deepEqual(lines.slice(0, 3), [
        ['connector ml/a', undefined, '1/2'],
        ['store ml/a0000', 'connector ml/a', '1/2'],
        ['store ml/a0000 to ml', 'store ml/a0000', '1/1'],
      ])
    })

    test('draws only what is in the window, with thousands of stores', () => {
      const layout = layoutOf(forest({ a: 5000 }))
      const window = { top: 100_000, bottom: 100_800 }
      const drawn = inWindow(layout, window)
      assert.ok(drawn.length > 10 && drawn.length < 40, `${drawn.length} nodes`)
      assert.ok(edgesOf(layout, drawn, window, false).length < 40)
    })
  })
}

describe('titles of columns', () => {
  const titles = (counts: Record<string, number>) => headsOf(inColumns(forest(counts), 1280)).map(({ title }) => title)
  test('are there for each column that has nodes', () => {
    assert.deepEqual(titles({ a: 1 }), ['Connectors', 'Stores', 'Namespaces', 'Secrets'])
    assert.deepEqual(titles({ a: 40 }), ['Connectors', 'Stores'])
  })
  test('are not there for connectors alone', () => assert.deepEqual(titles({ a: 0, b: 0 }), []))
})

describe('a map in columns', () => {
  test('gives each connector rows of its own', () => {
    const { placed } = inColumns(forest({ a: 7, b: 3 }))
    const rowsOf = (letter: string) => placed.filter(({ node }) => node.key.includes(`ml/${letter}`)).map(({ y }) => y)
    assert.ok(Math.max(...rowsOf('a')) + NODE.height < Math.min(...rowsOf('b')))
  })

  test('lays closed connectors beside each other, as many as there is room for', () => {
    const closed = forestOf(
      { connectors: ['a', 'b', 'c', 'd', 'e'].map(name => connectorItem(name)), stores: [] },
      opened,
    )
    const placesAt = (width: number) => inColumns(closed, width).placed.map(({ x, y }) => `${x},${y}`)
    const [one, two] = [NODE.margin, NODE.margin + NODE.column]
    const middle = NODE.margin + NODE.height / 2
    assert.deepEqual(placesAt(640).slice(0, 3), [
      `${one},${middle}`,
      `${two},${middle}`,
      `${one},${middle + NODE.row + NODE.gap}`,
    ])
    assert.equal(new Set(placesAt(300).map(place => place.split(',')[0])).size, 1)
    assert.deepEqual(overlaps(inColumns(closed, 1300)), [])
  })

  test('keeps a connector in the window as long as one sees a store of it', () => {
    const layout = inColumns(forest({ a: 5000 }))
    const [connector] = layout.placed
    assert.ok(connector)
    assert.equal(drawnAt(connector, { top: 100_000, bottom: 101_000 }), 100_500)
    assert.equal(drawnAt(connector, { top: 0, bottom: 10 }), connector.below?.first)
    assert.equal(drawnAt(connector, { top: 9e6, bottom: 9e6 + 100 }), connector.below?.last)
  })

  test('leaves a connector at the middle of its stores where all are in the window', () => {
    const [connector] = inColumns(forest({ a: 3 })).placed
    assert.ok(connector?.below)
    assert.equal(connector.y, (connector.below.first + connector.below.last) / 2)
    assert.equal(drawnAt(connector, { top: 0, bottom: 2000 }), connector.y)
  })

  test('has an edge to each node that is drawn, from what it belongs to', () => {
    const layout = inColumns(forest({ a: 2 }))
    const window = { top: 0, bottom: 2000 }
    const drawn = inWindow(layout, window)
    const edges = edgesOf(layout, drawn, window, false)
    assert.equal(edges.length, drawn.length - 1)
    assert.deepEqual([edges[0]?.from, edges[0]?.to], ['connector ml/a', 'store ml/a0000'])
    assert.match(edges[0]?.path ?? '', /^M[\d.]+,[\d.]+C/)
  })
})
