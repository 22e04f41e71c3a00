/** Pure: when credentials end that are, or depend on, a JWT. */
import { jwtClaims } from '../foreign/json.ts'
import { timeOf } from '../foreign/numbers.ts'

/** The end of a token, or `other` if that is sooner; undefined when neither is known to end. */
export function endOf(token: string, other: Date | undefined): Date | undefined {
  const { exp } = jwtClaims(token)
  const end = typeof exp === 'number' ? timeOf(exp * 1000) : undefined
  return end && (!other || end < other) ? end : other
}
