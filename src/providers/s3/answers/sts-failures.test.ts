import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Auth } from '../identity/auth.ts'
import type { S3Identity } from '../identity/identity.ts'
import type { Signer } from '../identity/signer.ts'
import type { Answer } from './answer.ts'
import { type StsRequest, stsFailure } from './sts-failures.ts'

const ROLE = 'arn:aws:iam::123456789012:role/ml'
const WEB: Auth = {
  kind: 'webIdentity',
  roleArn: ROLE,
  audience: 'sts.amazonaws.com',
  subject: 'system:serviceaccount:ml:pipelines',
  token: () => Promise.reject(new Error('unused')),
}
const KEY: Auth = {
  kind: 'accessKey',
  secret: 'ml/minio',
  temporary: false,
  key: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'hush' }),
}
const identity = (auth: Auth, change: Partial<S3Identity> = {}): S3Identity => ({
  provider: 'aws',
  fingerprint: 'f',
  connector: 'ml/minio',
  sessionDurationMs: 3_600_000,
  cautions: [],
  region: 'eu-west-1',
  s3: { host: 's3.example', field: 'spec.aws.endpoint' },
  sts: { host: 'sts.example', field: 'spec.aws.stsEndpoint' },
  addressingStyle: 'path',
  auth,
  ...change,
})

const LONG_TERM: Signer = { kind: 'key', secret: 'ml/minio', temporary: false }
const TEMPORARY: Signer = { ...LONG_TERM, temporary: true }
const BY_TOKEN: StsRequest = {
  operation: 'AssumeRoleWithWebIdentity',
  signer: { kind: 'session', of: ROLE },
  token: 'a.b.c',
}
const ANY_ROLE: StsRequest = { operation: 'AssumeRole', signer: LONG_TERM }
const FEDERATION: StsRequest = { operation: 'GetFederationToken', signer: LONG_TERM }
const SESSION: StsRequest = { operation: 'GetSessionToken', signer: LONG_TERM }

const answer = (status: number, code: string, message = ''): Answer => ({ status, code, message })

