import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stalled } from '../../api/failures.ts'
import type { Permission } from '../../providers/provider.ts'
import { judgePermissions } from './permissions.ts'

describe('judgePermissions', () => {
  const location = { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' }
  const plan = { location, required: ['s3:ListBucket', 's3:GetObject', 's3:PutObject'] }
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
        "s3:GetObject (the prefix is empty), s3:PutObject (the operator does not probe it) can't be proven on s3://bucket/team/ for alice: make it provable, or leave it out of spec.verification.require",
      ),
    ],
  ]
  for (const [name, permissions, failure] of cases) {
    test(name, () => assert.deepEqual(judgePermissions(plan, permissions, 'alice'), failure))
  }
})
