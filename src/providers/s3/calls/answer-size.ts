/** Bound on the size of answers: a person who names an endpoint must not be able to fill the operator's memory. */
import { pipeline, type Readable, Transform } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'

/** Twice the size of a page of 1000 keys of the greatest length with every character escaped. */
const BYTES_MAX = 8 * 1024 * 1024

/** Part of the middleware stack, which is the same in all clients of the SDK but for the types of their commands. */
type Stack = Pick<S3Client['middlewareStack'], 'add'>

/** Makes a client end answers that are too long, and their connections, with an error. */
export function boundAnswers(client: { middlewareStack: object }): void {
  const stack = client.middlewareStack as Stack
  stack.add(
    next => async args => {
      const result = await next(args)
      const response = result.response as { body?: unknown }
      if (isStream(response.body)) response.body = bounded(response.body)
      return result
    },
    // Low priority is nearest to the wire: this comes before anything collects the body.
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
  // An error reaches whatever reads the counter, so there is nothing to do here.
  return pipeline(body, counter, () => undefined)
}

/** An error for a success that can't be read. */
const tooLong = (): Error =>
  Object.assign(new Error('a longer answer than any of S3'), { $metadata: { httpStatusCode: 200 } })
