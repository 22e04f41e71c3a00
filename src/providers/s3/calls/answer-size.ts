/** Bound on the size of answers: a person who names an endpoint must not be able to fill the operator's memory. */
import { pipeline, type Readable, Transform } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { type AnswerMeter, LARGE_BYTES, SMALL_BYTES } from '../../network/answer-budget.ts'

/** Part of the middleware stack, which is the same in all clients of the SDK but for the types of their commands. */
type Stack = Pick<S3Client['middlewareStack'], 'add'>

/** Commands whose answers are lists, of as many entries as a page has. */
const LISTS = new Set([
  'ListBucketsCommand',
  'ListObjectsV2Command',
  'GetBucketLifecycleConfigurationCommand',
  'ListMetricsCommand',
  'GetMetricDataCommand',
])

/** Makes a client end answers that are too large for what was asked, and their connections, with an error. */
export function boundAnswers(client: { middlewareStack: object }, answers: AnswerMeter): void {
  const stack = client.middlewareStack as Stack
  stack.add(
    (next, { commandName = '' }) =>
      async args => {
        const result = await next(args)
        const response = result.response as { body?: unknown; statusCode: number }
        const { MaxKeys } = args.input as { MaxKeys?: number }
        const isList = response.statusCode === 200 && LISTS.has(commandName) && MaxKeys !== 1
        if (isStream(response.body)) {
          response.body = metered(response.body, answers, isList ? LARGE_BYTES : SMALL_BYTES)
        }
        return result
      },
    // Low priority is nearest to the wire: this comes before anything collects the body.
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  )
}

const isStream = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && typeof (body as Partial<Readable>).pipe === 'function'

function metered(source: Readable, answers: AnswerMeter, max: number): Readable {
  const body = answers.begin(max, error => meter.destroy(error))
  const meter = new Transform({
    transform(chunk: Buffer, _, pass) {
      body.grow(chunk.length).then(() => pass(null, chunk), pass)
    },
    flush(pass) {
      body.whole().then(() => pass(), pass)
    },
  })
  meter.once('close', () => body.release())
  // An error reaches whatever reads the meter, so there is nothing to do here.
  return pipeline(source, meter, () => undefined)
}
