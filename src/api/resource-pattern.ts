/** Pure: `spec.resources` of a connector, URIs of buckets with `*` for any characters. */

const URI = /^(s3|az|abfs|abfss):\/\/([^/@]+)(?:@([^/]+))?(?:\/|$)/

/**
 * Whether the bucket of `uri`, which may have a prefix, is one of `pattern`. The schemes of Azure mean the same. A
 * pattern that names an account matches only a URI that names it, too.
 */
export function matchesResource(pattern: string, uri: string): boolean {
  const [, scheme, bucket, host] = URI.exec(pattern) ?? []
  const [, ofScheme, ofBucket, ofHost] = URI.exec(uri) ?? []
  if (!bucket || !ofBucket || (scheme === 's3') !== (ofScheme === 's3')) return false
  return matches(bucket, ofBucket) && (host === undefined || (ofHost !== undefined && matches(host, ofHost)))
}

/** Takes the first place where a part fits, never another: no pattern makes it slow. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text === first
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found === -1) return false
    at = found + part.length
  }
  return at <= text.length - last.length
}
