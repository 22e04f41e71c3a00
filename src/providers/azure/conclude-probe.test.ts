import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  account,
  asked,
  BUSY,
  CONDITION,
  DENIED,
  NO_BLOB,
  NO_CONTAINER,
  OK,
  resultOf,
  sas,
  succeeded,
  workload,
} from '../../../test/support/azure.ts'
import { isFailure } from '../../api/failures.ts'
import type { ProbeRequest } from '../provider.ts'
import { concludeProbe, type ProbeContext } from './conclude-probe.ts'
import { DELEGATE, DELETE, LIST, READ, READ_TAGS, WRITE, WRITE_TAGS } from './permissions.ts'
import type { ProbeAnswers } from './probe.ts'

const request: ProbeRequest = {
  location: { bucket: 'data', prefix: 'team/', uri: 'az://data/team' },
  encryption: { type: 'None' },
  writeProbe: 'Multipart',
  probeId: 'uid-1',
  required: [],
}
const ALLOWED: ProbeAnswers = { list: OK, head: NO_BLOB, put: CONDITION, delete: NO_BLOB, delegate: OK }
const NAMES: Record<string, string> = { [LIST]: 'list', [READ]: 'read', [WRITE]: 'write', [DELETE]: 'delete' }
Object.assign(NAMES, { [DELEGATE]: 'delegate', [READ_TAGS]: 'readTags', [WRITE_TAGS]: 'writeTags' })

const conclude = (
  answers: Partial<ProbeAnswers>,
  change: Partial<ProbeRequest> = {},
  context: ProbeContext = asked(workload),
) => concludeProbe({ ...ALLOWED, ...answers }, { ...request, ...change }, context)

/** Results of the permissions that are not Allowed. */
function found(...args: Parameters<typeof conclude>): Record<string, string> {
  const { permissions } = succeeded(conclude(...args))
  for (const { result, detail, probe } of permissions) {
    assert.equal(detail === undefined, result === 'Allowed')
    assert.ok(probe !== undefined || result !== 'Allowed')
  }
  const rest = permissions.filter(({ result }) => result !== 'Allowed')
  return Object.fromEntries(rest.map(({ action, result }) => [NAMES[action] ?? action, result]))
}

describe('concludeProbe', () => {
  const other = { status: 409, code: 'BlobImmutableDueToPolicy' }
  const cases: [name: string, args: Parameters<typeof conclude>, expected: Record<string, string>][] = [
    ['everything is allowed', [{}], {}],
    [
      'an identity without a role',
      [{ list: DENIED, head: DENIED, put: DENIED, delete: DENIED, delegate: DENIED }],
      { list: 'Denied', read: 'Denied', write: 'Denied', delete: 'Denied', delegate: 'Denied' },
    ],
    ['a reader', [{ put: DENIED, delete: DENIED }], { write: 'Denied', delete: 'Denied' }],
    ['a blob that was written and deleted', [{ put: OK, delete: OK }, { writeProbe: 'Object' }], {}],
    [
      'a condition is no proof that a blob was written',
      [{ put: CONDITION, delete: OK }, { writeProbe: 'Object' }],
      { write: 'Unknown' },
    ],
    ['an answer of another kind', [{ put: other, delete: other }], { write: 'Unknown', delete: 'Unknown' }],
    ['tags', [{ getTags: NO_BLOB, setTags: DENIED }], { writeTags: 'Denied' }],
    ['a SAS token with all letters', [{}, {}, { ...asked(sas), sasPermissions: 'racwdl' }], {}],
    [
      'a SAS token that lacks some',
      [{}, {}, { ...asked(sas), sasPermissions: 'rl' }],
      { write: 'Denied', delete: 'Denied' },
    ],
    [
      'a SAS token is refused although it has the letter',
      [{ put: DENIED }, {}, { ...asked(sas), sasPermissions: 'rwdl' }],
      { write: 'Denied' },
    ],
    ['a SAS token of a stored policy', [{ put: DENIED }, {}, asked(sas)], { write: 'Denied' }],
  ]
  for (const [name, args, expected] of cases) {
    test(`${name}: ${JSON.stringify(expected)} and the rest Allowed`, () => assert.deepEqual(found(...args), expected))
  }

  test('a write that was not tried is Unknown, and says why', () => {
    const { put: _, ...answers } = ALLOWED
    const none = { ...request, writeProbe: 'None' as const, required: [WRITE] }
    const { permissions } = succeeded(concludeProbe(answers, none, asked(workload)))
    assert.deepEqual(
      permissions.find(({ action }) => action === WRITE),
      { action: WRITE, result: 'Unknown', detail: `${WRITE}: not probed with spec.verification.writeProbe: None` },
    )
    const unasked = succeeded(concludeProbe(answers, { ...none, required: [] }, asked(workload)))
    assert.ok(!unasked.permissions.some(({ action }) => action === WRITE))
    const lacking = concludeProbe(answers, none, { ...asked(sas), sasPermissions: 'rl' })
    assert.equal(succeeded(lacking).permissions.find(({ action }) => action === WRITE)?.result, 'Denied')
  })

  const { delegate: _, ...ofKey } = ALLOWED
  test('identities without delegation keys have no such permission', () => {
    const { permissions, bucket } = succeeded(concludeProbe(ofKey, request, asked(account)))
    assert.deepEqual(
      permissions.map(({ action }) => NAMES[action]),
      ['list', 'read', 'write', 'delete'],
    )
    assert.deepEqual(bucket, { name: 'data', prefix: 'team/' })
  })

  const failures: [name: string, answers: Partial<ProbeAnswers>, expected: string][] = [
    ['no container', { list: NO_CONTAINER }, 'stalled ContainerNotFound'],
    ['no container for HEAD', { head: NO_CONTAINER }, 'stalled ContainerNotFound'],
    ['a service that fails for one call', { delete: BUSY }, 'transient Throttled'],
    ['a service that fails for the key', { delegate: BUSY }, 'transient Throttled'],
  ]
  for (const [name, answers, expected] of failures) {
    test(`${name} is ${expected}`, () => assert.equal(resultOf(conclude(answers)), expected))
  }

  test('a denial names the action, where it is denied and the identity, and the cure the role', () => {
    const result = conclude({ put: DENIED, delegate: DENIED })
    assert.ok(!isFailure(result))
    const said = result.permissions.flatMap(({ detail, cure }) => (detail ? [detail, cure] : []))
    const who = 'for client client-1 of tenant tenant-1'
    assert.deepEqual(said, [
      `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write denied on az://data/team ${who}`,
      'assign it the role "Storage Blob Data Contributor" on container "data" of storage account "acme"',
      `Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action denied on storage account "acme" ${who}`,
      'assign it the role "Storage Blob Delegator" on storage account "acme"',
    ])
  })
})
