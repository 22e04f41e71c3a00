import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Failure, isFailure } from '../../../api/failures.ts'
import type { Isolation, TrialAnswers } from '../../isolation.ts'
import type { TrialRequest } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import type { S3Identity } from '../identity/identity.ts'
import { concludeTrial } from './conclude.ts'

const SECRET = 'hush'
const OK: Answer = { status: 200 }
const DENIED: Answer = { status: 403, code: 'AccessDenied', message: `the key ${SECRET} may not, says Time: 12:00:01` }

const minio = { url: 'https://minio.test:9000', host: 'minio.test:9000', field: 'spec.aws.endpoint' }
const aws = { url: undefined, host: 's3.amazonaws.com', field: 'spec.aws.region' }
const key = { kind: 'accessKey', secret: 'ml/keys', temporary: false }
const webIdentity = { kind: 'webIdentity', roleArn: 'arn:aws:iam::1:role/a' }

const request = {
  location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
  ...{ access: 'ReadOnly', encryption: { type: 'None' }, proven: [], trialId: 'u', mayWrite: true },
} as unknown as TrialRequest

function conclude(must: Answer | undefined, identity: object = { auth: key, s3: minio }, tried: Answer[] = []) {
  const answers: TrialAnswers = {
    ...(must ? { must: { action: 's3:ListBucket', answer: must } } : {}),
    ownList: OK,
    tried: tried.map(answer => ({ question: 'listOutside', answer })),
  }
  const context = { identity: identity as S3Identity, who: 'arn:aws:iam::1:user/a', secrets: [SECRET] }
  return concludeTrial(answers, request, context)
}

function refusal(found: Isolation | Failure): Failure {
  assert.ok(isFailure(found), JSON.stringify(found))
  assert.equal(found.reason, 'IssuedCredentialsRefused')
  return found
}

describe('credentials that may not do what they must', () => {
  const ways: [way: string, identity: object, cure: RegExp][] = [
    ['AssumeRoleWithWebIdentity', { auth: webIdentity, s3: minio }, /allow it in a policy of the role itself/],
    ['STS', { auth: { ...key, secret: 'x' }, s3: minio, issue: 'AssumeRole' }, /issue: Static/],
    ['GetFederationToken', { auth: key, s3: minio, issue: 'FederationToken' }, /give the user itself a policy/],
    ['GetFederationToken', { auth: key, s3: aws }, /give the user itself a policy/],
    ['GetSessionToken', { auth: key, s3: minio, issue: 'SessionToken' }, /set spec\.aws\.issue: Static/],
    ['Static', { auth: key, s3: minio, issue: 'Static' }, /check that the key is still the same/],
    [
      'AssumeRole',
      { auth: key, s3: aws, assumeRoles: [{ roleArn: 'arn:aws:iam::1:role/b' }] },
      /allow it in a policy of the role or user itself/,
    ],
  ]
  for (const [way, identity, cure] of ways) {
    test(`of ${way}: ${cure.source.slice(0, 24)}, and the cure fits the way`, () => {
      const { message, intent } = refusal(conclude(DENIED, identity))
      assert.match(message, cure)
      if (way !== 'STS') assert.ok(message.includes(`credentials of ${way} (ReadOnly)`), message)
      assert.equal(intent, 'stalled')
    })
  }

  test('are told with where, who and the words of the service, and without the credentials', () => {
    const { message } = refusal(conclude(DENIED))
    assert.match(message, /^s3:\/\/ml\/prod: .* may not s3:ListBucket, although arn:aws:iam::1:user\/a may: HTTP 403/)
    assert.match(message, /HTTP 403 AccessDenied \(the service says: "the key \.\.\. may not/)
    assert.doesNotMatch(message, /hush|12:00/)
  })

  const answers: [name: string, answer: Answer, intent: Failure['intent']][] = [
    ['a denial by its code only', { status: 400, code: 'AccessDenied' }, 'stalled'],
    ['a key that is not known everywhere yet', { status: 403, code: 'InvalidAccessKeyId' }, 'transient'],
    ['a token that is not known, told with 400', { status: 400, code: 'InvalidToken' }, 'transient'],
  ]
  for (const [name, answer, intent] of answers) {
    test(`of ${name} are ${intent}`, () => assert.equal(refusal(conclude(answer)).intent, intent))
  }
})

describe('credentials that are not refused', () => {
  const cases: [name: string, must: Answer | undefined, tried: Answer[], result: Isolation['result']][] = [
    ['and are refused outside', OK, [DENIED], 'True'],
    [
      'and are refused outside by a code that says the token is bad',
      OK,
      [{ status: 400, code: 'InvalidToken' }],
      'True',
    ],
    ['and reach outside', OK, [OK], 'False'],
    ['of an identity that is not known to list', undefined, [DENIED], 'True'],
    ['of a service that does not say', { status: 500 }, [], 'Unknown'],
  ]
  for (const [name, must, tried, result] of cases) {
    test(`${name} are isolated: ${result}`, () => {
      const found = conclude(must, undefined, tried)
      assert.ok(!isFailure(found), JSON.stringify(found))
      assert.equal(found.result, result)
    })
  }
})
