import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3'
import type { Call } from './call.ts'
import { listingCalls } from './listing-calls.ts'

const none = new AbortController().signal
const call: Call = async (_operation, _signal, send, value) => ({ status: 200, value: value(await send(none)) })

describe('a page of objects', () => {
  const two = [
    { Key: 'a', Size: 3 },
    { Key: 'b+c%2Fd', Size: 4 },
  ]
  const cases: [name: string, output: Partial<ListObjectsV2CommandOutput>, expected: object][] = [
    ['the last one', { Contents: two, IsTruncated: false }, { objects: 2, bytes: 7 }],
    ['one with others behind it', { Contents: two, IsTruncated: true }, { objects: 2, bytes: 7, next: 'b+c%2Fd' }],
    [
      'one whose keys are encoded',
      { Contents: two, IsTruncated: true, EncodingType: 'url' },
      { objects: 2, bytes: 7, next: 'b c/d' },
    ],
    ['an empty one that says there is more leads to itself', { IsTruncated: true }, { objects: 0, bytes: 0, next: '' }],
  ]
  test('a page that begins with the key after which it was to begin counts that key once', async () => {
    const client = { send: async () => ({ Contents: two, IsTruncated: true }) } as unknown as S3Client
    const { value } = await listingCalls(client, call).objectPage('ml', '', 'a', none)
    assert.deepEqual(value, { objects: 1, bytes: 4, next: 'b+c%2Fd' })
  })

  for (const [name, output, expected] of cases) {
    test(`a page of objects is counted: ${name}`, async () => {
      const client = { send: async () => output } as unknown as S3Client
      const { value } = await listingCalls(client, call).objectPage('ml', '', undefined, none)
      assert.deepEqual(value, expected)
    })
  }
})
