import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connectorItem, secretItem, storeItem } from '../../../../test/support/ui-items.ts'
import { choicesOf, EVERYTHING, type Filter, isNarrowed, matching } from './filter.ts'

const items = {
  connectors: [
    connectorItem('minio', { principal: 'arn:aws:iam::123:role/Artifacts' }),
    connectorItem('acme', { namespace: 'shared', cloud: 'azure' }),
  ],
  stores: [
    storeItem('models', { displayName: 'Weights of the Year', secrets: [secretItem('models-step')] }),
    storeItem('data', { namespace: 'web', secrets: [secretItem('data-pod', { namespace: 'jobs', role: 'reader' })] }),
    storeItem('blobs', {
      ...{ cloud: 'azure', connector: 'shared/acme', uri: 'az://container/x', state: 'Stalled' },
      health: { ...storeItem('x').health, ready: 'False', reason: 'BucketNotFound' },
    }),
  ],
}

const found = (filter: Partial<Filter>) => {
  const { connectors, stores } = matching(items, { ...EVERYTHING, ...filter })
  return [connectors.map(({ name }) => name), stores.map(({ name }) => name)]
}

describe('a filter', () => {
  for (const [name, filter, want] of [
    [
      'without any word lets all through',
      {},
      [
        ['minio', 'acme'],
        ['models', 'data', 'blobs'],
      ],
    ],
    ['of a name finds the store, and brings its connector along', { text: 'models' }, [['minio'], ['models']]],
    ['of a name for people finds it in any case', { text: 'wEIGHTS' }, [['minio'], ['models']]],
    ['of two words needs both, in any order', { text: 'year weights' }, [['minio'], ['models']]],
    ['of a bucket finds it', { text: 'az://container' }, [['acme'], ['blobs']]],
    ['of a Secret finds its store', { text: 'jobs/data-pod' }, [['minio'], ['data']]],
    ['of a role finds its store', { text: 'reader' }, [['minio'], ['data']]],
    ['of a connector finds its stores', { text: 'shared/acme' }, [['acme'], ['blobs']]],
    [
      'of an identity finds the connector with all of its stores',
      { text: 'role/artifacts' },
      [['minio'], ['models', 'data']],
    ],
    [
      'of spaces only lets all through',
      { text: '  ' },
      [
        ['minio', 'acme'],
        ['models', 'data', 'blobs'],
      ],
    ],
    ['of a namespace finds stores in it', { namespace: 'web' }, [['minio'], ['data']]],
    ['of a namespace finds stores with a Secret in it', { namespace: 'jobs' }, [['minio'], ['data']]],
    ['of a namespace finds connectors in it', { namespace: 'shared' }, [['acme'], []]],
    ['of a cloud', { cloud: 'azure' }, [['acme'], ['blobs']]],
    ['of a reason', { reason: 'BucketNotFound' }, [['acme'], ['blobs']]],
    ['of a state', { tone: 'Stalled' }, [['acme'], ['blobs']]],
    ['of words that nothing has', { text: 'models blobs' }, [[], []]],
    ['of all at once', { text: 'mod', namespace: 'ml', cloud: 'aws', tone: 'Ready' }, [['minio'], ['models']]],
  ] as [string, Partial<Filter>, string[][]][]) {
    test(`${name}`, () => assert.deepEqual(found(filter), want))
  }
})

test('a filter of spaces narrows nothing', () => {
  assert.equal(isNarrowed({ ...EVERYTHING, text: ' ' }), false)
  assert.equal(isNarrowed({ ...EVERYTHING, cloud: 'aws' }), true)
})

test('choices are all that there is, with how many have it', () => {
  assert.deepEqual(choicesOf(items), {
    namespaces: [
      { value: 'jobs', count: 1 },
      { value: 'ml', count: 3 },
      { value: 'shared', count: 1 },
      { value: 'web', count: 1 },
    ],
    clouds: [
      { value: 'aws', count: 2 },
      { value: 'azure', count: 1 },
    ],
    reasons: [
      { value: 'Authenticated', count: 2 },
      { value: 'BucketNotFound', count: 1 },
      { value: 'Verified', count: 2 },
    ],
  })
})
