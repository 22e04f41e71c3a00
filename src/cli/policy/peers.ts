/** Pure: which stores share an identity at the cloud, and so the rights that are given to it. */
import { type ArtifactStore, connectorKeyOf } from '../../api/artifact-store.ts'
import type { AwsSpec } from '../../api/aws-connector.ts'
import { keyOf } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { roleArnOf } from '../../foreign/text.ts'
import { isAtAws } from '../../providers/s3/needs/grants.ts'
import type { ClusterFacts } from './facts.ts'

/**
 * Whether all who use the connector have one set of rights, which is replaced as a whole: the policy of a role at MinIO, or
 * a SAS token in a Secret. What is printed for one store must then have what all need.
 */
export const isReplacedWhole = ({ spec: { aws, azure } }: ServiceConnector): boolean =>
  (aws !== undefined && !isAtAws(aws) && aws.auth.webIdentity !== undefined && !aws.assumeRoles?.length) ||
  (azure?.auth.sasToken ?? azure?.auth.connectionString) !== undefined

/** What is known of the stores of an identity, among all that may be read. */
export const factsOfPeers = (
  connector: ServiceConnector,
  around: { connectors: readonly ServiceConnector[]; stores: readonly ArtifactStore[]; notes: readonly string[] },
): Pick<ClusterFacts, 'stores' | 'unread'> => ({
  stores: storesOfIdentity(connector, around.connectors, around.stores),
  ...(around.notes.length > 0 ? { unread: around.notes.join('; ') } : {}),
})

/** Stores of the connector, and of all others that act as the same identity. */
function storesOfIdentity(
  connector: ServiceConnector,
  connectors: readonly ServiceConnector[],
  stores: readonly ArtifactStore[],
): ArtifactStore[] {
  const keys = new Set([connector, ...connectors.filter(other => isSame(connector, other))].map(keyOf))
  return stores.filter(store => keys.has(connectorKeyOf(store)))
}

const isSame = (one: ServiceConnector, other: ServiceConnector): boolean => {
  if (sharesRole(one) && sharesRole(other)) return endpointOf(one) === endpointOf(other) && mayBeOneRole(one, other)
  const identity = identityOf(one)
  return identity !== undefined && identity === identityOf(other)
}

/** Whether the policy of a role at MinIO is replaced for all who take the role. */
const sharesRole = (connector: ServiceConnector): boolean =>
  connector.spec.aws !== undefined && isReplacedWhole(connector)

/** Where nobody knows the role of one of them, it must be taken for the same: its stores would lose their rights. */
function mayBeOneRole(one: ServiceConnector, other: ServiceConnector): boolean {
  const [role, another] = [one, other].map(roleOf)
  return role === undefined || another === undefined || role === another
}

/** The role of a web identity: of its spec, or else the one of the annotation that the operator has used. */
function roleOf({ spec, status }: ServiceConnector): string | undefined {
  return spec.aws?.auth.webIdentity?.roleArn ?? roleArnOf(status?.identity?.arn) ?? roleArnOf(status?.principal)
}

/** The same for the same service, however it is written. */
function endpointOf({ spec: { aws } }: ServiceConnector): string {
  const { endpoint = '' } = aws ?? {}
  return URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint
}

/** The same text for the same identity; undefined where nobody can know it from the spec. */
function identityOf(connector: ServiceConnector): string | undefined {
  const {
    metadata: { namespace = '' },
    spec: { aws, azure },
  } = connector
  const { sasToken, connectionString } = azure?.auth ?? {}
  const secret = sasToken ?? connectionString
  if (secret) return `secret ${namespace}/${secret.secretName}`
  return aws ? awsIdentity(namespace, aws, isAtAws(aws) ? 'aws' : endpointOf(connector)) : undefined
}

function awsIdentity(namespace: string, aws: AwsSpec, where: string): string | undefined {
  const { auth, assumeRoles = [] } = aws
  const role = assumeRoles.at(-1)?.roleArn ?? auth.webIdentity?.roleArn
  if (role !== undefined) return `${where} ${role}`
  if (auth.webIdentity) return `account ${namespace}/${auth.webIdentity.serviceAccountName}`
  if (auth.accessKey) return `${where} ${namespace}/${auth.accessKey.secretName}`
  return auth.implicit ? `${where} operator` : undefined
}
