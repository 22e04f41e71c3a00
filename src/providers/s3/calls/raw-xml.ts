/** Bodies as they are: the SDK drops what it does not know of an answer, and so would write back less than it read. */
import { createHash } from 'node:crypto'
import type { GetBucketLifecycleConfigurationCommand, PutBucketLifecycleConfigurationCommand } from '@aws-sdk/client-s3'

/** Parts of the SDK's requests and responses, which it types as unknown. */
interface Request {
  headers: Record<string, string>
  body: unknown
}

interface Response {
  body: AsyncIterable<Uint8Array> | Uint8Array
}

/** What the answer to `command` says, once it is sent. */
export function capture(command: GetBucketLifecycleConfigurationCommand): () => string {
  let text = ''
  command.middlewareStack.add(
    next => async args => {
      const result = await next(args)
      const response = result.response as Response
      const body = response.body instanceof Uint8Array ? response.body : await read(response.body)
      text = body.toString()
      response.body = body
      return result
    },
    // Nearest to the wire: what parses the body comes after it.
    { step: 'deserialize', priority: 'low', name: 'captureBody' },
  )
  return () => text
}

/** Sends `xml` with `command`, and the digest that also services of some age know. */
export function substitute(command: PutBucketLifecycleConfigurationCommand, xml: string): void {
  const body = Buffer.from(xml)
  command.middlewareStack.add(
    next => args => {
      const request = args.request as Request
      const headers = Object.entries(request.headers).filter(
        ([name]) => !/^x-amz-(checksum-|sdk-checksum-)/i.test(name),
      )
      request.headers = {
        ...Object.fromEntries(headers),
        'content-length': `${body.length}`,
        'content-md5': createHash('md5').update(body).digest('base64'),
      }
      request.body = body
      return next(args)
    },
    // After the SDK's own digest, before the signature.
    { step: 'build', priority: 'low', name: 'substituteBody' },
  )
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
