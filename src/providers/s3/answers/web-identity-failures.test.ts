import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { WebIdentityAuth } from '../identity/auth.ts'
import type { Answer } from './answer.ts'
import { refusesToken, webIdentityFailure } from './web-identity-failures.ts'

const ISSUER = 'https://oidc.example/id'
const TOKEN = `x.${Buffer.from(JSON.stringify({ iss: ISSUER })).toString('base64url')}.signature`

const auth: WebIdentityAuth = {
  kind: 'webIdentity',
  roleArn: 'arn:aws:iam::123456789012:role/ml',
  audience: 'sts.amazonaws.com',
  subject: 'system:serviceaccount:ml:pipelines',
  token: () => Promise.reject(new Error('unused')),
}
const AT_AWS = { s3: { host: 's3.example', field: '' }, sts: { host: 'sts.example', field: '' } }
const failureFor = (answer: Answer, token: string | undefined = TOKEN) =>
  webIdentityFailure(answer, AT_AWS, auth, token)

const answer = (status: number, code: string, message = ''): Answer => ({ status, code, message })

describe('webIdentityFailure', () => {
  // Messages of AWS are from its documentation and from reports; those of MinIO are as it gave them.
  const cases: [name: string, answer: Answer, intent: string, reason: string, message: RegExp][] = [
    [
      'AWS does not trust the audience',
      answer(400, 'InvalidIdentityToken', 'Incorrect token audience'),
      'stalled',
      'AudienceNotTrusted',
      /audience "sts\.amazonaws\.com".*issuer "https:\/\/oidc\.example\/id"/,
    ],
    [
      'AWS has no OIDC provider for the issuer',
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
      'AWS can’t get the verification key',
      answer(400, 'InvalidIdentityToken', "Couldn't retrieve verification key from your identity provider"),
      'transient',
      'IssuerUnreachable',
      /issuer "https/,
    ],
    ['AWS can’t reach the issuer', answer(400, 'IDPCommunicationError'), 'transient', 'IssuerUnreachable', /discovery/],
    [
      'AWS rejects a claim',
      answer(403, 'IDPRejectedClaim'),
      'stalled',
      'TokenRejected',
      /system:serviceaccount:ml:pipelines/,
    ],
    [
      'AWS, the trust policy does not allow it',
      answer(403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'),
      'stalled',
      'RoleNotTrusted',
      /role\/ml refused by sts\.example.*trust policy.*issuer "https:\/\/oidc\.example\/id", subject "system:serviceaccount:ml:pipelines" and audience "sts\.amazonaws\.com"/,
    ],
    [
      'AWS, the token has expired',
      answer(400, 'ExpiredTokenException', 'Token expired'),
      'transient',
      'TokenExpired',
      /trying again/,
    ],
    [
      'AWS, the role is not an ARN',
      answer(
        400,
        'ValidationError',
        "1 validation error detected: Value 'x' at 'roleArn' failed to satisfy constraint",
      ),
      'stalled',
      'RoleNotFound',
      /roleArn/,
    ],
    [
      'MinIO does not trust the audience',
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
      'MinIO does not have the role',
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
      'MinIO does not trust the issuer',
      answer(400, 'InvalidParameterValue', 'No public key found for kid abc'),
      'stalled',
      'TokenRejected',
      /trust issuer "https/,
    ],
    [
      'MinIO can’t reach the issuer',
      answer(400, 'InvalidParameterValue', 'Get "https://oidc": dial tcp 10.0.0.1:443: connect: connection refused'),
      'transient',
      'IssuerUnreachable',
      /issuer/,
    ],
  ]
  for (const [name, refused, intent, reason, message] of cases) {
    test(`a refusal of a web identity token is explained: ${name}`, () => {
      const failure = failureFor(refused)
      assert.deepEqual([failure.intent, failure.reason], [intent, reason])
      assert.match(failure.message, message)
      assert.doesNotMatch(failure.message, /\.signature/)
    })
  }

  test('a refused token that can’t be read is explained like any other', () => {
    for (const token of ['x', 'a.b.c', '']) {
      assert.match(failureFor(answer(403, 'AccessDenied'), token).message, /issuer of the cluster/)
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
    test(`STS ${expected ? 'refuses' : 'does not refuse'} this very token with ${code} ${message}`, () =>
      assert.equal(refusesToken(answer(400, code, message)), expected))
  }
})
