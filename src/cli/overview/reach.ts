/** Pure: which buckets connectors list, and which connectors reach a bucket, as far as anybody knows. */
import { type ArtifactStore, connectorKeyOf } from '../../api/artifact-store.ts'
import { isReady } from '../../api/kstatus.ts'
import { keyOf } from '../../api/object.ts'
import { matchesResource } from '../../api/resource-pattern.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'

export interface Bucket {
  /** `namespace/name`. */
  connector: string
  uri: string
  region?: string
  /** `namespace/name` of the stores in it that use the connector. */
  stores: string[]
}

export interface Reach {
  /** `namespace/name`. */
  connector: string
  /**
   * Verified: a store of it there is Ready. Listed: its identity can list the bucket. Unknown: nothing excludes it, and
   * nothing has shown it. Excluded: `spec.resources` does not have it, or it is for another cloud.
   */
  verdict: 'Verified' | 'Listed' | 'Unknown' | 'Excluded'
  why: string
}

/** One bucket: no `*`, and perhaps a prefix, which does not matter. */
export const isBucketUri = (text: string): boolean =>
  /^(s3|az|abfss?):\/\/[A-Za-z0-9][A-Za-z0-9._:$-]{0,254}(@[a-z0-9.-]{1,255})?(\/[^\0]{0,1024})?$/.test(text)

/** Without its prefix. */
const bucketUriOf = (uri: string): string => /^[a-z0-9]{1,16}:\/\/[^/]{1,512}/.exec(uri)?.[0] ?? uri

export function bucketsOf(connectors: ServiceConnector[], stores: ArtifactStore[]): Bucket[] {
  const buckets = new Map<string, Bucket>()
  const bucket = (connector: string, uri: string): Bucket => {
    const key = `${connector} ${uri}`
    const found = buckets.get(key) ?? { connector, uri, stores: [] }
    buckets.set(key, found)
    return found
  }
  for (const connector of connectors) {
    for (const { uri, region } of connector.status?.resources ?? [])
      Object.assign(bucket(keyOf(connector), uri), region ? { region } : {})
  }
  for (const store of stores) {
    const found = bucket(connectorKeyOf(store), bucketUriOf(store.spec.path))
    found.stores.push(keyOf(store))
    const region = found.region ?? store.status?.bucket?.region
    if (region) found.region = region
  }
  return [...buckets.values()].sort((one, other) =>
    `${one.connector} ${one.uri}` < `${other.connector} ${other.uri}` ? -1 : 1,
  )
}

export function reachOf(connectors: ServiceConnector[], stores: ArtifactStore[], uri: string): Reach[] {
  const reaches = connectors.map(connector => ({ connector: keyOf(connector), ...verdictOf(connector, stores, uri) }))
  return reaches.sort((one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict))
}

const ORDER: Reach['verdict'][] = ['Verified', 'Listed', 'Unknown', 'Excluded']

function verdictOf(
  { metadata, spec, status }: ServiceConnector,
  stores: ArtifactStore[],
  uri: string,
): Omit<Reach, 'connector'> {
  const bucket = bucketUriOf(uri)
  if (uri.startsWith('s3://') !== (spec.aws !== undefined))
    return { verdict: 'Excluded', why: 'it is for another cloud' }
  if (spec.resources && !spec.resources.some(pattern => matchesResource(pattern, bucket)))
    return { verdict: 'Excluded', why: 'spec.resources does not have it' }
  const mine = stores.filter(
    store => connectorKeyOf(store) === keyOf({ metadata }) && matchesResource(bucket, store.spec.path),
  )
  const ready = mine.find(({ status }) => isReady(status?.conditions))
  if (ready) return { verdict: 'Verified', why: `store ${keyOf(ready)} is Ready at ${ready.spec.path}` }
  if (status?.resources?.some(resource => matchesResource(bucket, resource.uri)))
    return { verdict: 'Listed', why: 'its identity can list the bucket' }
  const [one] = mine
  if (one) return { verdict: 'Unknown', why: `store ${keyOf(one)} is not Ready at ${one.spec.path}` }
  return { verdict: 'Unknown', why: 'no Ready store of it is there, and it does not list the bucket' }
}
