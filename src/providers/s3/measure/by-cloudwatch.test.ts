import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { atAws, WHO } from '../../../../test/support/s3-context.ts'
import { isFailure } from '../../../api/failures.ts'
import type { Answer } from '../answers/answer.ts'
import type { CloudWatchCalls, StorageMetric } from '../calls/cloudwatch-calls.ts'
import { measureByCloudWatch } from './by-cloudwatch.ts'

const request = { location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' }, source: 'CloudWatch' as const }

/** A CloudWatch with values by storage type; an Answer is for a call that fails. */
function cloudWatch(values: Record<string, number | undefined> | Answer<never>, data?: Answer<never>) {
  const asked: StorageMetric[][] = []
  const calls: CloudWatchCalls = {
    async storageTypes() {
      if ('status' in values) return values as Answer<never>
      return { status: 200, value: Object.keys(values).filter(type => type !== 'AllStorageTypes') }
    },
    async newest(_bucket, metrics) {
      asked.push([...metrics])
      const all = values as Record<string, number | undefined>
      return data ?? { status: 200, value: metrics.map(({ storageType }) => all[storageType]) }
    },
  }
  return { asked, calls }
}

const measure = ({ calls }: ReturnType<typeof cloudWatch>) =>
  measureByCloudWatch(calls, request, atAws(), new AbortController().signal)

describe('measureByCloudWatch', () => {
  test('a measurement by CloudWatch adds up all kinds of storage of the whole bucket', async () => {
    const service = cloudWatch({ AllStorageTypes: 12, GlacierStorage: 1000, StandardStorage: 234 })
    assert.deepEqual(await measure(service), { kind: 'usage', objects: 12, bytes: 1234, scope: 'Bucket' })
    assert.deepEqual(service.asked, [
      [
        { name: 'NumberOfObjects', storageType: 'AllStorageTypes' },
        { name: 'BucketSizeBytes', storageType: 'GlacierStorage' },
        { name: 'BucketSizeBytes', storageType: 'StandardStorage' },
      ],
    ])
  })

  test('a kind of storage that is no longer used counts nothing', async () => {
    const usage = await measure(cloudWatch({ AllStorageTypes: 1, GlacierStorage: undefined, StandardStorage: 5 }))
    assert.ok(!isFailure(usage))
    assert.equal(usage.bytes, 5)
  })

  const DENIED: Answer<never> = { status: 400, code: 'AccessDeniedException' }
  const failures: [name: string, ReturnType<typeof cloudWatch>, intent: string, reason: string, message: RegExp][] = [
    ['there are no metrics', cloudWatch({}), 'waiting', 'NoMetricsYet', /bucket "ml": S3 publishes them once a day/],
    ['there is no count of objects', cloudWatch({ StandardStorage: 5 }), 'waiting', 'NoMetricsYet', /once a day/],
    [
      'there are only old sizes',
      cloudWatch({ AllStorageTypes: 1, StandardStorage: undefined }),
      'waiting',
      'NoMetricsYet',
      /./,
    ],
    [
      'metrics may not be listed',
      cloudWatch(DENIED),
      'stalled',
      'PermissionDenied',
      new RegExp(`^cloudwatch:ListMetrics denied for ${WHO}: allow it .*, or use spec.usage.source: List$`),
    ],
    [
      'metrics may not be read',
      cloudWatch({ StandardStorage: 1 }, DENIED),
      'stalled',
      'PermissionDenied',
      /^cloudwatch:GetMetricData denied for /,
    ],
    [
      'no answer came',
      cloudWatch({ status: 0, code: 'ECONNREFUSED' }),
      'transient',
      'EndpointUnreachable',
      /^monitoring\.eu-west-1\.amazonaws\.com /,
    ],
    [
      'the service does not know the call',
      cloudWatch({ status: 400, code: 'InvalidParameterValue' }),
      'stalled',
      'CloudWatchFailed',
      /answered HTTP 400 InvalidParameterValue to ListMetrics/,
    ],
    [
      'the session has ended',
      cloudWatch({ status: 400, code: 'ExpiredToken' }),
      'stalled',
      'CredentialsRejected',
      /ml\/key/,
    ],
  ]
  for (const [name, service, intent, reason, message] of failures) {
    test(`a measurement by CloudWatch fails: ${name}`, async () => {
      const failure = await measure(service)
      assert.ok(isFailure(failure))
      assert.deepEqual([failure.intent, failure.reason], [intent, reason])
      assert.match(failure.message, message)
    })
  }
})
