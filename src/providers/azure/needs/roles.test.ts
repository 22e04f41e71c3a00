import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DELEGATE, LIST, READ, READ_TAGS, ROLE, WRITE } from '../permissions.ts'
import { assignmentsOf, type ContainerAsks, permissionsOf, sasLettersOf } from './roles.ts'

const asks = (change: Partial<ContainerAsks> = {}): ContainerAsks => ({
  container: 'models',
  accesses: ['ReadWrite'],
  ...change,
})
const READER = 'Storage Blob Data Reader'
const CONTRIBUTOR = 'Storage Blob Data Contributor'
const OWNER = 'Storage Blob Data Owner'
const SIGNER = 'Storage Blob Delegator on the account'

describe('roles for stores', () => {
  const cases: [what: string, stores: ContainerAsks[], expected: string[]][] = [
    ['one that reads and writes', [asks()], [`${CONTRIBUTOR} on models`, SIGNER]],
    ['one that reads', [asks({ accesses: ['ReadOnly'] })], [`${READER} on models`, SIGNER]],
    ['one that writes', [asks({ accesses: ['WriteOnly'] })], [`${CONTRIBUTOR} on models`, SIGNER]],
    ['one without credentials, for which nothing is signed', [asks({ accesses: [] })], [`${CONTRIBUTOR} on models`]],
    ['one that needs tags', [asks({ required: [READ_TAGS] })], [`${OWNER} on models`, SIGNER]],
    ['one that requires to sign', [asks({ accesses: [], required: [DELEGATE] })], [`${CONTRIBUTOR} on models`, SIGNER]],
    [
      'two in one container, which need one role',
      [asks({ accesses: ['ReadOnly'] }), asks()],
      [`${CONTRIBUTOR} on models`, SIGNER],
    ],
    [
      'two in two containers',
      [asks({ accesses: ['ReadOnly'] }), asks({ container: 'other' })],
      [`${READER} on models`, `${CONTRIBUTOR} on other`, SIGNER],
    ],
    [
      'one that creates its container, whose role is enough for the others',
      [asks({ create: true, accesses: ['ReadOnly'] }), asks({ container: 'other' })],
      [`${CONTRIBUTOR} on the account`],
    ],
    [
      'one that creates its container, beside one that needs tags',
      [asks({ create: true }), asks({ container: 'other', required: [READ_TAGS] })],
      [`${CONTRIBUTOR} on the account`, `${OWNER} on other`],
    ],
  ]
  for (const [what, stores, expected] of cases) {
    test(`are these for ${what}`, () =>
      assert.deepEqual(
        assignmentsOf(stores).map(({ role, container = 'the account' }) => `${role} on ${container}`),
        expected,
      ))
  }

  test('are the least ones for the permissions that they are for', () => {
    for (const { role, permissions } of assignmentsOf([asks(), asks({ container: 'other', accesses: ['ReadOnly'] })])) {
      assert.ok(permissions.some(permission => ROLE[permission] === role))
    }
  })
})

describe('a SAS token', () => {
  const cases: [what: string, stores: ContainerAsks[], letters: string][] = [
    ['that reads and writes', [asks()], 'rwdl'],
    ['that reads', [asks({ accesses: ['ReadOnly'] })], 'rl'],
    ['that writes', [asks({ accesses: ['WriteOnly'] })], 'w'],
    ['that writes, and counts blobs', [asks({ accesses: ['WriteOnly'], usage: 'List' })], 'wl'],
    ['that creates its container', [asks({ accesses: ['ReadOnly'], create: true })], 'rcl'],
    ['that needs tags', [asks({ accesses: ['ReadOnly'], required: [READ_TAGS] })], 'rlt'],
  ]
  for (const [what, stores, letters] of cases) {
    test(`has the letters ${letters} for a store ${what}`, () => assert.equal(sasLettersOf(stores), letters))
  }
})

test('permissions of a store are those of its accesses, and those that it requires', () => {
  assert.deepEqual(permissionsOf(asks({ accesses: ['ReadOnly'], required: [WRITE] })), [LIST, READ, WRITE])
})
