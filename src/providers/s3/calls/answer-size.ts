/** Bound on the size of answers: a person who names an endpoint must not be able to fill the operator's memory. */
import { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import { type AnswerMeter, LARGE_BYTES, SMALL_BYTES } from '../../network/answer-budget.ts'
import { Gathered } from '../../network/gathered.ts'

/** Part of the middleware stack, which is the same in all clients of the SDK but for the types of their commands. */
type Stack = Pick<S3Client['middlewareStack'], 'add'>

/** Commands whose answers are lists, of as many entries as a page has. */
const LISTS = new Set([
  'ListBuckets',
  'ListObjectsV2',
  'GetBucketLifecycleConfiguration',
  'ListMetrics',
  'GetMetricData',
])

/** The most bytes of an answer to an operation. */
export const maxBytesOf = (operation: string, input: object, status: number): number =>
  status === 200 && LISTS.has(operation) && (input as { MaxKeys?: number }).MaxKeys !== 1 ? LARGE_BYTES : SMALL_BYTES

/** Makes a client end answers that are too large for what was asked, and their connections, with an error. */
export function boundAnswers(client: { middlewareStack: object }, answers: AnswerMeter): void {
  const stack = client.middlewareStack as Stack
  stack.add(
    (next, { commandName = '' }) =>
      async args => {
        const result = await next(args)
        const response = result.response as { body?: unknown; statusCode: number }
        if (isStream(response.body)) {
          const max = maxBytesOf(commandName.replace(/Command$/, ''), args.input, response.statusCode)
          response.body = metered(response.body, answers, max)
        }
        return result
      },
    // Low priority is nearest to the wire: this comes before anything collects the body.
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  )
}

const isStream = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && typeof (body as Partial<Readable>).pipe === 'function'

/** Not by `pipeline`, which makes an AbortController for each answer, and an error with a stack when it has ended. */
function metered(source: Readable, answers: AnswerMeter, max: number): Readable {
  async function* read() {
    const body = answers.begin(max, error => source.destroy(error))
    const gathered = new Gathered()
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        if (!body.take(chunk.length)) await body.grow(chunk.length)
        gathered.add(chunk)
      }
      await body.whole()
      yield gathered.bytes
    } finally {
      body.release()
    }
  }
  return Readable.from(read(), { objectMode: false })
}