describe('stsFailure', () => {
  // Messages of AWS are from its documentation and from reports; those of MinIO are as it gave them.
  const cases: [
    name: string,
    answer: Answer,
    intent: string,
    reason: string,
    message: RegExp,
    request?: StsRequest,
    change?: Partial<S3Identity>,
  ][] = [
    [
      'AWS, the duration is too long',
      answer(400, 'ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'),
      'stalled',
      'DurationTooLong',
      /maximum session duration/,
    ],
    [
      'AWS, the packed policy is too long',
      answer(400, 'PackedPolicyTooLarge'),
      'stalled',
      'PolicyTooLong',
      /shorter prefix/,
    ],
    [
      'AWS, the region is disabled',
      answer(403, 'RegionDisabledException'),
      'stalled',
      'RegionDisabled',
      /spec\.aws\.region/,
    ],
    [
      'MinIO, the duration is too long',
      answer(400, 'InvalidParameterValue', 'invalid token expiry'),
      'stalled',
      'DurationTooLong',
      /shorten/,
    ],
    [
      'MinIO can’t read the policy',
      answer(400, 'InvalidParameterValue', "unsupported action 'kms:Decrypt'"),
      'stalled',
      'PolicyRefused',
      /bug/,
    ],
    [
      'MinIO does not know the key',
      answer(403, 'AccessDenied', 'The Access Key Id you provided does not exist in our records.'),
      'stalled',
      'CredentialsRejected',
      /Secret "ml\/minio" \(InvalidAccessKeyId\)/,
      ANY_ROLE,
    ],
    [
      'MinIO, the secret of the key is wrong',
      answer(403, 'AccessDenied', 'The request signature we calculated does not match the signature you provided.'),
      'stalled',
      'CredentialsRejected',
      /SignatureDoesNotMatch/,
      ANY_ROLE,
    ],
    [
      'MinIO, the user is disabled',
      answer(403, 'AccessDenied', 'Your account is disabled; please contact your administrator.'),
      'stalled',
      'CredentialsRejected',
      /is enabled/,
      ANY_ROLE,
    ],
    [
      'the key is temporary itself',
      answer(403, 'AccessDenied', 'Access Denied.'),
      'stalled',
      'AssumeRoleRefused',
      /long-lived key without session token/,
      { operation: 'AssumeRole', signer: TEMPORARY },
    ],
    [
      'the key may not assume a role',
      answer(403, 'AccessDenied', 'Access Denied.'),
      'stalled',
      'AssumeRoleRefused',
      /allow its user AssumeRole, name a role .*spec\.aws\.assumeRoles, .*FederationToken or Static; .*\(a service account\)/,
      ANY_ROLE,
    ],
    [
      'no answer came',
      { status: 0, code: 'ECONNREFUSED' },
      'transient',
      'EndpointUnreachable',
      /sts\.example \(spec\.aws\.stsEndpoint\)/,
    ],
    ['the service is throttled', answer(400, 'Throttling', 'Rate exceeded'), 'transient', 'Throttled', /sts\.example/],
    ['the service is down', { status: 503, code: 'STSNotInitialized' }, 'transient', 'ServiceUnavailable', /503/],
    ['the answer is a web page', { status: 404 }, 'stalled', 'UnexpectedAnswer', /spec\.aws\.stsEndpoint/],
    [
      'the token has expired',
      answer(400, 'ExpiredTokenException', 'Token expired'),
      'transient',
      'TokenExpired',
      /trying again/,
    ],
    [
      'the session has expired',
      answer(403, 'ExpiredToken', 'The security token included in the request is expired'),
      'transient',
      'SessionExpired',
      /refused the session of arn:aws:iam::123456789012:role\/base \(ExpiredToken\)/,
      { operation: 'AssumeRole', step: 0, signer: { kind: 'session', of: 'arn:aws:iam::123456789012:role/base' } },
      { assumeRoles: [{ roleArn: ROLE }] },
    ],
    [
      'AWS, the clocks differ',
      answer(403, 'SignatureDoesNotMatch', 'Signature expired: 20300101T000000Z is now earlier than 20300101T010000Z'),
      'transient',
      'ClockSkewed',
      /synchronize/,
      ANY_ROLE,
    ],
    [
      'MinIO, the clocks differ',
      answer(403, 'AccessDenied', "The difference between the request time and the server's time is too large."),
      'transient',
      'ClockSkewed',
      /synchronize/,
      ANY_ROLE,
    ],
    [
      'MinIO is in another region',
      answer(403, 'AccessDenied', "The authorization header is malformed; the region is wrong; expecting 'us-east-1'."),
      'stalled',
      'WrongRegion',
      /^sts\.example is in another region, not in "eu-west-1": set spec\.aws\.region .*expecting 'us-east-1'/,
      ANY_ROLE,
    ],
    [
      'AWS, the duration is too long for a role after a role',
      answer(
        400,
        'ValidationError',
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
      ),
      'stalled',
      'DurationTooLong',
      /^spec\.aws\.assumeRoles\[0\]: AssumeRole of .*role\/ml: credentials can't live that long: shorten spec\.sessionDuration or spec\.credentials\[\]\.duration \(the service says: "[^"]*"\)$/,
      { operation: 'AssumeRole', step: 0, signer: LONG_TERM },
      { assumeRoles: [{ roleArn: ROLE }] },
    ],
    [
      'AWS, the duration is too long for a user',
      answer(
        400,
        'ValidationError',
        "1 validation error detected: Value '200000' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600",
      ),
      'stalled',
      'DurationTooLong',
      /^GetFederationToken: .*duration \(the service says: "[^"]*"\)$/,
      FEDERATION,
    ],
    [
      'MinIO has no GetFederationToken',
      answer(400, 'InvalidParameterValue', 'Unsupported action GetFederationToken'),
      'stalled',
      'IssueNotSupported',
      /^sts\.example \(spec\.aws\.stsEndpoint\) has no GetFederationToken: use spec\.aws\.issue: AssumeRole if it has that, or Static \(the service says: "[^"]*"\)$/,
      FEDERATION,
    ],
    [
      'MinIO has no GetSessionToken',
      answer(400, 'InvalidParameterValue', 'Unsupported action GetSessionToken'),
      'stalled',
      'IssueNotSupported',
      /has no GetSessionToken/,
      SESSION,
    ],
    [
      'the service does not have the call',
      answer(400, 'InvalidAction'),
      'stalled',
      'IssueNotSupported',
      /has no GetSessionToken/,
      SESSION,
    ],
    [
      'the service has no STS',
      { status: 405 },
      'stalled',
      'IssueNotSupported',
      /has no AssumeRole: .*issue: Static$/,
      ANY_ROLE,
    ],
    [
      'the service has no STS for tokens',
      { status: 501, code: 'NotImplemented' },
      'stalled',
      'IssueNotSupported',
      /set spec\.aws\.stsEndpoint/,
    ],
    [
      'AWS, the user may not federate',
      answer(403, 'AccessDenied', 'User: arn:aws:iam::1:user/ml is not authorized to perform: sts:GetFederationToken'),
      'stalled',
      'IssueRefused',
      /^spec\.aws\.auth\.accessKey: GetFederationToken refused by sts\.example for the key of Secret "ml\/minio" \(AccessDenied\): allow its user sts:GetFederationToken, or use spec\.aws\.assumeRoles \(the service says: "[^"]*"\)$/,
      FEDERATION,
    ],
    [
      'another service refuses to federate',
      answer(403, 'AccessDenied'),
      'stalled',
      'IssueRefused',
      /^spec\.aws\.issue: .*or use spec\.aws\.issue: AssumeRole or Static$/,
      FEDERATION,
      { issue: 'FederationToken', s3: { url: 'https://s3.example', host: 's3.example', field: 'spec.aws.endpoint' } },
    ],
    [
      'AWS, a temporary key can’t federate',
      answer(403, 'AccessDenied', 'Cannot call GetFederationToken with session credentials'),
      'stalled',
      'IssueRefused',
      /the key is a temporary one: store a long-lived key/,
      FEDERATION,
    ],
  ]
  for (const [name, refused, intent, reason, message, request = BY_TOKEN, change] of cases) {
    test(`a refusal of STS is explained: ${name}`, () => {
      const auth = request === BY_TOKEN ? WEB : KEY
      const failure = stsFailure(refused, identity(auth, change), request)
      assert.deepEqual([failure.intent, failure.reason], [intent, reason])
      assert.match(failure.message, message)
      assert.doesNotMatch(failure.message, /hush|a\.b\.c/)
    })
  }
})
