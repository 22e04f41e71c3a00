/** A bound on answers: whoever names an endpoint must not be able to fill the operator's memory from there. */
import { pipeline, type Readable, Transform } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'

/** A page of 1000 keys of the greatest length, all of it escaped, is half of that. */
const BYTES_MAX = 8 * 1024 * 1024

/** All clients of the SDK have such a stack; what differs are the types of their commands. */
type Stack = Pick<S3Client['middlewareStack'], 'add'>

/** An answer that is longer ends with an error, and its connection too. */
export function boundAnswers(client: { middlewareStack: object }): void {
  const stack = client.middlewareStack as Stack
  stack.add(
    next => async args => {
      const result = await next(args)
      const response = result.response as { body?: unknown }
      if (isStream(response.body)) response.body = bounded(response.body)
      return result
    },
    // Nearest to the wire: before anything collects the body.
    { step: 'deserialize', priority: 'low', name: 'boundAnswers' },
  )
}

const isStream = (body: unknown): body is Readable =>
  typeof body === 'object' && body !== null && typeof (body as Partial<Readable>).pipe === 'function'

function bounded(body: Readable): Readable {
  let bytes = 0
  const counter = new Transform({
    transform(chunk: Buffer, _, pass) {
      bytes += chunk.length
      if (bytes > BYTES_MAX) pass(tooLong())
      else pass(null, chunk)
    },
  })
  // Errors come to whoever reads the counter.
  return pipeline(body, counter, () => undefined)
}

/** A success that can't be read. */
const tooLong = (): Error =>
  Object.assign(new Error('a longer answer than any of S3'), { $metadata: { httpStatusCode: 200 } })
