import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { isFailure } from './failures.ts'
import { formatStoreUri, joinPrefix, parseStoreUri, type StoreUri } from './uri.ts'

const HOST = 'account1.dfs.core.windows.net'

const cases: [path: string, uri: StoreUri, formatted?: string][] = [
  ['s3://mlx', { cloud: 'aws', scheme: 's3', bucket: 'mlx', prefix: '' }],
  ['s3://mlx/', { cloud: 'aws', scheme: 's3', bucket: 'mlx', prefix: '' }, 's3://mlx'],
  ['s3://mlx/a', { cloud: 'aws', scheme: 's3', bucket: 'mlx', prefix: 'a/' }, 's3://mlx/a/'],
  ['s3://mlx/a/b@c/', { cloud: 'aws', scheme: 's3', bucket: 'mlx', prefix: 'a/b@c/' }],
  ['az://mlx/a/', { cloud: 'azure', scheme: 'az', bucket: 'mlx', prefix: 'a/' }],
  ['abfs://mlx', { cloud: 'azure', scheme: 'abfs', bucket: 'mlx', prefix: '' }],
  [
    `abfss://mlx@${HOST}/a/`,
    { cloud: 'azure', scheme: 'abfss', bucket: 'mlx', account: 'account1', host: HOST, prefix: 'a/' },
  ],
  [
    `abfs://mlx@${HOST}`,
    { cloud: 'azure', scheme: 'abfs', bucket: 'mlx', account: 'account1', host: HOST, prefix: '' },
  ],
]

suite('parseStoreUri', () => {
  for (const [path, uri, formatted = path] of cases) {
    test(`reads ${path}`, () => {
      assert.deepEqual(parseStoreUri(path), uri)
      assert.equal(formatStoreUri(uri), formatted)
    })
  }

  for (const [path, message] of [
    [
      'gs://mlx',
      'spec.path: path must start with s3://, az://, abfs:// or abfss://: write for example s3://my-bucket/prefix',
    ],
    ['s3:///a', 'spec.path: path names no valid S3 bucket'],
    ['s3://mlx/a*', "spec.path: path has a prefix that can't be used"],
    ['', 'spec.path: path must start with'],
  ] as const) {
    test(`refuses ${JSON.stringify(path)}`, () => {
      const failure = parseStoreUri(path)
      assert.ok(isFailure(failure))
      assert.equal(failure.intent, 'stalled')
      assert.equal(failure.reason, 'InvalidSpec')
      assert.ok(failure.message.startsWith(message), failure.message)
    })
  }
})

suite('joinPrefix', () => {
  for (const [parts, prefix] of [
    [[], ''],
    [['', undefined], ''],
    [['a'], 'a/'],
    [['a/', 'b/c'], 'a/b/c/'],
    [['', 'b/'], 'b/'],
  ] as const) {
    test(`makes "${prefix}" of ${JSON.stringify(parts)}`, () => assert.equal(joinPrefix(...parts), prefix))
  }
})
