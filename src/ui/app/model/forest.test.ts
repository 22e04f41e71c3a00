import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connectorItem, secretItem, storeItem } from '../../../../test/support/ui-items.ts'
import { connectorKey, forestOf, inOrder, type MapNode, storeKey } from './forest.ts'

const nobody = new Map<string, boolean>()
const shape = (nodes: readonly MapNode[]) => inOrder(nodes).map(({ kind, depth, key }) => `${depth} ${kind} ${key}`)

const models = storeItem('models', {
  secrets: [secretItem('models-step'), secretItem('models-pod', { namespace: 'jobs' })],
})

describe('the map', () => {
  test('has connectors, their stores, the namespaces that get Secrets, and those', () => {
    const forest = forestOf({ connectors: [connectorItem('minio')], stores: [models] }, nobody)
    assert.deepEqual(shape(forest), [
      '0 connector connector ml/minio',
      '1 store store ml/models',
      '2 namespace store ml/models to jobs',
      '3 secret store ml/models to jobs models-pod',
      '2 namespace store ml/models to ml',
      '3 secret store ml/models to ml models-step',
    ])
  })

  test('has a connector without stores, and one that is not there', () => {
    const stores = [storeItem('lost', { connector: 'gone/gone' })]
    const [gone, minio] = forestOf({ connectors: [connectorItem('minio')], stores }, nobody)
    assert.ok(gone?.kind === 'connector' && minio?.kind === 'connector')
    assert.deepEqual([gone.name, gone.item, gone.tone, gone.count], ['gone/gone', undefined, 'Unseen', 1])
    assert.deepEqual([minio.name, minio.isOpen, minio.count], ['ml/minio', false, 0])
  })

  test('is in the order of names, whatever the order of the cluster', () => {
    const stores = ['c', 'a', 'b'].map(name => storeItem(name))
    const forest = forestOf({ connectors: [connectorItem('z'), connectorItem('minio')], stores }, nobody)
    assert.deepEqual(
      inOrder(forest).map(({ key }) => key),
      ['connector ml/minio', 'store ml/a', 'store ml/b', 'store ml/c', 'connector ml/z'],
    )
  })

  test('shows only connectors, each with its tally, where there are many stores', () => {
    const stores = Array.from({ length: 200 }, (_, n) =>
      storeItem(`s${n}`, { connector: `ml/c${n % 2}`, state: n % 4 === 0 ? 'Stalled' : 'Ready' }),
    )
    const forest = forestOf({ connectors: [connectorItem('c0'), connectorItem('c1')], stores }, nobody)
    assert.equal(inOrder(forest).length, 2)
    const [first] = forest
    assert.ok(first?.kind === 'connector')
    assert.deepEqual([first.count, first.tally.Stalled, first.tally.Ready], [100, 50, 50])
  })

  test('opens and closes what a person says', () => {
    const items = { connectors: [connectorItem('minio')], stores: [models, storeItem('other', { connector: 'ml/b' })] }
    const closed = new Map([[storeKey(models), false]])
    assert.ok(!shape(forestOf(items, closed)).some(line => line.startsWith('2')))
    const away = new Map([[connectorKey('ml/minio'), false]])
    assert.deepEqual(shape(forestOf(items, away)), [
      '0 connector connector ml/b',
      '1 store store ml/other',
      '0 connector connector ml/minio',
    ])
  })

  test('keeps the keys of what is there when other things come and go', () => {
    const keys = (stores: (typeof models)[]) =>
      new Set(inOrder(forestOf({ connectors: [], stores }, nobody)).map(({ key }) => key))
    const [before, after] = [keys([models]), keys([storeItem('a'), models])]
    assert.ok([...before].every(key => after.has(key)))
    assert.equal(after.size, before.size + 1)
  })
})
