/** Pure: JSON that others write: tokens and answers. Bounded in size and depth before it is parsed (docs/adr/0020). */
import { BOUNDS } from './bounds.ts'

/** Deeper than anything that a token or an answer of Entra has. */
const DEPTH_MAX = 32

/** The JSON object that a text is; empty for any other text, and for one that is too long or too deep. */
export function jsonObject(text: string): Record<string, unknown> {
  if (text.length > BOUNDS.answer || !isShallow(text)) return {}
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** Counts brackets, also those in strings: few tokens have 32 of them open in a text. */
function isShallow(text: string): boolean {
  let depth = 0
  for (const character of text) {
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    if (depth > DEPTH_MAX) return false
  }
  return true
}

/** Claims of a JWT; empty for any other text. Does not verify it: the service that it is for does. */
export function jwtClaims(token: string | undefined): Record<string, unknown> {
  if (token === undefined || token.length > BOUNDS.answer) return {}
  return jsonObject(Buffer.from(token.split('.', 2)[1] ?? '', 'base64url').toString())
}
