/** Claims of a JWT; empty for any other text. Does not verify it: the service that it is for does. */
export function jwtClaims(token: string | undefined): Record<string, unknown> {
  return jsonObject(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())
}

/** The end of a token, or `other` if that is sooner; undefined when neither is known to end. */
export function endOf(token: string, other: Date | undefined): Date | undefined {
  const { exp } = jwtClaims(token)
  const end = typeof exp === 'number' ? new Date(exp * 1000) : undefined
  return end && (!other || end < other) ? end : other
}

/** The JSON object that a text is; empty for any other text. */
export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
