import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Use } from '../../provider.ts'
import { VERSION_PERMISSIONS } from '../answers/version-permissions.ts'
import { requiredPermissions } from './required.ts'

const FOUR = ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject']
const READ = ['s3:ListBucket', 's3:GetObject']
const SEVEN = [...FOUR, 's3:GetBucketVersioning', ...VERSION_PERMISSIONS]

const cases: [name: string, uses: Use[], required: string[]][] = [
  ['a store without consumers is one to read, write, list and delete in', [], FOUR],
  ['ZenML has its seven permissions', [{ access: 'ReadWrite', formats: ['ZenML'] }], SEVEN],
  ['ZenML that only reads', [{ access: 'ReadOnly', formats: ['ZenML'] }], READ],
  ['Turborepo has its four', [{ access: 'ReadWrite', formats: ['Turborepo'] }], FOUR],
  ['OpenMetadata only reads, whatever it may do', [{ access: 'ReadWrite', formats: ['OpenMetadata'] }], READ],
  ['SDKs that write', [{ access: 'WriteOnly', formats: ['Env', 'AwsProfile'] }], ['s3:PutObject']],
  [
    'an entry with two formats has those of both',
    [{ access: 'ReadWrite', formats: ['OpenMetadata', 'Env'] }],
    [...READ, 's3:PutObject', 's3:DeleteObject'],
  ],
  [
    'several entries have all of theirs together, once',
    [
      { access: 'WriteOnly', formats: ['Env'] },
      { access: 'ReadOnly', formats: ['Hadoop'] },
    ],
    ['s3:PutObject', ...READ],
  ],
]
for (const [name, uses, required] of cases) {
  test(`what is required follows from formats and accesses: ${name}`, () =>
    assert.deepEqual(requiredPermissions(uses), required))
}
