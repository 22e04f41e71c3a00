import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../../../src/api/failures.ts'
import { isRejection } from '../../../src/providers/rejection.ts'
import { accessKey, type Lab, none, probed, probeRequest, startLab, type Values } from './lab.ts'

describe('S3 provider at MinIO: a failure names cause and cure', () => {
  let lab: Lab

  before(async () => {
    lab = await startLab()
    await lab.minio.admin.createBucket('plain')
  })
  after(() => lab.stop())
  const web = (change: object) => ({
    auth: { webIdentity: { serviceAccountName: 'pipelines', roleArn: lab.minio.roleArn, ...change } },
  })
  type Spec = Parameters<Lab['open']>[0]
  const cases: [
    name: string,
    spec: () => Spec,
    values: () => Values,
    expected: [intent: string, reason: string, message: RegExp],
  ][] = [
    [
      'wrong audience',
      () => web({ audience: 'other' }),
      () => ({}),
      ['stalled', 'AudienceNotTrusted', /audience "other".* issuer "https:\/\/127/],
    ],
    [
      'wrong role',
      () => web({ roleArn: 'arn:minio:iam:::role/nope' }),
      () => ({}),
      ['stalled', 'RoleNotFound', /role\/nope/],
    ],
    [
      'a role of AWS',
      () => web({ roleArn: 'arn:aws:iam::123456789012:role/x' }),
      () => ({}),
      ['stalled', 'RoleNotFound', /roleArn/],
    ],
    [
      'unknown key',
      () => ({ auth: accessKey }),
      () => ({ accessKeyId: 'nobody' }),
      ['stalled', 'CredentialsRejected', /Secret "default\/minio" \(InvalidAccessKeyId\)/],
    ],
    [
      'wrong secret',
      () => ({ auth: accessKey }),
      () => ({ secretAccessKey: 'not-the-password' }),
      ['stalled', 'CredentialsRejected', /SignatureDoesNotMatch/],
    ],
    [
      'bad session token',
      () => ({ auth: accessKey }),
      () => ({ sessionToken: 'abc' }),
      ['stalled', 'CredentialsRejected', /fresh session token/],
    ],
    [
      'wrong CA',
      () => ({ auth: accessKey }),
      () => ({ ca: lab.controlPlane.caPem }),
      ['stalled', 'TLSVerificationFailed', /spec\.aws\.caBundle/],
    ],
    [
      'a CA that is none',
      () => ({ auth: accessKey }),
      () => ({ ca: 'nonsense' }),
      ['stalled', 'InvalidCABundle', /spec\.aws\.caBundle/],
    ],
    [
      'dead endpoint',
      () => ({ auth: accessKey, endpoint: 'https://127.0.0.1:1' }),
      () => ({}),
      ['transient', 'EndpointUnreachable', /127\.0\.0\.1:1 .*connection refused/],
    ],
    [
      'unknown host',
      () => ({ auth: accessKey, endpoint: 'https://nope.invalid' }),
      () => ({}),
      ['transient', 'EndpointUnreachable', /nope\.invalid.*does not resolve/],
    ],
    [
      'http to a TLS port',
      () => ({ auth: accessKey, endpoint: lab.minio.endpoint.replace('https', 'http') }),
      () => ({}),
      ['stalled', 'InsecureEndpoint', /spec\.aws\.endpoint.*write https:/],
    ],
    [
      'another service',
      () => ({ auth: accessKey, endpoint: lab.controlPlane.server }),
      () => ({ ca: lab.controlPlane.caPem }),
      ['stalled', 'UnexpectedAnswer', /spec\.aws\.endpoint/],
    ],
    [
      'metadata endpoint',
      () => ({ auth: accessKey, endpoint: 'http://2852039166' }),
      () => ({}),
      ['stalled', 'EndpointRefused', /169\.254\.169\.254/],
    ],
  ]
  for (const [name, spec, values, [intent, reason, message]] of cases) {
    test(`the failure names cause and cure: ${name}`, async () => {
      const result = await lab.open(spec(), values())
      assert.ok(isFailure(result))
      assert.deepEqual([result.intent, result.reason], [intent, reason])
      assert.match(result.message, message)
      assert.doesNotMatch(result.message, new RegExp(`${lab.minio.rootPassword}|not-the-password|eyJ`))
    })
  }

  test('of a bucket that is missing', async () => {
    const session = await lab.session()
    const result = await session.probe(probeRequest('not-there'), none)
    assert.ok(isFailure(result))
    assert.deepEqual([result.intent, result.reason], ['stalled', 'BucketNotFound'])
    assert.match(result.message, /"not-there" at 127\.0\.0\.1/)
  })

  test('of too long a duration', async () => {
    const session = await lab.session()
    const { location } = probeRequest('plain')
    const grant = await session.grant(
      {
        location,
        access: 'ReadOnly',
        encryption: { type: 'None' },
        sessionName: 's',
        durationMs: 400 * 24 * 3_600_000,
      },
      none,
    )
    assert.ok(isFailure(grant))
    assert.equal(grant.reason, 'DurationTooLong')
  })

  for (const [issue, call] of [
    ['FederationToken', 'GetFederationToken'],
    ['SessionToken', 'GetSessionToken'],
  ] as const) {
    test(`of ${issue}, which MinIO does not have`, async () => {
      const failure = await lab.open({ auth: accessKey, issue })
      assert.ok(isFailure(failure))
      assert.deepEqual([failure.intent, failure.reason], ['stalled', 'IssueNotSupported'])
      assert.match(
        failure.message,
        new RegExp(`has no ${call}: use spec\\.aws\\.issue: AssumeRole if it has that, or Static`),
      )
    })
  }

  test('of a user that is disabled while its session is open', async () => {
    const { admin } = lab.minio
    await admin.createUser('short-lived', 'short-lived-secret', 'readwrite')
    const session = await lab.session(
      { auth: accessKey },
      { accessKeyId: 'short-lived', secretAccessKey: 'short-lived-secret' },
    )
    await probed(session, probeRequest('plain'))
    await admin.setUserEnabled('short-lived', false)
    const result = await session.probe(probeRequest('plain'), none)
    assert.ok(isFailure(result))
    assert.deepEqual([result.intent, result.reason, isRejection(result)], ['stalled', 'CredentialsRejected', true])
    const grant = await session.grant(
      { ...probeRequest('plain'), access: 'ReadOnly', sessionName: 's', durationMs: 900_000 },
      none,
    )
    assert.ok(isFailure(grant))
    assert.equal(grant.reason, 'CredentialsRejected')
  })

  test('of a web session that the service has forgotten: it is to be opened again', async () => {
    const session = await lab.session()
    await lab.minio.halt()
    await lab.minio.start({ rootPassword: 'another-password' })
    const result = await session.probe(probeRequest('plain'), none)
    assert.ok(isFailure(result))
    assert.deepEqual([result.intent, result.reason, isRejection(result)], ['transient', 'SessionExpired', true])
    await probed(await lab.session(), probeRequest('plain'))
  })
})
