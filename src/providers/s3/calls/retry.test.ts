import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import {
  type AwsReply,
  callerIdentity,
  type FakeAws,
  s3Error,
  startFakeAws,
  stsError,
} from '../../../../test/support/clouds/fake-aws.ts'
import { isFailure } from '../../../api/failures.ts'
import { createS3Provider } from '../provider.ts'
import { retryStrategy } from './retry.ts'

type Strategy = ReturnType<typeof retryStrategy>
type ErrorInfo = Parameters<Strategy['refreshRetryTokenForRetry']>[1]
type SdkError = NonNullable<ErrorInfo['error']>

const failed = (error: object) => Object.assign(new Error('m'), error) as SdkError
const http = (status: number, name: string) => failed({ name, $metadata: { httpStatusCode: status } })
const broken = failed({ code: 'ECONNRESET' })

/** The longest pause before each further attempt, in ms. */
async function pauses(error: SdkError, errorType: ErrorInfo['errorType']): Promise<number[]> {
  const strategy = retryStrategy(() => 1)
  const found: number[] = []
  let token = await strategy.acquireInitialRetryToken('')
  try {
    for (;;) {
      // MinIO sends this header with each 503.
      const retryAfterHint = new Date(Date.now() + 60_000)
      token = await strategy.refreshRetryTokenForRetry(token, { error, errorType, retryAfterHint })
      found.push(token.getRetryDelay())
    }
  } catch {
    return found
  }
}

describe('further attempts', () => {
  const cases: [name: string, error: SdkError, type: ErrorInfo['errorType'], expected: number[]][] = [
    ['throttling', http(503, 'SlowDown'), 'THROTTLING', [1000, 2000]],
    ['throttling by MinIO', http(503, 'SlowDownRead'), 'TRANSIENT', [1000, 2000]],
    ['throttling without a code', http(429, 'Unknown'), 'THROTTLING', [1000, 2000]],
    ['a 503', http(503, 'ServiceUnavailable'), 'TRANSIENT', [100]],
    ['a broken connection', broken, 'TRANSIENT', [100]],
    ['a denial', http(403, 'AccessDenied'), 'CLIENT_ERROR', []],
    ['a 501', http(501, 'NotImplemented'), 'SERVER_ERROR', []],
  ]
  for (const [name, error, type, expected] of cases) {
    test(`a call is ${expected.length > 0 ? '' : 'not '}tried again after ${name}`, async () =>
      assert.deepEqual(await pauses(error, type), expected))
  }
})

describe('clocks that differ', () => {
  let aws: FakeAws
  let provider: ReturnType<typeof createS3Provider>
  let ahead: number
  const none = new AbortController().signal

  const headers = () => ({ date: new Date(Date.now() + ahead).toUTCString() })
  const isSkewed = (date: string) => {
    const time = Date.parse(date.replace(/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z'))
    return Math.abs(time - Date.now() - ahead) > 15 * 60_000
  }

  before(async () => {
    aws = await startFakeAws(() => ({ status: 500 }))
    provider = createS3Provider({ now: () => new Date() })
  })
  after(async () => {
    provider.close()
    await aws.close()
  })
  beforeEach(() => {
    ahead = 60 * 60_000
    aws.calls.length = 0
  })

  const open = async () => {
    const identity = provider.identity(
      { aws: { endpoint: aws.url, auth: { accessKey: { secretName: 'keys' } } } },
      {
        connector: { namespace: 'ml', name: 'c', uid: 'u' },
        value: ({ key }) => (key.includes('session') ? undefined : 'hush'),
      },
    )
    assert.ok(!isFailure(identity))
    return provider.open(identity, none)
  }
  const answering = (refused: (sts: boolean) => AwsReply, corrected: boolean) => {
    aws.answer = ({ action, date }) => {
      const sts = action === 'GetCallerIdentity'
      if (isSkewed(date) || !corrected) return { ...refused(sts), headers: headers() }
      return {
        ...(sts ? callerIdentity('arn:aws:iam::1:user/ml') : { status: 200, body: '<Result/>' }),
        headers: headers(),
      }
    }
  }
  const refusals: [name: string, refused: (sts: boolean) => AwsReply][] = [
    [
      'AWS',
      sts =>
        sts
          ? stsError(403, 'SignatureDoesNotMatch', 'Signature expired: 20300101T000000Z is now earlier than 2030')
          : s3Error(403, 'RequestTimeTooSkewed'),
    ],
    [
      'MinIO',
      sts =>
        sts
          ? stsError(403, 'AccessDenied', "The difference between the request time and the server's time is too large.")
          : s3Error(403, 'RequestTimeTooSkewed'),
    ],
  ]
  for (const [name, refused] of refusals) {
    test(`a clock that differs is corrected by what ${name} says`, async () => {
      answering(refused, true)
      const session = await open()
      assert.ok(!isFailure(session), JSON.stringify(session))
      const attempts = Map.groupBy(aws.calls, ({ action }) => action)
      assert.deepEqual(
        [...attempts.values()].map(({ length }) => length),
        [2, 2],
      )
      session.close()
    })

    test(`a clock that differs is named where a correction does not help ${name}`, async () => {
      answering(refused, false)
      const failure = await open()
      assert.ok(isFailure(failure))
      assert.deepEqual([failure.intent, failure.reason], ['transient', 'ClockSkewed'])
    })
  }

  test('the SDK takes the retry strategy', async () => {
    aws.answer = () => stsError(503, 'ServiceUnavailable')
    const client = new STSClient({
      ...{ region: 'us-east-1', endpoint: aws.url, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
      retryStrategy: retryStrategy(() => 0),
    })
    await assert.rejects(client.send(new GetCallerIdentityCommand({})), { name: 'ServiceUnavailable' })
    assert.equal(aws.calls.length, 2)
    client.destroy()
  })
})
