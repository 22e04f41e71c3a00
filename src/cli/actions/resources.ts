/** `resources`: buckets by connector, and which connectors reach a bucket. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import { onCluster } from '../cluster/connect.ts'
import { listAll } from '../cluster/read.ts'
import type { Answer, Invocation, View } from '../frame/command.ts'
import { usageFailure } from '../frame/failures.ts'
import { report } from '../frame/reports.ts'
import { type Bucket, bucketsOf, isBucketUri, type Reach, reachOf } from '../overview/reach.ts'
import { harmless } from '../text/harmless.ts'
import type { Tone } from '../text/style.ts'
import { type Column, table } from '../text/table.ts'
import { nameOf } from './references.ts'

export async function resources({ globals, options, signal }: Invocation): Promise<Answer> {
  const uri = options['reaches']
  if (typeof uri === 'string' && !isBucketUri(uri))
    throw usageFailure(`--reaches "${uri}" is no URI of a bucket`, 'write for example --reaches s3://acme-models')
  return onCluster(globals, async cluster => {
    const [connectors, stores] = await Promise.all([
      listAll<ServiceConnector>(cluster, SERVICE_CONNECTORS, cluster.namespace, { signal }),
      listAll<ArtifactStore>(cluster, ARTIFACT_STORES, cluster.namespace, { signal }),
    ])
    return typeof uri === 'string' ? reaching(connectors, stores, uri) : listing(connectors, stores)
  })
}

const BUCKETS: Column[] = [
  { title: 'CONNECTOR', min: 12 },
  { title: 'BUCKET', min: 20 },
  { title: 'REGION', drop: 2 },
  { title: 'STORES', drop: 1, min: 10 },
]

function listing(connectors: ServiceConnector[], stores: ArtifactStore[]): Answer {
  const buckets = bucketsOf(connectors, stores)
  const truncated = connectors.filter(({ status }) => status?.resourcesTruncated).map(({ metadata }) => metadata.name)
  return {
    lines: ({ paint, width }) =>
      buckets.length === 0
        ? ['No connector lists buckets, and no store has one.']
        : table(BUCKETS, buckets.map(bucketCells), paint, width),
    data: report('Resources', { buckets }),
    names: connectorNames(buckets.map(({ connector }) => connector)),
    notes: [
      ...truncated.map(name => `connector "${name}" can list more buckets than its status has room for`),
      ...(connectors.some(({ spec }) => !spec.resources)
        ? ['of connectors without spec.resources only the buckets of stores are known']
        : []),
    ],
  }
}

const bucketCells = ({ connector, uri, region, stores }: Bucket) => [
  harmless(connector),
  harmless(uri),
  harmless(region),
  harmless(stores.join(', ')),
]

const VERDICTS: Record<Reach['verdict'], { text: string; tone: Tone }> = {
  Verified: { text: 'Verified', tone: 'good' },
  Listed: { text: 'Listed', tone: 'good' },
  Unknown: { text: 'Unknown', tone: 'unsure' },
  Excluded: { text: 'Excluded', tone: 'bad' },
}
const REACHES: Column[] = [{ title: 'CONNECTOR', min: 12 }, { title: 'REACHES IT' }, { title: 'WHY', drop: 1, min: 20 }]

function reaching(connectors: ServiceConnector[], stores: ArtifactStore[], uri: string): Answer {
  const reaches = reachOf(connectors, stores, uri)
  const known = reaches.filter(({ verdict }) => verdict === 'Verified' || verdict === 'Listed')
  const rows = reaches.map(({ connector, verdict, why }) => [harmless(connector), VERDICTS[verdict], harmless(why)])
  return {
    lines: ({ paint, width }: View) =>
      rows.length === 0 ? ['There are no connectors.'] : table(REACHES, rows, paint, width),
    data: report('Reaches', { uri, connectors: reaches }),
    names: connectorNames(known.map(({ connector }) => connector)),
    isFound: known.length === 0,
  }
}

const connectorNames = (keys: string[]): string[] =>
  [...new Set(keys)].map(key => nameOf(SERVICE_CONNECTORS, key.slice(key.indexOf('/') + 1)))
