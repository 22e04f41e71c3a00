/** Pure: a short text that changes with what it is made from. */
import { createHash } from 'node:crypto'

/** 22 characters of base64url: the start of a sha256 over the parts as JSON. */
export function digestOf(parts: unknown[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
  // A slice would hold on to the whole digest, and each store keeps some.
  return Buffer.from(digest).toString('latin1', 0, 22)
}
