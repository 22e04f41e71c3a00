import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import {
  type AwsReply,
  type FakeAws,
  s3Error,
  startFakeAws,
  stsCredentials,
} from '../../../test/support/clouds/fake-aws.ts'
import { awsMaterial } from '../../../test/support/granted.ts'
import type { AwsSpec } from '../../api/aws-connector.ts'
import { isFailure } from '../../api/failures.ts'
import type { GrantRequest, ProbeRequest, Session } from '../provider.ts'
import { createS3Provider } from './provider.ts'

const HOME = 'us-east-1'
const ELSEWHERE = 'eu-west-1'
const none = new AbortController().signal
const location = { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' }

const PROBE: ProbeRequest = {
  location,
  encryption: { type: 'None' },
  writeProbe: 'None',
  probeId: 'x',
  required: [],
}
const GRANT: GrantRequest = {
  location,
  encryption: { type: 'None' },
  access: 'ReadOnly',
  durationMs: 30 * 60_000,
  sessionName: 'ml.prod.step',
}

/** Ways in which services say that a bucket is in another region. */
const SAYINGS: [name: string, reply: (region: string, head: boolean) => AwsReply][] = [
  ['a redirect of AWS', region => s3Error(301, 'PermanentRedirect', 'm', { 'x-amz-bucket-region': region })],
  [
    'a redirect to another host, which is not followed',
    region =>
      s3Error(307, 'TemporaryRedirect', 'm', { 'x-amz-bucket-region': region, location: 'http://169.254.169.254/' }),
  ],
  ['a header', region => ({ status: 400, headers: { 'x-amz-bucket-region': region } })],
  [
    'a refused signature, which HEAD can’t explain',
    (region, head) =>
      head
        ? { status: 400 }
        : s3Error(400, 'AuthorizationHeaderMalformed', `the region 'x' is wrong; expecting '${region}'`),
  ],
]

describe('a bucket in another region', () => {
  let aws: FakeAws
  let provider: ReturnType<typeof createS3Provider>
  let say: (region: string, head: boolean) => AwsReply
  /** Region of bucket `ml`. */
  let region: string

  beforeEach(async () => {
    region = ELSEWHERE
    aws = await startFakeAws(call => {
      if (call.action.startsWith('AssumeRole'))
        return stsCredentials(call.action, 'ASIA', new Date(Date.now() + 3_600_000))
      if (call.region !== region) return say(region, call.action.startsWith('HEAD'))
      return call.action.startsWith('HEAD') ? { status: 404 } : { status: 200, body: '<Result/>' }
    })
    process.env['AWS_ENDPOINT_URL'] = aws.url
    provider = createS3Provider({ now: () => new Date() })
  })
  afterEach(async () => {
    delete process.env['AWS_ENDPOINT_URL']
    provider.close()
    await aws.close()
  })

  async function open(spec: Partial<AwsSpec> = {}): Promise<Session> {
    const auth = { webIdentity: { serviceAccountName: 'pipelines', roleArn: 'arn:aws:iam::1:role/ml' } }
    const identity = provider.identity(
      { aws: { addressingStyle: 'Path', auth, ...spec } },
      {
        connector: { namespace: 'ml', name: 'prod', uid: 'u' },
        value: ({ key }) => (key.includes('session') ? undefined : 'hush'),
        serviceAccount: { name: 'pipelines', annotations: {}, token: async () => 'a-token' },
      },
    )
    assert.ok(!isFailure(identity), JSON.stringify(identity))
    const session = await provider.open(identity, none)
    assert.ok(!isFailure(session), JSON.stringify(session))
    aws.calls.length = 0
    return session
  }
  const regions = () => [...new Set(aws.calls.map(call => call.region))]

  for (const [name, reply] of SAYINGS) {
    test(`a session learns the region of a bucket once, from ${name}`, async () => {
      say = reply
      const session = await open()
      for (const expected of [[HOME, ELSEWHERE], [ELSEWHERE]]) {
        aws.calls.length = 0
        const probe = await session.probe(PROBE, none)
        assert.ok(!isFailure(probe), JSON.stringify(probe))
        assert.equal(probe.bucket.region, ELSEWHERE)
        const found = Object.fromEntries(probe.permissions.map(({ action, result }) => [action, result]))
        assert.deepEqual([found['s3:ListBucket'], found['s3:GetObject']], ['Allowed', 'Allowed'])
        assert.deepEqual(regions(), expected)
      }
      session.close()
    })
  }

  const redirect = SAYINGS[0]?.[1] as typeof say

  test('credentials for a bucket are for its region, even before any probe', async () => {
    say = redirect
    const session = await open()
    const grant = await session.grant(GRANT, none)
    assert.equal(awsMaterial(grant).region, ELSEWHERE)
    assert.match(aws.calls.at(-1)?.parameters['Policy'] ?? '', /"kms:ViaService":"s3\.eu-west-1\.amazonaws\.com"/)
    aws.calls.length = 0
    await session.grant(GRANT, none)
    assert.deepEqual(
      aws.calls.map(({ action, keyId }) => `${action} by ${keyId || 'nobody'}`),
      ['AssumeRoleWithWebIdentity by nobody'],
    )
    session.close()
  })

  test('a bucket that has moved to another region is found again', async () => {
    say = redirect
    const session = await open()
    await session.probe(PROBE, none)
    region = 'ap-south-1'
    const probe = await session.probe(PROBE, none)
    assert.ok(!isFailure(probe), JSON.stringify(probe))
    assert.equal(probe.bucket.region, 'ap-south-1')
    session.close()
  })

  const unnamed: [name: string, reply: AwsReply, message: RegExp][] = [
    [
      'in another region is not found when the service does not name the region',
      s3Error(301, 'PermanentRedirect'),
      /^bucket "ml" is in another region, not in "us-east-1": set spec/,
    ],
    [
      'is not looked for in a region whose name is none',
      s3Error(301, 'PermanentRedirect', 'm', { 'x-amz-bucket-region': 'evil.example/' }),
      /^bucket "ml" is in /,
    ],
  ]
  for (const [name, reply, message] of unnamed) {
    test(`a bucket ${name}`, async () => {
      say = () => reply
      const session = await open()
      const failure = await session.probe(PROBE, none)
      assert.ok(isFailure(failure))
      assert.deepEqual([failure.intent, failure.reason], ['stalled', 'WrongRegion'])
      assert.match(failure.message, message)
      assert.deepEqual(regions(), [HOME])
      session.close()
    })
  }

  test('a session gives up on a service that makes up one region after the other', async () => {
    let count = 0
    const { answer } = aws
    aws.answer = call => (call.action.startsWith('AssumeRole') ? answer(call) : redirect(`region-${++count}`, false))
    const session = await open()
    const failure = await session.probe(PROBE, none)
    assert.ok(isFailure(failure))
    assert.equal(failure.reason, 'WrongRegion')
    for (let n = 0; n < 80; n++) {
      await session.grant({ ...GRANT, location: { ...location, bucket: `bucket-${n}` } }, none)
    }
    assert.ok(regions().length <= 64)
    session.close()
  })

  test('a bucket that could not be reached is not taken to be in that region', async () => {
    say = redirect
    const session = await open()
    const { answer } = aws
    aws.answer = call => (call.action.startsWith('AssumeRole') ? answer(call) : s3Error(500, 'InternalError'))
    const grant = await session.grant(GRANT, none)
    assert.ok(isFailure(grant))
    assert.equal(grant.reason, 'ServiceUnavailable')
    aws.answer = answer
    const next = await session.grant(GRANT, none)
    assert.equal(awsMaterial(next).region, ELSEWHERE)
    session.close()
  })

  test('a service in another region than the connector names is called in its own', async () => {
    say = SAYINGS[3]?.[1] as typeof say
    const session = await open({ endpoint: aws.url, auth: { accessKey: { secretName: 'keys' } } })
    const grant = await session.grant(GRANT, none)
    const { region, endpoint } = awsMaterial(grant)
    assert.deepEqual([region, endpoint, regions()], [ELSEWHERE, aws.url, [ELSEWHERE]])
    session.close()
  })
})
