/**
 * Pure: the gate for text that others write. Each function takes whatever came, of whatever type, and returns what may
 * go on, or undefined. All of them are linear, and none looks at more than its bound (docs/adr/0020).
 */
import { BOUNDS } from './bounds.ts'

/** Characters that change how a line is shown, or end it: controls, marks of direction, separators of lines. */
const UNSHOWN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Text that may be shown and searched, cut to its bound, with spaces in the place of what can't be seen. */
export function shown(given: unknown, max: number = BOUNDS.message): string | undefined {
  if (typeof given !== 'string') return undefined
  const text = cut(given, max).replace(UNSHOWN, ' ').toWellFormed().trim()
  return text === '' ? undefined : text
}

/** The beginning of a text that is too long, which then ends with dots. */
export const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, Math.max(0, max - DOTS.length))}${DOTS}`

const DOTS = '...'

/** A code that a service gives for what went wrong, such as `AccessDenied` or `KMS.NotFoundException`. */
export const codeOf = (given: unknown): string | undefined => matching(given, BOUNDS.code, /^[\w.:-]{1,128}$/)

/** The code of a region, as some service has it. That of AWS becomes part of host names. */
export const regionOf = (given: unknown): string | undefined =>
  matching(given, BOUNDS.region, /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/)

/** An ARN, or what a service has in its place. */
export const arnOf = (given: unknown): string | undefined => tokenOf(given, BOUNDS.arn)

/** The ARN of a role, as an annotation may have it; the schema checks those of specs. */
export const roleArnOf = (given: unknown): string | undefined =>
  matching(given, BOUNDS.arn, /^arn:[\w-]{1,64}:iam:[\w-]{0,64}:[\w-]{0,64}:role\/[\w+=,.@/-]{1,2048}$/)

/** The id of a client or tenant of Entra: a GUID, and a tenant's may also be a domain. Both become parts of URLs. */
export const directoryIdOf = (given: unknown): string | undefined =>
  matching(given, BOUNDS.annotation, /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/)

/** The id of an account, a tenant or a client. */
export const idOf = (given: unknown): string | undefined => matching(given, BOUNDS.id, /^[\w.-]{1,128}$/)

/** The name of a bucket or container, as some service allows it. */
export const bucketOf = (given: unknown): string | undefined => matching(given, BOUNDS.bucket, /^[\w.:-]{1,255}$/)

/**
 * A word that can be a header, and a line of a file: a key, a token. Anything else was pasted wrongly, or is meant to
 * become more than one line.
 */
export const tokenOf = (given: unknown, max: number = BOUNDS.keyValue): string | undefined =>
  matching(given, max, /^[\x21-\x7e]{1,8192}$/)

/** A URL without slashes at its end. A pattern for them is slow where there are many elsewhere. */
export function withoutFinalSlashes(url: string): string {
  let end = url.length
  while (url[end - 1] === '/') end--
  return url.slice(0, end)
}

/** Size in UTF-8, which is what the API server counts. */
export const bytesOf = (text: string): number => Buffer.byteLength(text)

function matching(given: unknown, max: number, form: RegExp): string | undefined {
  return typeof given === 'string' && given.length <= max && form.test(given) ? given : undefined
}
