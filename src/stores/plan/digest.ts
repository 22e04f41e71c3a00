/** Pure: a short text that changes with what it is made from. */
import { createHash } from 'node:crypto'

/** 22 characters of base64url: the start of a sha256 over the parts as JSON. */
export const digestOf = (parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
