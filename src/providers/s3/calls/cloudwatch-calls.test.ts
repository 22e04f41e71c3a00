import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-cloudwatch'
import type { Call } from './call.ts'
import { cloudWatchCalls } from './cloudwatch-calls.ts'

/** Calls that get `output` for an answer, and keep what was sent. */
function service(output: object) {
  const sent: { input: object }[] = []
  const client = {
    async send(command: { input: object }) {
      sent.push(command)
      return output
    },
  }
  const call: Call = async (_operation, _signal, send, value) => ({
    status: 200,
    value: value(await send(new AbortController().signal)),
  })
  const load = async () => ({ sdk, client: client as unknown as sdk.CloudWatchClient })
  const calls = cloudWatchCalls(load, call, () => new Date('2026-03-05T10:20:30Z'))
  return { sent, calls }
}

describe('cloudWatchCalls', () => {
  test('ListMetrics gives each storage type of a bucket once', async () => {
    const dimensions = (type: string) => [
      { Name: 'BucketName', Value: 'ml' },
      { Name: 'StorageType', Value: type },
    ]
    const { calls, sent } = service({
      Metrics: [
        { Dimensions: dimensions('StandardStorage') },
        { Dimensions: dimensions('GlacierStorage') },
        { Dimensions: dimensions('StandardStorage') },
        {},
      ],
    })
    assert.deepEqual((await calls.storageTypes('ml')).value, ['GlacierStorage', 'StandardStorage'])
    assert.deepEqual(sent[0]?.input, {
      Namespace: 'AWS/S3',
      MetricName: 'BucketSizeBytes',
      Dimensions: [{ Name: 'BucketName', Value: 'ml' }],
    })
  })

  test('GetMetricData gives the newest value of each metric in the last days', async () => {
    const { calls, sent } = service({
      MetricDataResults: [
        { Id: 'm1', Values: [7, 6] },
        { Id: 'm0', Values: [] },
      ],
    })
    const answer = await calls.newest('ml', [
      { name: 'NumberOfObjects', storageType: 'AllStorageTypes' },
      { name: 'BucketSizeBytes', storageType: 'StandardStorage' },
      { name: 'BucketSizeBytes', storageType: 'GlacierStorage' },
    ])
    assert.deepEqual(answer.value, [undefined, 7, undefined])
    const input = sent[0]?.input as sdk.GetMetricDataCommandInput
    assert.deepEqual(
      [input.StartTime, input.EndTime, input.ScanBy],
      [new Date('2026-03-02T00:00:00Z'), new Date('2026-03-06T00:00:00Z'), 'TimestampDescending'],
    )
    assert.deepEqual(input.MetricDataQueries?.[1], {
      Id: 'm1',
      MetricStat: {
        Metric: {
          Namespace: 'AWS/S3',
          MetricName: 'BucketSizeBytes',
          Dimensions: [
            { Name: 'BucketName', Value: 'ml' },
            { Name: 'StorageType', Value: 'StandardStorage' },
          ],
        },
        Period: 86_400,
        Stat: 'Average',
      },
    })
  })
})
