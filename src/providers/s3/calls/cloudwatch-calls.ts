/** Calls of CloudWatch that tell how much is in a bucket. */
import type { CloudWatchClient, Metric } from '@aws-sdk/client-cloudwatch'
import type { Answer } from '../answers/answer.ts'
import type { Call } from './call.ts'

type Sdk = typeof import('@aws-sdk/client-cloudwatch')

/** One of the daily storage metrics of a bucket. */
export interface StorageMetric {
  name: 'BucketSizeBytes' | 'NumberOfObjects'
  storageType: string
}

export const OBJECT_COUNT: StorageMetric = { name: 'NumberOfObjects', storageType: 'AllStorageTypes' }

export interface CloudWatchCalls {
  /** Kinds of storage for which the bucket has a size: `StandardStorage`, ... */
  storageTypes(bucket: string, signal?: AbortSignal): Promise<Answer<string[]>>
  /** Newest values of metrics; undefined for a metric that has none in the last days. */
  newest(
    bucket: string,
    metrics: readonly StorageMetric[],
    signal?: AbortSignal,
  ): Promise<Answer<(number | undefined)[]>>
}

const DAY_MS = 24 * 60 * 60_000
/** How far back to look: a value is of midnight, and is published up to two days later. */
const WINDOW_DAYS = 3

/** `load`: loads the SDK, so that it costs memory only where CloudWatch is used. */
export function cloudWatchCalls(
  load: () => Promise<{ sdk: Sdk; client: CloudWatchClient }>,
  call: Call,
  now: () => Date,
): CloudWatchCalls {
  return {
    storageTypes: (bucket, signal) =>
      call(
        'ListMetrics',
        signal,
        async s => {
          const { sdk, client } = await load()
          const filter = { Name: 'BucketName', Value: bucket }
          const command = new sdk.ListMetricsCommand({
            ...{ Namespace: 'AWS/S3', MetricName: 'BucketSizeBytes', Dimensions: [filter] },
          })
          return client.send(command, { abortSignal: s })
        },
        ({ Metrics = [] }) => {
          const types = Metrics.flatMap(({ Dimensions = [] }) =>
            Dimensions.flatMap(({ Name, Value }) => (Name === 'StorageType' && Value ? [Value] : [])),
          )
          return [...new Set(types)].sort()
        },
      ),

    newest: (bucket, metrics, signal) =>
      call(
        'GetMetricData',
        signal,
        async s => {
          const { sdk, client } = await load()
          const today = Math.floor(now().getTime() / DAY_MS)
          const command = new sdk.GetMetricDataCommand({
            StartTime: new Date((today - WINDOW_DAYS) * DAY_MS),
            EndTime: new Date((today + 1) * DAY_MS),
            ScanBy: 'TimestampDescending',
            MetricDataQueries: metrics.map((metric, index) => ({
              Id: `m${index}`,
              MetricStat: { Metric: metricOf(bucket, metric), Period: DAY_MS / 1000, Stat: 'Average' },
            })),
          })
          return client.send(command, { abortSignal: s })
        },
        ({ MetricDataResults = [] }) =>
          metrics.map((_, index) => MetricDataResults.find(({ Id }) => Id === `m${index}`)?.Values?.[0]),
      ),
  }
}

const metricOf = (bucket: string, { name, storageType }: StorageMetric): Metric => ({
  Namespace: 'AWS/S3',
  MetricName: name,
  Dimensions: [
    { Name: 'BucketName', Value: bucket },
    { Name: 'StorageType', Value: storageType },
  ],
})
