/** Reads what of the cluster policies depend on: its issuer, the annotations of a ServiceAccount, the uid of kube-system. */
import type { KubeObject } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { orNothing } from '../../kube/errors.ts'
import { NAMESPACES, SERVICE_ACCOUNTS } from '../../kube/resource.ts'
import type { Cluster } from '../cluster/connect.ts'
import { ifAllowed } from '../cluster/read.ts'
import type { Right } from '../cluster/rights.ts'
import type { ClusterFacts } from '../policy/facts.ts'

const DISCOVERY = '/.well-known/openid-configuration'

/** What may not be read is absent, and in the notes. */
export async function readFacts(
  cluster: Cluster,
  { spec: { aws, azure }, metadata: { namespace = '' } }: ServiceConnector,
  signal: AbortSignal,
): Promise<{ facts: ClusterFacts; notes: string[] }> {
  const account = (aws?.auth.webIdentity ?? azure?.auth.workloadIdentity)?.serviceAccountName
  const [issuer, annotations, uid] = await Promise.all([
    account === undefined ? nothing<string>() : readIssuer(cluster, signal),
    account === undefined ? nothing<Record<string, string>>() : readAnnotations(cluster, namespace, account, signal),
    aws?.auth.implicit ? readUid(cluster, signal) : nothing<string>(),
  ])
  return {
    facts: {
      ...(issuer.value === undefined ? {} : { issuer: issuer.value }),
      ...(annotations.value === undefined ? {} : { annotations: annotations.value }),
      ...(uid.value === undefined ? {} : { cluster: uid.value }),
    },
    notes: [issuer, annotations, uid].flatMap(({ note }) => note ?? []),
  }
}

interface Read<T> {
  value?: T | undefined
  note?: string
}

/** What is not needed is not read. */
const nothing = <T>(): Read<T> => ({})

function readIssuer(cluster: Cluster, signal: AbortSignal): Promise<Read<string>> {
  const right: Right = {
    verb: 'get',
    resource: { apiVersion: 'v1', plural: DISCOVERY, namespaced: false },
    namespace: undefined,
  }
  return ifAllowed(right, async () => {
    const { issuer } = (await cluster.client.raw(DISCOVERY, { signal })) as { issuer?: unknown }
    return typeof issuer === 'string' ? issuer : undefined
  })
}

function readAnnotations(
  cluster: Cluster,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<Read<Record<string, string>>> {
  return ifAllowed({ verb: 'get', resource: SERVICE_ACCOUNTS, namespace }, async () => {
    const options = { signal, metadataOnly: true }
    const account = await cluster.client.get<KubeObject>(SERVICE_ACCOUNTS, namespace, name, options).catch(orNothing)
    return account && (account.metadata.annotations ?? {})
  })
}

const readUid = (cluster: Cluster, signal: AbortSignal): Promise<Read<string>> =>
  ifAllowed({ verb: 'get', resource: NAMESPACES, namespace: undefined }, async () => {
    const { metadata } = await cluster.client.get<KubeObject>(NAMESPACES, undefined, 'kube-system', {
      signal,
      metadataOnly: true,
    })
    return metadata.uid
  })
