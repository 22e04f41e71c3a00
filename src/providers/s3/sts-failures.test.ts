import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Answer } from './answer.ts'
import type { S3Identity } from './identity.ts'
import { refusesToken, stsFailure } from './sts-failures.ts'

const ROLE = 'arn:aws:iam::123456789012:role/ml'
const ISSUER = 'https://oidc.example/id'
const TOKEN = `x.${Buffer.from(JSON.stringify({ iss: ISSUER })).toString('base64url')}.signature`

const web: S3Identity['auth'] = {
  kind: 'webIdentity',
  roleArn: ROLE,
  audience: 'sts.amazonaws.com',
  subject: 'system:serviceaccount:ml:pipelines',
  token: () => Promise.reject(new Error('unused')),
}
const key = (temporary = false): S3Identity['auth'] => ({
  kind: 'accessKey',
  secret: 'ml/minio',
  temporary,
  key: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'hush' }),
})
const identity = (auth: S3Identity['auth']): S3Identity => ({
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
})

const answer = (status: number, code: string, message = ''): Answer => ({ status, code, message })

describe('stsFailure', () => {
  // Messages of AWS from its documentation and from reports; those of MinIO as it gave them.
  const cases: [
    name: string,
    answer: Answer,
    intent: string,
    reason: string,
    message: RegExp,
    auth?: S3Identity['auth'],
  ][] = [
    [
      'AWS: wrong audience',
      answer(400, 'InvalidIdentityToken', 'Incorrect token audience'),
      'stalled',
      'AudienceNotTrusted',
      /audience "sts\.amazonaws\.com".*issuer "https:\/\/oidc\.example\/id"/,
    ],
    [
      'AWS: no OIDC provider',
      answer(
        400,
        'InvalidIdentityToken',
        'No OpenIDConnect provider found in your account for https://oidc.example/id',
      ),
      'stalled',
      'IssuerNotTrusted',
      /create an IAM OIDC provider for issuer "https:\/\/oidc\.example\/id"/,
    ],
    [
      'AWS: keys out of reach',
      answer(400, 'InvalidIdentityToken', "Couldn't retrieve verification key from your identity provider"),
      'transient',
      'IssuerUnreachable',
      /issuer "https/,
    ],
    ['AWS: issuer unreachable', answer(400, 'IDPCommunicationError'), 'transient', 'IssuerUnreachable', /discovery/],
    [
      'AWS: claim rejected',
      answer(403, 'IDPRejectedClaim'),
      'stalled',
      'TokenRejected',
      /system:serviceaccount:ml:pipelines/,
    ],
    [
      'AWS: trust policy',
      answer(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'),
      'stalled',
      'RoleNotTrusted',
      /role\/ml refused by sts\.example.*trust policy.*issuer "https:\/\/oidc\.example\/id", subject "system:serviceaccount:ml:pipelines" and audience "sts\.amazonaws\.com"/,
    ],
    [
      'AWS: token expired',
      answer(400, 'ExpiredTokenException', 'Token expired'),
      'transient',
      'TokenExpired',
      /trying again/,
    ],
    [
      'AWS: too long',
      answer(400, 'ValidationError', 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'),
      'stalled',
      'DurationTooLong',
      /maximum session duration/,
    ],
    [
      'AWS: no ARN',
      answer(
        400,
        'ValidationError',
        "1 validation error detected: Value 'x' at 'roleArn' failed to satisfy constraint",
      ),
      'stalled',
      'RoleNotFound',
      /roleArn/,
    ],
    ['AWS: packed policy', answer(400, 'PackedPolicyTooLarge'), 'stalled', 'PolicyTooLong', /shorter prefix/],
    ['AWS: region', answer(403, 'RegionDisabledException'), 'stalled', 'RegionDisabled', /spec\.aws\.region/],
    [
      'MinIO: wrong audience',
      answer(
        400,
        'InvalidParameterValue',
        'STS JWT Token has `azp` claim invalid, `azp` must match configured OpenID Client ID',
      ),
      'stalled',
      'AudienceNotTrusted',
      /"sts\.amazonaws\.com"/,
    ],
    [
      'MinIO: wrong role',
      answer(
        400,
        'InvalidParameterValue',
        'Error processing RoleArn parameter: Role arn:minio:iam:::role/nope does not exist',
      ),
      'stalled',
      'RoleNotFound',
      /no such role/,
    ],
    [
      'MinIO: another issuer',
      answer(400, 'InvalidParameterValue', 'No public key found for kid abc'),
      'stalled',
      'TokenRejected',
      /trust issuer "https/,
    ],
    [
      'MinIO: issuer unreachable',
      answer(400, 'InvalidParameterValue', 'Get "https://oidc": dial tcp 10.0.0.1:443: connect: connection refused'),
      'transient',
      'IssuerUnreachable',
      /issuer/,
    ],
    [
      'MinIO: too long',
      answer(400, 'InvalidParameterValue', 'invalid token expiry'),
      'stalled',
      'DurationTooLong',
      /shorten/,
    ],
    [
      'MinIO: policy',
      answer(400, 'InvalidParameterValue', "unsupported action 'kms:Decrypt'"),
      'stalled',
      'PolicyRefused',
      /bug/,
    ],
    [
      'MinIO: unknown key',
      answer(403, 'AccessDenied', 'The Access Key Id you provided does not exist in our records.'),
      'stalled',
      'CredentialsRejected',
      /Secret "ml\/minio" \(InvalidAccessKeyId\)/,
      key(),
    ],
    [
      'MinIO: wrong secret',
      answer(403, 'AccessDenied', 'The request signature we calculated does not match the signature you provided.'),
      'stalled',
      'CredentialsRejected',
      /SignatureDoesNotMatch/,
      key(),
    ],
    [
      'MinIO: disabled user',
      answer(403, 'AccessDenied', 'Your account is disabled; please contact your administrator.'),
      'stalled',
      'CredentialsRejected',
      /is enabled/,
      key(),
    ],
    [
      'a key that is temporary itself',
      answer(403, 'AccessDenied', 'Access Denied.'),
      'stalled',
      'AssumeRoleRefused',
      /long-lived key without session token/,
      key(true),
    ],
    [
      'a key that may not',
      answer(403, 'AccessDenied', 'Access Denied.'),
      'stalled',
      'AssumeRoleRefused',
      /allow its user AssumeRole/,
      key(),
    ],
    [
      'no answer',
      { status: 0, code: 'ECONNREFUSED' },
      'transient',
      'EndpointUnreachable',
      /sts\.example \(spec\.aws\.stsEndpoint\)/,
    ],
    ['throttled', answer(400, 'Throttling', 'Rate exceeded'), 'transient', 'Throttled', /sts\.example/],
    ['down', { status: 503, code: 'STSNotInitialized' }, 'transient', 'ServiceUnavailable', /503/],
    ['a web page', { status: 404 }, 'stalled', 'UnexpectedAnswer', /spec\.aws\.stsEndpoint/],
  ]
  for (const [name, refused, intent, reason, message, auth = web] of cases) {
    test(name, () => {
      const failure = stsFailure(refused, identity(auth), TOKEN)
      assert.deepEqual([failure.intent, failure.reason], [intent, reason])
      assert.match(failure.message, message)
      assert.doesNotMatch(failure.message, /hush|\.signature/)
    })
  }

  test('a token that can’t be read is no error of its own', () => {
    for (const token of [undefined, 'x', 'a.b.c']) {
      assert.match(stsFailure(answer(403, 'AccessDenied'), identity(web), token).message, /issuer of the cluster/)
    }
  })
})

describe('refusesToken', () => {
  const cases: [expected: boolean, code: string, message: string][] = [
    [true, 'ExpiredTokenException', 'Token expired'],
    [true, 'IDPRejectedClaim', ''],
    [true, 'InvalidIdentityToken', "Couldn't retrieve verification key from your identity provider"],
    [true, 'InvalidParameterValue', 'No public key found for kid abc'],
    [false, 'InvalidIdentityToken', 'Incorrect token audience'],
    [false, 'InvalidParameterValue', 'invalid token expiry'],
    [false, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'],
  ]
  for (const [expected, code, message] of cases) {
    test(`${code} ${message}: ${expected}`, () => assert.equal(refusesToken(answer(400, code, message)), expected))
  }
})
