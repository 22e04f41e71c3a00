/** Bodies of refusals as text: the SDK finds no code in those that have the form of another service, or are no XML. */
import type { S3Client } from '@aws-sdk/client-s3'
import type { HttpAnswer } from '../../network/exchange.ts'
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

/** A refusal that came by the short way (wire.ts), in the form in which `answerOfError` reads those of the SDK. */
export class Refused extends Error {
  readonly $response: { statusCode: number; headers: Record<string, string>; refusal: string; ofS3?: boolean }
  /** Whether the clock was corrected by the answer, so that the same call may be taken now. */
  readonly corrected: boolean

  constructor({ status, headers, body }: HttpAnswer, isOfS3: boolean, corrected: boolean) {
    super('Unknown')
    const refusal = body.toString()
    const ofS3 = !isOfS3 && OF_S3.test(refusal)
    this.$response = { statusCode: status, headers, refusal, ...(ofS3 ? { ofS3 } : {}) }
    this.corrected = corrected
  }
}

/** Whether S3 has begun with a success, and ended with an error. */
export const isErrorOfS3 = ({ status, body }: HttpAnswer): boolean =>
  status >= 200 && status < 300 && body.length >= 8 && body.toString('latin1', body.length - 8) === '</Error>'

/** Throws for a success that can not be read. */
export function unreadable(cause: unknown): never {
  throw Object.assign(new Error('an answer that can not be read', { cause }), { $metadata: { httpStatusCode: 200 } })
}

/** Throws for a web page: much HTML is well-formed XML, which the SDK takes for an empty answer. */
export function refuseWebPage(statusCode: number, headers: Record<string, string>): void {
  // Some services say that their empty answers are HTML.
  const isEmpty = statusCode === 204 || headers['content-length'] === '0'
  if (isEmpty || !headers['content-type']?.startsWith('text/html')) return
  throw Object.assign(new Error('a web page'), { $metadata: { httpStatusCode: statusCode } })
}
