/**
 * Pure: a connector, a store and a Secret as data: the rows of `status -o json`. Texts are as the cluster has them: who
 * shows them makes them harmless.
 */
import { type ArtifactStore, connectorKeyOf, secretNameOf } from '../../api/artifact-store.ts'
import type { KubeObject } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { rfc3339 } from '../../api/time.ts'
import { belongsTo, readStamp, refreshAt } from '../../stores/plan/projected-secret.ts'
import { cautionsOf, connectorCautionsOf } from './cautions.ts'
import { type Health, healthOf } from './health.ts'

export interface SecretRow {
  namespace: string
  name: string
  /** Name of the entry in `spec.credentials`. */
  role: string
  /** RFC 3339, as all times here; absent when its credentials do not end. */
  expiresAt?: string
  /** Absent when the Secret could not be read, or its credentials do not end. */
  issuedAt?: string
  refreshAt?: string
  caution?: string
}

export interface StoreRow {
  namespace: string
  name: string
  displayName?: string
  path: string
  /** `namespace/name`. */
  connector: string
  isDefault: boolean
  /** When it was deleted, where something still holds it up. */
  deletedAt?: string
  health: Health
  cautions: string[]
  usage?: NonNullable<NonNullable<ArtifactStore['status']>['usage']>
  secrets: SecretRow[]
  /** How many Secrets `secrets` lacks, as status has no room for them. */
  secretsOmitted?: number
}

export interface ConnectorRow {
  namespace: string
  name: string
  /** As of stores. */
  deletedAt?: string
  cloud: 'aws' | 'azure'
  /** Whom it acts as. */
  principal?: string
  expiresAt?: string
  /** How many stores use it in all namespaces, as the operator counts them. */
  storesInAll?: number
  health: Health
  cautions: string[]
}

/** `secretOf`: the metadata of a Secret by `namespace/name`, where the person may read it. */
export function storeRow(store: ArtifactStore, secretOf: (key: string) => KubeObject | undefined): StoreRow {
  const { metadata, spec, status } = store
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...(spec.displayName ? { displayName: spec.displayName } : {}),
    path: spec.path,
    connector: connectorKeyOf(store),
    isDefault: spec.default === true,
    ...deletionOf(store),
    health: healthOf(store),
    cautions: cautionsOf(status?.conditions),
    ...(status?.usage ? { usage: status.usage } : {}),
    secrets: (status?.credentials ?? []).map(credential => secretRow(store, credential, secretOf)),
    ...(status?.credentialsOmitted ? { secretsOmitted: status.credentialsOmitted } : {}),
  }
}

const deletionOf = ({ metadata: { deletionTimestamp } }: KubeObject) =>
  deletionTimestamp === undefined ? {} : { deletedAt: deletionTimestamp }

type Credential = NonNullable<NonNullable<ArtifactStore['status']>['credentials']>[number]

function secretRow(
  store: ArtifactStore,
  { name: role, namespace, secretName, expiresAt }: Credential,
  secretOf: (key: string) => KubeObject | undefined,
): SecretRow {
  const secret = secretOf(`${namespace}/${secretName}`)
  const stamp = secret && belongsTo(secret, store) ? readStamp(secret) : undefined
  // Both Secrets of an entry are replaced together, at the time that the first one's name gives.
  const entry = store.spec.credentials?.find(({ name }) => name === role)
  const key = `${namespace}/${entry ? secretNameOf(store.metadata.name, entry) : secretName}`
  const due = stamp && refreshAt(stamp, key)
  const end = stamp ? stamp.expiresAt && rfc3339(stamp.expiresAt) : expiresAt
  return {
    namespace,
    name: secretName,
    role,
    ...(end ? { expiresAt: end } : {}),
    ...(stamp ? { issuedAt: rfc3339(stamp.issuedAt) } : {}),
    ...(due ? { refreshAt: rfc3339(due) } : {}),
    ...(stamp?.cautions ? { caution: stamp.cautions } : {}),
  }
}

export function connectorRow(connector: ServiceConnector): ConnectorRow {
  const { metadata, spec, status } = connector
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...deletionOf(connector),
    cloud: spec.azure ? 'azure' : 'aws',
    ...(status?.principal ? { principal: status.principal } : {}),
    ...(status?.expiresAt ? { expiresAt: status.expiresAt } : {}),
    ...(status?.stores === undefined ? {} : { storesInAll: status.stores }),
    health: healthOf(connector),
    cautions: connectorCautionsOf(status),
  }
}
