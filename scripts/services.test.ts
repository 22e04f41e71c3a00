import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Found } from '../test/services/found.ts'
import { services } from './services.ts'

const found: Found = {
  ...{ service: 'Shelf', version: '1.2' },
  ways: {
    accessKey: 'IssueNotSupported',
    'accessKey, SessionToken': 'whole',
    'accessKey, FederationToken': 'narrowed',
    'accessKey, Static': 'whole',
    assumeRoles: 'RoleNotFound',
    webIdentity: 'narrowed',
  },
  store: { way: 'webIdentity', ready: 'True', isolated: 'True' },
  ...{ versions: 'BucketChangeRefused', expiration: 'kept', usage: 'List', notes: 'It is small.' },
}

const lines = services([found, { ...found, service: 'Attic' }]).split('\n')

test('the table says what works, what is narrowed, and what is not there for which reason', () => {
  const cells = [
    'Shelf 1.2',
    '`accessKey`, `webIdentity`',
    '`SessionToken`, `FederationToken`, `Static`',
    '`FederationToken`, `webIdentity`',
    'True by `webIdentity`',
    'no: BucketChangeRefused',
    'yes',
    'List',
  ]
  assert.ok(lines.includes(`| ${cells.join(' | ')} |`), lines.join('\n'))
})

test('the second table has the reasons of what does not work, and nothing else', () => {
  assert.ok(lines.includes('| Shelf | IssueNotSupported |  |  |  | RoleNotFound |  |'))
})

test('services are sorted by name, with their notes', () => {
  const notes = lines.filter(line => line.endsWith('It is small.'))
  assert.deepEqual(notes, ['- **Attic**: It is small.', '- **Shelf**: It is small.'])
})
