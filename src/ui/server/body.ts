/** Reads the body of a POST, bounded, as what the contract says. */
import type { IncomingMessage } from 'node:http'
import type * as z from 'zod'
import { jsonObject } from '../../foreign/json.ts'
import { type Refused, refused } from './gate.ts'

/** Bytes. The longest body names an object of the cluster. */
const BODY_MAX = 4096

const TOO_LONG = refused(413, 'Invalid', `the body has more than ${BODY_MAX} bytes`)

/** The body, or why it is none. Rejects when the request breaks off. */
export async function readBody<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<{ body: T } | Refused> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_MAX) return TOO_LONG
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > BODY_MAX) return TOO_LONG
    chunks.push(chunk)
  }
  const parsed = schema.safeParse(jsonObject(Buffer.concat(chunks).toString()))
  return parsed.success ? { body: parsed.data } : refused(400, 'Invalid', 'the body is not what this call takes')
}
