/** A session that many share ends only when its own home says so: what one store meets elsewhere is that store's. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { isFailure } from '../../src/api/failures.ts'
import type { Session, SharedSession } from '../../src/providers/provider.ts'
import { createS3Provider } from '../../src/providers/s3/provider.ts'
import { SessionCache } from '../../src/providers/sessions/session-cache.ts'
import {
  type AwsCall,
  type AwsReply,
  type FakeAws,
  s3Error,
  startFakeAws,
  stsCredentials,
} from '../support/clouds/fake-aws.ts'

const ABROAD = 'me-south-1'
const none = new AbortController().signal
/** Bucket of the hostile store, and that of its neighbour. */
const [ITS, OURS] = ['its', 'ours']
const at = (bucket: string) => ({ bucket, prefix: 'p/', uri: `s3://${bucket}/p` })
const encryption = { type: 'None' as const }

/** Codes by which S3 refuses good credentials: opt-in regions, other partitions, paths that are signed differently. */
const CODES = [
  'InvalidToken',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'AuthFailure',
  'ExpiredToken',
  'SignatureDoesNotMatch',
  'InvalidSecurity',
  'NotSignedUp',
  'TokenRefreshRequired',
]

/** What a store can have its connector's session do. */
const CALLS: Record<string, (session: Session) => Promise<unknown>> = {
  probe: session =>
    session.probe({ location: at(ITS), encryption, writeProbe: 'None', probeId: 'p', required: [] }, none),
  'prepare in a region of its choice': session =>
    session.prepare({ location: at(ITS), create: true, region: ABROAD, ruleId: 'r' }, none),
  'prepare versioning': session =>
    session.prepare({ location: at(ITS), create: false, region: ABROAD, versioning: 'Enabled', ruleId: 'r' }, none),
  'measure by listing': session => session.measure({ location: at(ITS), source: 'List' }, none),
  'measure by CloudWatch': session => session.measure({ location: at(ITS), source: 'CloudWatch' }, none),
  grant: session =>
    session.grant({ location: at(ITS), encryption, access: 'ReadOnly', durationMs: 900_000, sessionName: 's' }, none),
  resources: session => session.resources({ patterns: [`s3://${ITS}`], max: 10 }, none),
}

describe('the session of a connector', () => {
  let aws: FakeAws
  let provider: ReturnType<typeof createS3Provider>
  let answer: (call: AwsCall) => AwsReply | undefined
  let opened = 0
  let woken: (string | undefined)[]

  before(async () => {
    aws = await startFakeAws(call => {
      if (call.action.startsWith('AssumeRole'))
        return stsCredentials(call.action, `ASIA${opened++}`, new Date(Date.now() + 3_600_000))
      return (
        answer(call) ??
        (call.action.startsWith('GET /?') ? s3Error(403, 'AccessDenied') : { status: 200, body: '<Result/>' })
      )
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
    woken = []
    opened = 0
  })

  function setUp() {
    const auth = { webIdentity: { serviceAccountName: 'pipelines', roleArn: 'arn:aws:iam::1:role/ml' } }
    const identity = provider.identity(
      { aws: { addressingStyle: 'Path', auth } },
      {
        connector: { namespace: 'ml', name: 'prod', uid: 'u' },
        value: () => undefined,
        serviceAccount: { name: 'pipelines', annotations: {}, token: async () => 'a-token' },
      },
    )
    assert.ok(!isFailure(identity))
    const cache = new SessionCache({
      open: (who, signal) => provider.open(who, signal),
      now: () => new Date(),
      monotonic: () => performance.now(),
      max: 10,
      onRejected: (_, reporter?: string) => woken.push(reporter),
    })
    const get = async (user: string): Promise<SharedSession> => {
      const session = await cache.get(identity, none, user)
      assert.ok(!isFailure(session), JSON.stringify(session))
      return session
    }
    return { cache, get }
  }

  const isIts = ({ action }: AwsCall) => action.includes(`/${ITS}/`) || action.includes(ITS)
  const abroad = (code: string) => (call: AwsCall) => {
    if (call.region === ABROAD) return s3Error(400, code)
    return isIts(call) ? s3Error(301, 'PermanentRedirect', 'm', { 'x-amz-bucket-region': ABROAD }) : undefined
  }
  const atHome = (code: string) => (call: AwsCall) => (isIts(call) ? s3Error(403, code) : undefined)

  for (const [where, refusing] of [
    ['another region', abroad],
    ['its own bucket', atHome],
  ] as const) {
    for (const [name, call] of Object.entries(CALLS)) {
      test(`survives what ${where} answers to ${name} of one store`, async () => {
        for (const code of CODES) {
          answer = refusing(code)
          const { cache, get } = setUp()
          const neighbour = await get('good/store')
          const opens = opened
          await call(await get('bad/store'))
          const later = await get('good/store')
          assert.deepEqual([woken, later.refusedAt, opened - opens], [[], undefined, 0], code)
          const seen = await later.measure({ location: at(OURS), source: 'List' }, none)
          assert.ok(!isFailure(seen), JSON.stringify(seen))
          assert.ok(!isFailure(await neighbour.measure({ location: at(OURS), source: 'List' }, none)))
          cache.close()
        }
      })
    }
  }

  test('ends when its home refuses its key, wherever that was noticed first', async () => {
    for (const call of Object.values(CALLS)) {
      answer = ({ action }) => (/^(GET|HEAD|PUT|POST) /.test(action) ? s3Error(400, 'ExpiredToken') : undefined)
      const { cache, get } = setUp()
      await call(await get('bad/store'))
      cache.close()
    }
    assert.ok(woken.length >= 5, `${woken}`)
    woken = []
    answer = call => (call.action.startsWith('GET /?') ? s3Error(400, 'ExpiredToken') : abroad('ExpiredToken')(call))
    const { cache, get } = setUp()
    await CALLS['probe']?.(await get('first/store'))
    assert.deepEqual(woken, ['first/store'])
    await assert.rejects(get('good/store'), /SessionRejected/)
    cache.close()
  })

  test('tells a store that its region refuses good credentials, and what to do', async () => {
    answer = abroad('InvalidToken')
    const { cache, get } = setUp()
    const failure = await CALLS['probe']?.(await get('bad/store'))
    assert.ok(isFailure(failure))
    assert.deepEqual([failure.intent, failure.reason], ['stalled', 'RegionDisabled'])
    assert.match(failure.message, /region "me-south-1".*\(InvalidToken\).*enable it in the account/)
    cache.close()
  })

  test('is judged by one call, however many stores are refused at the same time', async () => {
    answer = abroad('InvalidToken')
    const { cache, get } = setUp()
    const session = await get('bad/store')
    await CALLS['probe']?.(session)
    aws.calls.length = 0
    await Promise.all(Array.from({ length: 20 }, () => CALLS['measure by listing']?.(session)))
    const asked = aws.calls.filter(({ action }) => action.startsWith('GET /?')).length
    assert.ok(asked >= 1 && asked < 20, `${asked}`)
    cache.close()
  })
})
