import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isRejection } from '../../rejection.ts'
import type { S3Identity } from '../identity/identity.ts'
import { signerOf } from '../identity/signer.ts'
import type { Answer } from './answer.ts'
import { type Asked, failureOf } from './failures.ts'

const web: S3Identity['auth'] = {
  kind: 'webIdentity',
  roleArn: 'arn:aws:iam::1:role/ml',
  audience: 'sts.amazonaws.com',
  subject: 'system:serviceaccount:ml:pipelines',
  token: () => Promise.reject(new Error('unused')),
}
const key: S3Identity['auth'] = {
  kind: 'accessKey',
  secret: 'ml/minio',
  temporary: false,
  key: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'hush' }),
}
const asked = (auth: S3Identity['auth'], more: Partial<Asked> = {}): Asked => ({
  endpoint: { url: 'https://minio:9000', host: 'minio:9000', field: 'spec.aws.endpoint' },
  identity: { auth, region: 'eu-west-1' },
  bucket: 'ml',
  ...more,
})

describe('failureOf', () => {
  const cases: [answer: Answer, intent: string, reason: string, message: RegExp, auth?: S3Identity['auth']][] = [
    [
      { status: 0, code: 'ECONNREFUSED' },
      'transient',
      'EndpointUnreachable',
      /^minio:9000 \(spec\.aws\.endpoint\) is unreachable: connection refused/,
    ],
    [{ status: 0, code: 'ENOTFOUND' }, 'transient', 'EndpointUnreachable', /does not resolve/],
    [
      { status: 0, code: 'ERR_PROXY_TUNNEL' },
      'transient',
      'EndpointUnreachable',
      /the proxy refused or lost the tunnel/,
    ],
    [{ status: 400, code: 'KMS.ThrottlingException' }, 'transient', 'Throttled', /KMS\.ThrottlingException/],
    [{ status: 0, code: 'DeadlineExceeded' }, 'transient', 'EndpointUnreachable', /no answer in time/],
    [{ status: 0, code: 'ESOMETHING' }, 'transient', 'EndpointUnreachable', /ESOMETHING/],
    [{ status: 0, code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'stalled', 'TLSVerificationFailed', /set spec\.aws\.caBundle/],
    [
      { status: 0, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
      'stalled',
      'TLSVerificationFailed',
      /set spec\.aws\.caBundle/,
    ],
    [{ status: 0, code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'stalled', 'TLSVerificationFailed', /another host name/],
    [{ status: 0, code: 'CERT_HAS_EXPIRED' }, 'stalled', 'TLSVerificationFailed', /expired: renew/],
    [
      { status: 0, code: 'EPROTO' },
      'stalled',
      'TLSVerificationFailed',
      /does not speak TLS: write http:\/\/minio:9000/,
    ],
    [
      { status: 0, code: 'EndpointRefused', message: 'minio resolves to 169.254.169.254, a link-local address' },
      'stalled',
      'EndpointRefused',
      /^spec\.aws\.endpoint: minio resolves to/,
    ],
    [{ status: 0, code: 'UnexpectedAnswer' }, 'stalled', 'UnexpectedAnswer', /does not answer like an S3 service/],
    [{ status: 400 }, 'stalled', 'UnexpectedAnswer', /does not answer like an S3 service/],
    [{ status: 404, code: 'NoSuchBucket' }, 'stalled', 'BucketNotFound', /no bucket "ml" at minio:9000/],
    [{ status: 400, code: 'InvalidBucketName' }, 'stalled', 'InvalidBucketName', /"ml"/],
    [
      { status: 301, code: 'PermanentRedirect', region: 'us-west-2' },
      'stalled',
      'WrongRegion',
      /is in region "us-west-2", not in "eu-west-1"/,
    ],
    [
      { status: 400, code: 'AuthorizationHeaderMalformed' },
      'stalled',
      'WrongRegion',
      /in another region, not in "eu-west-1"/,
    ],
    [{ status: 503, code: 'SlowDown' }, 'transient', 'Throttled', /SlowDown/],
    [{ status: 429 }, 'transient', 'Throttled', /HTTP 429/],
    [{ status: 503, code: 'ServiceUnavailable' }, 'transient', 'ServiceUnavailable', /HTTP 503 ServiceUnavailable/],
    [{ status: 502 }, 'transient', 'ServiceUnavailable', /HTTP 502/],
    [{ status: 403, code: 'RequestTimeTooSkewed' }, 'transient', 'ClockSkewed', /clocks/],
    [{ status: 503, code: 'SlowDownWrite' }, 'transient', 'Throttled', /SlowDownWrite/],
    [
      {
        status: 403,
        code: 'SignatureDoesNotMatch',
        message: 'Signature not yet current: 2030 is still later than 2029',
      },
      'transient',
      'ClockSkewed',
      /clocks/,
    ],
    [
      { status: 403, code: 'InvalidAccessKeyId' },
      'stalled',
      'CredentialsRejected',
      /key of Secret "ml\/minio" \(InvalidAccessKeyId\): check/,
      key,
    ],
    [{ status: 403, code: 'SignatureDoesNotMatch' }, 'stalled', 'CredentialsRejected', /secret is the right one/, key],
    [{ status: 400, code: 'ExpiredToken' }, 'stalled', 'CredentialsRejected', /fresh session token/, key],
    [{ status: 403, code: 'InvalidAccessKeyId' }, 'transient', 'SessionExpired', /session of arn:aws:iam::1:role\/ml/],
    [{ status: 400, code: 'ExpiredToken' }, 'transient', 'SessionExpired', /ExpiredToken/],
    [{ status: 403, code: 'InvalidTokenId' }, 'transient', 'SessionExpired', /InvalidTokenId/],
    [
      { status: 400, code: 'ExpiredToken' },
      'transient',
      'SessionExpired',
      /the session of the operator's own AWS identity \(ExpiredToken\): opening another with what the operator runs with/,
      { kind: 'implicit' },
    ],
  ]
  for (const [answer, intent, reason, message, auth = web] of cases) {
    test(`an answer ${answer.status} ${answer.code ?? ''} to a session by ${auth.kind} is the failure ${reason}`, () => {
      const failure = failureOf(answer, asked(auth))
      assert.deepEqual([failure?.intent, failure?.reason], [intent, reason])
      assert.match(failure?.message ?? '', message)
      assert.equal(failure && isRejection(failure), reason === 'SessionExpired' || reason === 'CredentialsRejected')
    })
  }

  test('after a role, a refused session is that of the role, whatever the identity began with', () => {
    const who = { auth: key, assumeRoles: [{ roleArn: 'arn:1' }, { roleArn: 'arn:2' }], region: 'eu-west-1' }
    const expired: Answer = { status: 400, code: 'ExpiredToken' }
    const failure = failureOf(expired, asked(key, { identity: who }))
    assert.match(failure?.message ?? '', /refused the session of arn:2 /)
    const signer = signerOf(who, 0)
    assert.match(failureOf(expired, asked(key, { identity: who, signer }))?.message ?? '', /key of Secret "ml\/minio"/)
  })

  test('a wrong region is told of the service when the call was not about a bucket', () => {
    const { bucket: _, ...about } = asked(key)
    const answer = { status: 400, code: 'AuthorizationHeaderMalformed', region: 'eu-north-1' }
    assert.match(failureOf(answer, about)?.message ?? '', /^minio:9000 is in region "eu-north-1", not in "eu-west-1"/)
  })

  for (const [code, words] of [
    ['ENOTFOUND', /^ml\.minio:9000 does not resolve, .*set addressingStyle: Path/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /^ml\.minio:9000 is not in the certificate .*set addressingStyle: Path/],
  ] as const) {
    test(`a bucket's own host that nobody has (${code}) is named, with the style that needs none`, () => {
      const identity = { ...asked(key).identity, addressingStyle: 'virtual' as const }
      const failure = failureOf({ status: 0, code }, asked(key, { identity }))
      assert.equal(failure?.reason, 'BucketHostUnknown')
      assert.match(failure?.message ?? '', words)
    })
  }

  const judged: [name: string, answer: Answer, more?: Partial<Asked>][] = [
    ['success', { status: 204 }],
    ['a denial', { status: 403, code: 'AccessDenied' }],
    ['an absent key', { status: 404, code: 'NoSuchKey' }],
    ['a call that the service lacks', { status: 501, code: 'NotImplemented' }],
    ['HEAD of an absent key', { status: 404 }, { bodiless: true }],
    ['a refused HEAD', { status: 400 }, { bodiless: true }],
  ]
  for (const [name, answer, more] of judged) {
    test(`${name} is no failure, and is left to judge`, () =>
      assert.equal(failureOf(answer, asked(web, more)), undefined))
  }
})
