import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
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
import type { Location, Session } from '../provider.ts'
import { isRejection } from '../rejection.ts'
import { createS3Provider } from './provider.ts'

const HOME = 'us-east-1'
const ELSEWHERE = 'eu-west-1'
const none = new AbortController().signal
const location = { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' }

describe('a session of one region', () => {
  let aws: FakeAws
  let provider: ReturnType<typeof createS3Provider>
  /** Region of bucket `ml`; undefined when it does not exist. */
  let region: string | undefined

  before(async () => {
    aws = await startFakeAws(({ action, region: asked }): AwsReply => {
      if (action.startsWith('AssumeRole')) return stsCredentials(action, 'ASIA', new Date(Date.now() + 3_600_000))
      if (action.startsWith('GET /?')) return s3Error(403, 'AccessDenied')
      if (action === 'PUT /ml/') {
        region = asked
        return { status: 200 }
      }
      if (region === undefined) return s3Error(404, 'NoSuchBucket')
      if (action.endsWith('?lifecycle')) return s3Error(404, 'NoSuchLifecycleConfiguration')
      if (asked !== region) return s3Error(301, 'PermanentRedirect', 'm', { 'x-amz-bucket-region': region })
      return { status: 200, body: '<Result/>', headers: { 'x-amz-bucket-region': region } }
    })
    process.env['AWS_ENDPOINT_URL'] = aws.url
    provider = createS3Provider({ now: () => new Date() })
  })
  after(async () => {
    delete process.env['AWS_ENDPOINT_URL']
    provider.close()
    await aws.close()
  })
  beforeEach(() => {
    region = ELSEWHERE
  })

  async function open(spec: Partial<AwsSpec> = {}): Promise<Session> {
    const auth = { webIdentity: { serviceAccountName: 'pipelines', roleArn: 'arn:aws:iam::1:role/ml' } }
    const identity = provider.identity(
      { aws: { addressingStyle: 'Path', auth, ...spec } },
      {
        connector: { namespace: 'ml', name: 'prod', uid: 'u' },
        value: () => 'a-key',
        serviceAccount: { name: 'pipelines', annotations: {}, token: async () => 'a-token' },
      },
    )
    assert.ok(!isFailure(identity), JSON.stringify(identity))
    const session = await provider.open(identity, none)
    assert.ok(!isFailure(session), JSON.stringify(session))
    aws.calls.length = 0
    return session
  }
  const asked = () => aws.calls.map(call => `${call.action.replace(/\?.*/, '')} ${call.region}`)

  const pays: [name: string, at: Location, expected: string | undefined][] = [
    ['of a store whose clients accept to pay', { ...location, requesterPays: true }, 'requester'],
    ['of any other store', location, undefined],
  ]
  for (const [name, at, expected] of pays) {
    test(`each call to a bucket that may be refused to who does not pay accepts to pay: ${name}`, async () => {
      const session = await open()
      await session.probe(
        { location: at, encryption: { type: 'None' }, writeProbe: 'Object', probeId: 'u', required: [] },
        none,
      )
      await session.measure({ location: at, source: 'List' }, none)
      const knowing = aws.calls.filter(({ action }) => /^(HEAD|PUT|DELETE) \/ml\/prod|^GET .*list-type/.test(action))
      assert.ok(knowing.length > 4, `${aws.calls.map(({ action }) => action)}`)
      for (const { action, headers } of knowing) assert.equal(headers['x-amz-request-payer'], expected, action)
      session.close()
    })
  }

  for (const writeProbe of ['Multipart', 'Object'] as const) {
    test(`a probe (${writeProbe}) writes with the ACL that consumers are told, and says that the bucket takes none`, async () => {
      const session = await open()
      const answer = aws.answer
      aws.answer = call =>
        call.headers['x-amz-acl'] === undefined ? answer(call) : s3Error(400, 'AccessControlListNotSupported')
      const probed = await session.probe(
        { location, encryption: { type: 'SSE-S3' }, writeProbe, acl: 'private', probeId: 'u', required: [] },
        none,
      )
      aws.answer = answer
      assert.ok(!isFailure(probed), JSON.stringify(probed))
      const put = probed.permissions.find(({ action }) => action === 's3:PutObject')
      assert.equal(put?.result, 'Denied')
      assert.match(put.detail ?? '', /AccessControlListNotSupported/)
      assert.match(put.cure ?? '', /^remove spec\.clientOptions\.acl/)
      session.close()
    })
  }

  test('a session lists buckets in other regions that the connector names', async () => {
    const session = await open()
    const found = await session.resources({ patterns: ['s3://ml'], max: 10 }, none)
    assert.ok(!isFailure(found), JSON.stringify(found))
    assert.deepEqual(found.resources, [{ uri: 's3://ml', region: ELSEWHERE }])
    session.close()
  })

  test('a session creates a bucket in the region that is asked for, and knows it there', async () => {
    region = undefined
    const session = await open()
    const request = { location, create: true, region: 'ap-south-1', ruleId: 'r' }
    const prepared = await session.prepare(request, none)
    assert.ok(!isFailure(prepared), JSON.stringify(prepared))
    assert.deepEqual(prepared.changes, ['created the bucket'])
    await session.measure({ location, source: 'List' }, none)
    assert.deepEqual(
      asked().filter(call => !call.endsWith('ap-south-1')),
      [],
    )
    session.close()
  })

  test('a session does not take a bucket in another region for the one that is asked for', async () => {
    const session = await open()
    const failure = await session.prepare({ location, create: true, region: HOME, ruleId: 'r' }, none)
    assert.ok(isFailure(failure))
    assert.deepEqual([failure.intent, failure.reason], ['stalled', 'WrongRegion'])
    assert.match(failure.message, /"ml" is in region "eu-west-1", not in "us-east-1"/)
    session.close()
  })

  test('a session counts the objects of a bucket in its region', async () => {
    const session = await open()
    for (const expected of [[`GET /ml/ ${HOME}`, `GET /ml/ ${ELSEWHERE}`], [`GET /ml/ ${ELSEWHERE}`]]) {
      aws.calls.length = 0
      const usage = await session.measure({ location, source: 'List' }, none)
      assert.ok(!isFailure(usage), JSON.stringify(usage))
      assert.deepEqual([...new Set(asked())], expected)
    }
    session.close()
  })

  test('a session asks CloudWatch in the region of the bucket', async () => {
    const session = await open()
    await session.measure({ location, source: 'CloudWatch' }, none)
    assert.equal(aws.calls.at(-1)?.region, ELSEWHERE)
    assert.equal(asked().filter(call => call.startsWith('GET /ml/')).length, 2)
    session.close()
  })

  test('a session asks again about versioning after it has changed it', async () => {
    region = HOME
    const session = await open()
    const versioning = () => aws.calls.filter(({ action }) => action === 'GET /ml/?versioning').length
    const look = () =>
      session.probe(
        { location, encryption: { type: 'None' }, writeProbe: 'None', probeId: 'p', required: [] },
        new AbortController().signal,
      )
    await look()
    const prepared = await session.prepare({ location, create: false, versioning: 'Enabled', ruleId: 'r' }, none)
    assert.ok(!isFailure(prepared), JSON.stringify(prepared))
    assert.deepEqual(prepared.changes, ['enabled versioning'])
    const before = versioning()
    await look()
    assert.equal(versioning(), before + 1)
    session.close()
  })

  test('a session goes on from what the session before it knew of a store', async () => {
    region = HOME
    const request = { location, encryption: { type: 'None' as const }, writeProbe: 'Multipart' as const, required: [] }
    const counts: number[][] = []
    for (let look = 1; look <= 3; look++) {
      const session = await open()
      await session.probe({ ...request, probeId: 'continued' }, none)
      session.close()
      const count = (pattern: RegExp) => aws.calls.filter(({ action }) => pattern.test(action)).length
      counts.push([count(/^DELETE .*uploadId/), count(/^GET .*&uploads/)])
    }
    // Leftovers are looked for once, by the second probe. Each session asks itself whether uploads end.
    assert.deepEqual(counts, [
      [1, 0],
      [1, 1],
      [1, 0],
    ])
  })

  for (const bucket of ['ml--use1-az4--x-s3', 'ml--x-s3']) {
    for (const own of [true, false]) {
      test(`a session at ${own ? 'another service' : 'AWS'} refuses the directory bucket ${bucket}`, async () => {
        const session = await open(own ? { endpoint: aws.url } : {})
        const there = { bucket, prefix: '', uri: `s3://${bucket}` }
        const request = { location: there, encryption: { type: 'None' as const } }
        const grant = { ...request, access: 'ReadOnly' as const, durationMs: 900_000, sessionName: 's' }
        for (const failure of [
          await session.probe({ ...request, writeProbe: 'None', probeId: 'p', required: [] }, none),
          await session.grant(grant, none),
          await session.prepare({ location: there, create: true, ruleId: 'r' }, none),
          await session.measure({ location: there, source: 'List' }, none),
        ]) {
          assert.ok(isFailure(failure))
          assert.deepEqual([failure.intent, failure.reason], ['stalled', 'InvalidBucketName'])
        }
        const listed = await session.resources({ patterns: [there.uri], max: 10 }, none)
        assert.deepEqual(!isFailure(listed) && listed.resources, [])
        assert.deepEqual(
          aws.calls.filter(({ action }) => action.includes('--x-s3')),
          [],
        )
        session.close()
      })
    }
  }

  test('a session does not take a bucket that it could not reach for one in its own region', async () => {
    const session = await open()
    const { answer } = aws
    aws.answer = call => (call.action.startsWith('GET /ml/') ? { status: 500 } : answer(call))
    const found = await session.resources({ patterns: ['s3://ml'], max: 10 }, none)
    assert.ok(isFailure(found))
    aws.answer = answer
    const grant = await session.grant(
      { location, encryption: { type: 'None' }, access: 'ReadOnly', durationMs: 900_000, sessionName: 's' },
      none,
    )
    assert.ok(!isFailure(grant), JSON.stringify(grant))
    assert.equal(awsMaterial(grant).region, ELSEWHERE)
    session.close()
  })

  test('a session hands on no copy of a key that S3 has just refused', async () => {
    region = HOME
    const auth = { accessKey: { secretName: 'keys' } }
    const session = await open({ endpoint: aws.url, auth, issue: 'Static' })
    const request = { location, encryption: { type: 'None' }, access: 'ReadOnly', durationMs: 900_000 } as const
    const { answer } = aws
    aws.answer = () => s3Error(403, 'InvalidAccessKeyId')
    const refused = await session.grant({ ...request, sessionName: 's' }, none)
    aws.answer = answer
    assert.ok(isFailure(refused) && isRejection(refused), JSON.stringify(refused))
    const grant = await session.grant({ ...request, sessionName: 's' }, none)
    assert.ok(!isFailure(grant), JSON.stringify(grant))
    session.close()
  })

  test('a session at a service other than AWS has no CloudWatch', async () => {
    region = HOME
    const session = await open({ endpoint: aws.url })
    const failure = await session.measure({ location, source: 'CloudWatch' }, none)
    assert.ok(isFailure(failure))
    assert.deepEqual([failure.intent, failure.reason], ['stalled', 'CloudWatchUnavailable'])
    assert.match(failure.message, new RegExp(`^spec\\.usage\\.source: .* ${aws.host}: use List$`))
    assert.deepEqual(asked(), [])
    session.close()
  })
})
