import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, KEY_SPEC, store } from '../../../test/support/objects.ts'
import { bucketsOf, isBucketUri, reachOf } from './reach.ts'

const ready = {
  conditions: [{ type: 'Ready', status: 'True' as const, reason: 'Verified', message: '', lastTransitionTime: '' }],
}
const listed = { resources: [{ uri: 's3://ml-models', region: 'eu-west-1' }] }
const limited = connector({ spec: { ...KEY_SPEC, resources: ['s3://ml-*'] }, status: listed }, 'limited')
const azure = connector({ spec: { azure: { accountName: 'a', auth: { sasToken: { secretName: 's' } } } } }, 'azure')

const verdicts = (uri: string, stores = [store({ path: 's3://bucket/team' }, { status: ready })]) =>
  Object.fromEntries(
    reachOf([connector(), limited, azure], stores, uri).map(({ connector, verdict }) => [connector, verdict]),
  )

describe('who reaches a bucket', () => {
  test('a connector with a Ready store there does', () => {
    assert.deepEqual(verdicts('s3://bucket/anything'), {
      'ml/minio': 'Verified',
      'ml/limited': 'Excluded',
      'ml/azure': 'Excluded',
    })
  })

  test('one that lists it does, and one without a list is not known', () => {
    assert.deepEqual(verdicts('s3://ml-models'), {
      'ml/limited': 'Listed',
      'ml/minio': 'Unknown',
      'ml/azure': 'Excluded',
    })
  })

  test('one whose store there is not Ready is not known', () => {
    assert.equal(verdicts('s3://bucket', [store({ path: 's3://bucket/team' })])['ml/minio'], 'Unknown')
  })

  test('one that may have it and does not list it is not known', () => {
    assert.equal(verdicts('s3://ml-other')['ml/limited'], 'Unknown')
  })
})

test('buckets are those that connectors list and stores have', () => {
  const inBucket = store(
    { path: 's3://bucket/team' },
    { status: { bucket: { name: 'bucket', prefix: '', region: 'r' } } },
  )
  assert.deepEqual(bucketsOf([connector(), limited], [inBucket]), [
    { connector: 'ml/limited', uri: 's3://ml-models', region: 'eu-west-1', stores: [] },
    { connector: 'ml/minio', uri: 's3://bucket', region: 'r', stores: ['ml/prod'] },
  ])
})

for (const [text, want] of [
  ['s3://bucket', true],
  ['s3://bucket/prefix/', true],
  ['az://models', true],
  ['abfss://models@acme.dfs.core.windows.net/x', true],
  ['s3://ml-*', false],
  ['bucket', false],
  ['https://bucket', false],
] as const) {
  test(`"${text}" is ${want ? 'a' : 'no'} URI of a bucket`, () => assert.equal(isBucketUri(text), want))
}
