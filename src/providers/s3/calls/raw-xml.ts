/** Bodies of calls as text: the SDK drops members that it does not know, and so would write back less than it read. */
import { createHash } from 'node:crypto'
import type {
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3'

/** Members of the SDK's requests and responses, which have the type unknown there. */
interface Request {
  headers: Record<string, string>
  body: unknown
}

interface Response {
  body: AsyncIterable<Uint8Array> | Uint8Array
}

type Next = (args: object) => Promise<{ response: Response }>

/** Returns a function that returns the body of the answer to `command`, once that has come. */
export function capture(command: GetBucketLifecycleConfigurationCommand): () => string {
  let text = ''
  const captureBody = (next: Next) => async (args: object) => {
    const result = await next(args)
    const { response } = result
    const body = await bodyOf(response.body)
    text = body.toString()
    response.body = body
    return result
  }
  // Before the parser, and behind what bounds the answer. The SDK has no public type for a middleware in such a place.
  const place = { relation: 'after', toMiddleware: 'deserializerMiddleware', name: 'captureBody' } as const
  command.middlewareStack.addRelativeTo(captureBody as never, place)
  return () => text
}

/** Makes `command` send `xml`, with the digest that older services know, too. */
export function substitute(command: PutBucketLifecycleConfigurationCommand, xml: string): void {
  const body = Buffer.from(xml)
  command.middlewareStack.add(
    next => args => {
      const request = args.request as Request
      request.headers = { ...request.headers, 'content-length': `${body.length}` }
      request.body = body
      return next(args)
    },
    // Low priority in this step comes after the SDK's own digest, and before the signature.
    { step: 'build', priority: 'low', name: 'substituteBody' },
  )
  digest(command)
}

/** Makes a command send the MD5 of its body, which some services demand where AWS takes other digests, too. */
export function digest({ middlewareStack }: PutBucketLifecycleConfigurationCommand | PutBucketVersioningCommand): void {
  // One type stands for all: what is used here, they have in common.
  const stack = middlewareStack as PutBucketVersioningCommand['middlewareStack']
  stack.add(
    next => args => {
      const request = args.request as Request
      const headers = Object.entries(request.headers).filter(
        ([name]) => !/^x-amz-(checksum-|sdk-checksum-)/i.test(name),
      )
      const body = request.body as Uint8Array | string
      request.headers = {
        ...Object.fromEntries(headers),
        'content-md5': createHash('md5').update(body).digest('base64'),
      }
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'digestBody' },
  )
}

export async function bodyOf(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body)
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}
