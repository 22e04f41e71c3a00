/** Pure: `spec.resources` of a connector: URIs of buckets in which `*` stands for any characters. */

const URI = /^(s3|az|abfs|abfss):\/\/([^/@]+)(?:@([^/]+))?(?:\/|$)/

/**
 * Whether `pattern` covers the bucket of `uri`, which may have a prefix. Azure's schemes mean the same. A pattern that
 * names an account matches only a URI that names it too.
 */
export function matchesResource(pattern: string, uri: string): boolean {
  const [, scheme, bucket, host] = URI.exec(pattern) ?? []
  const [, ofScheme, ofBucket, ofHost] = URI.exec(uri) ?? []
  if (!bucket || !ofBucket || (scheme === 's3') !== (ofScheme === 's3')) return false
  return matches(bucket, ofBucket) && (host === undefined || (ofHost !== undefined && matches(host, ofHost)))
}

/** Matches each part at the first place where it fits and tries no other, so that no pattern makes it slow. */
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
