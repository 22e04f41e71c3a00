/** Bodies of refusals as text: the SDK finds no code in those that have the form of another service, or are no XML. */
import type { S3Client } from '@aws-sdk/client-s3'
import { bodyOf } from './raw-xml.ts'

type Stack = Pick<S3Client['middlewareStack'], 'addRelativeTo'>

interface Response {
  statusCode: number
  body: AsyncIterable<Uint8Array> | Uint8Array | undefined
  refusal?: string
  ofS3?: boolean
}

/** How an error of S3 begins. Those of STS begin with `<ErrorResponse>`. */
const OF_S3 = /^\s{0,64}(?:<\?xml[^<>]{0,256}\?>)?\s{0,64}<Error[\s>]/

/** Makes a client keep the body of each refusal for `answerOfError`. `isOfS3`: S3 is what is called. */
export function readRefusals(client: { middlewareStack: object }, isOfS3: boolean): void {
  const stack = client.middlewareStack as Stack
  const readRefusal = (next: (args: object) => Promise<{ response: Response }>) => async (args: object) => {
    const result = await next(args)
    const { response } = result
    if (response.statusCode >= 300 && response.body !== undefined) {
      const body = await bodyOf(response.body)
      response.body = body
      response.refusal = body.toString()
      if (!isOfS3 && OF_S3.test(response.refusal)) response.ofS3 = true
    }
    return result
  }
  // Before the parser, and behind what bounds the answer. The SDK has no public type for a middleware in such a place.
  stack.addRelativeTo(
    readRefusal as never,
    { relation: 'after', toMiddleware: 'deserializerMiddleware', name: 'readRefusal' } as const,
  )
}
