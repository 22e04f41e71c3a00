import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { stalled } from '../api/failures.ts'
import { sessionFailed } from '../stores/plan/connection.ts'
import { isLateInCloud } from './late-reasons.ts'

const LATE = [
  ...['RoleNotFound', 'RoleNotTrusted', 'AssumeRoleRefused', 'IssueRefused', 'IssuerNotTrusted', 'AudienceNotTrusted'],
  ...['TokenRejected', 'CredentialsRejected', 'PermissionDenied', 'BucketNotFound', 'ContainerNotFound'],
  ...['AccountNotFound', 'NetworkNotAllowed', 'ClientNotFound', 'FederatedCredentialMismatch', 'TokenRefused'],
  ...['ManagedIdentityNotFound', 'DelegationRefused', 'IssuedCredentialsRefused'],
]
/** What is wrong in a spec, or in an endpoint, and does not get better by waiting. */
const WRONG = [
  ...[
    'InvalidSpec',
    'InvalidBucketName',
    'InvalidContainerName',
    'InvalidCredentials',
    'InvalidCABundle',
    'RoleNotSet',
  ],
  ...['EndpointRefused', 'TLSVerificationFailed', 'UnexpectedAnswer', 'IssueNotSupported', 'PolicyTooLong'],
  ...['WrongRegion', 'DurationTooLong', 'SasInsufficient', 'AccountMismatch', 'CloudMismatch', 'NotLent'],
  ...['SecretConflict', 'SecretRefused', 'SecretAltered', 'DefaultConflict', 'FormatNotAvailable'],
]

describe('a failure that clouds get over by themselves', () => {
  const room = import.meta.dirname
  const sources = [room, join(room, '../stores/plan')].flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'late-reasons.ts')
      .map(name => readFileSync(join(folder, name), 'utf8')),
  )
  for (const reason of LATE) {
    test(`${reason} is one, and something in the operator says so`, () => {
      assert.ok(isLateInCloud({ reason, message: '' }))
      assert.ok(sources.some(source => source.includes(`'${reason}'`)))
    })
  }
  for (const reason of WRONG) test(`${reason} is none`, () => assert.ok(!isLateInCloud({ reason, message: '' })))

  test('a store that waits for its connector is one when the connector’s failure is, also when the store may not see it', () => {
    const tables = [true, false].map(isBorrowed =>
      ['RoleNotFound', 'InvalidSpec'].map(reason =>
        isLateInCloud(sessionFailed('ml/aws', stalled(reason, 'no'), isBorrowed)),
      ),
    )
    assert.deepEqual(tables, [
      [true, false],
      [true, false],
    ])
  })
})
