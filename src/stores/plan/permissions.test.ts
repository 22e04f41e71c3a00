import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stalled } from '../../api/failures.ts'
import type { Permission, Probe } from '../../providers/provider.ts'
import { cautionsOf, judgePermissions } from './permissions.ts'

describe('judgePermissions', () => {
  const location = { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' }
  const plan = {
    location,
    required: ['s3:ListBucket', 's3:GetObject', 's3:PutObject'],
    requiredByDefault: { withVersions: [] },
  }
  const allowed = (action: string): Permission => ({ action, result: 'Allowed' })
  const denied = (action: string): Permission => ({
    action,
    result: 'Denied',
    detail: `${action} denied on s3://bucket/team/ for alice`,
  })
  const unknown = (action: string): Permission => ({
    action,
    result: 'Unknown',
    detail: `${action}: the prefix is empty`,
  })
  const [list, get, put] = ['s3:ListBucket', 's3:GetObject', 's3:PutObject'] as const

  const cases: [name: string, permissions: Permission[], failure: ReturnType<typeof judgePermissions>][] = [
    ['accepts permissions that are all allowed', [allowed(list), allowed(get), allowed(put)], undefined],
    [
      'accepts the denial of a permission that is not required',
      [allowed(list), allowed(get), allowed(put), denied('s3:DeleteObject')],
      undefined,
    ],
    [
      'names every required permission that is denied',
      [denied(list), allowed(get), denied(put)],
      stalled(
        'PermissionDenied',
        's3:ListBucket, s3:PutObject denied on s3://bucket/team/ for alice: allow it in the policy of that identity',
      ),
    ],
    [
      'passes on the cure that the provider knows',
      [
        { ...denied(list), cure: 'assign it the role "Reader"' },
        { ...denied(get), cure: 'assign it the role "Reader"' },
      ],
      stalled(
        'PermissionDenied',
        's3:ListBucket, s3:GetObject denied on s3://bucket/team/ for alice: assign it the role "Reader"',
      ),
    ],
    [
      'names only what is denied, which is certain, where another permission is unknown',
      [unknown(list), allowed(get), denied(put)],
      stalled(
        'PermissionDenied',
        's3:PutObject denied on s3://bucket/team/ for alice: allow it in the policy of that identity',
      ),
    ],
    [
      'names permissions that are unknown or not probed at all',
      [allowed(list), unknown(get)],
      stalled(
        'PermissionUnknown',
        "s3:GetObject (the prefix is empty), s3:PutObject (the operator does not probe it) can't be proven on s3://bucket/team/ for alice: make it provable; leave s3:PutObject out of spec.verification.require, or require only what can be: spec.verification.require: [s3:ListBucket]",
      ),
    ],
  ]
  for (const [name, permissions, failure] of cases) {
    test(name, () => assert.deepEqual(judgePermissions(plan, { permissions, bucket: {} }, 'alice'), failure))
  }

  const versions = { versioning: 'Disabled' } as const
  const withVersions = { withVersions: ['s3:ListBucketVersions'] }
  const needsVersions = { ...plan, required: [get, 's3:ListBucketVersions'], requiredByDefault: withVersions }
  const lacksVersions = [allowed(get), unknown('s3:ListBucketVersions')]

  test('permissions about versions count only where the bucket has versions', () => {
    assert.equal(judgePermissions(needsVersions, { permissions: lacksVersions, bucket: versions }, 'alice'), undefined)
    for (const bucket of [{}, { versioning: 'Suspended' }] as const) {
      const failure = judgePermissions(needsVersions, { permissions: lacksVersions, bucket }, 'alice')
      assert.equal(failure?.reason, 'PermissionUnknown')
    }
  })

  test('permissions about versions that the store requires by name count everywhere', () => {
    const byName = { ...needsVersions, requiredByDefault: undefined }
    const failure = judgePermissions(byName, { permissions: lacksVersions, bucket: versions }, 'alice')
    assert.match(failure?.message ?? '', /s3:ListBucketVersions .* spec\.verification\.require: \[s3:GetObject\]$/)
  })

  const traced: Permission = {
    action: put,
    result: 'Unknown',
    detail: 's3:PutObject: not probed, as it may leave a trace',
    cure: 'allow s3:Other so that it can be',
    wouldLeaveTrace: true,
  }
  const probe: Probe = {
    kind: 'probe',
    bucket: { name: 'b', prefix: '' },
    permissions: [allowed(list), allowed(get), traced],
  }

  test('a store can do without the proof that would leave a trace, and says so', () => {
    const found = { ...probe, cautions: ['no encryption'] }
    assert.equal(judgePermissions(plan, found, 'alice'), undefined)
    assert.deepEqual(cautionsOf(plan, found), [
      'no encryption',
      's3:PutObject: not probed, as it may leave a trace: allow s3:Other so that it can be',
    ])
  })

  test('a store that requires the permission by name can not do without that proof, and names the cure', () => {
    const failure = judgePermissions({ ...plan, requiredByDefault: undefined }, probe, 'alice')
    assert.equal(failure?.reason, 'PermissionUnknown')
    assert.match(
      failure?.message ?? '',
      /: allow s3:Other so that it can be, or require only what can be: spec\.verification\.require: \[s3:ListBucket, s3:GetObject\]$/,
    )
  })
})
