/** Claims of a token; empty when it is none. Nothing is verified: that is for whom it is meant for. */
export function jwtClaims(token: string | undefined): Record<string, unknown> {
  return jsonObject(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())
}

/** When a token ends, or `other` if that is sooner; undefined: neither does. */
export function endOf(token: string, other: Date | undefined): Date | undefined {
  const { exp } = jwtClaims(token)
  const end = typeof exp === 'number' ? new Date(exp * 1000) : undefined
  return end && (!other || end < other) ? end : other
}

/** Empty for any other text. */
export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
