/** Pure: Lending: what the owner of a connector gives to others beside scoped credentials, `spec.lend` (docs/adr/0022). */
import type { ArtifactStore, ArtifactStoreSpec, CredentialsEntry } from '../../api/artifact-store.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import { keyOf } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { handsOnIdentity } from '../../formats/index.ts'
import type { GrantRequest, Identity } from '../../providers/provider.ts'
import type { Holding } from './projected-secret.ts'

type Lent = keyof NonNullable<ServiceConnector['spec']['lend']>

/** Reason of everything that an owner would have to lend first. */
const NOT_LENT = 'NotLent'

const lends = ({ spec }: ServiceConnector, what: Lent): boolean => spec.lend?.[what] === true

/** Whether a store uses a connector of another namespace. */
export const isBorrower = ({ metadata }: ArtifactStore, connector: ServiceConnector): boolean =>
  metadata.namespace !== connector.metadata.namespace

/** Whether credentials leave the connector's namespace: by their store, or by the namespace that they go to. */
export const isLent = (connector: ServiceConnector, store: ArtifactStore, namespace: string | undefined): boolean =>
  isBorrower(store, connector) || namespace !== connector.metadata.namespace

/** What a provider must keep to when it makes credentials that leave the connector's namespace. */
export const termsOf = (
  connector: ServiceConnector,
  store: ArtifactStore,
  namespace: string,
): Pick<GrantRequest, 'lent'> =>
  isLent(connector, store, namespace) ? { lent: { wholeContainer: lends(connector, 'wholeContainer') } } : {}

/** Why `spec.bucket` of a store may not be followed: it acts with all rights of the identity, on the whole bucket. */
export function refuseSetup(
  store: ArtifactStore,
  { bucket: { create, region, versioning, expirationDays } = {} }: ArtifactStoreSpec,
  connector: ServiceConnector,
): Failure | undefined {
  const isAsked = create || [region, versioning, expirationDays].some(wish => wish !== undefined)
  if (!isAsked || !isBorrower(store, connector) || lends(connector, 'bucketSetup')) return undefined
  return notLent(connector, {
    field: 'spec.bucket',
    what: 'changes to buckets',
    lent: 'bucketSetup',
    otherwise: 'remove spec.bucket',
  })
}

/** Why the credentials of an entry may not leave the connector's namespace. */
export function refuseCredentials(
  entry: CredentialsEntry,
  { unnarrowed }: Pick<Identity, 'unnarrowed'>,
  connector: ServiceConnector,
): Failure | undefined {
  const field = `spec.credentials[${entry.name}]`
  if (handsOnIdentity(entry.formats) && !lends(connector, 'webIdentity')) {
    const what = 'its identity itself, which format WebIdentity hands on,'
    return notLent(connector, { field: `${field}.formats`, what, lent: 'webIdentity', otherwise: 'use another format' })
  }
  if (unnarrowed && !lends(connector, 'static')) {
    const what = 'credentials that nothing narrows to bucket and prefix'
    return notLent(connector, { field, what, lent: 'static', otherwise: 'use another connector' })
  }
  return undefined
}

/** Whether Secrets of an entry may not be kept either: what they hold opens more than was lent, or does not end. */
export const mustTakeBack = (connector: ServiceConnector, holds: readonly Holding[]): boolean =>
  (holds.includes('Identity') && !lends(connector, 'webIdentity')) ||
  (holds.includes('Unnarrowed') && !lends(connector, 'static'))

/** What the Secrets of an entry hold, by the same rules by which the entry is refused: none is taken back and remade. */
export function holdingsOf(
  { formats }: Pick<CredentialsEntry, 'formats'>,
  { unnarrowed }: Pick<Identity, 'unnarrowed'>,
): Holding[] {
  const more: Holding[] = unnarrowed ? ['Unnarrowed'] : []
  if (handsOnIdentity(formats)) more.push('Identity')
  return more.length > 0 ? more : ['Scoped']
}

interface Refusal {
  /** Field of the store that asks for it. */
  field: string
  what: string
  /** Field of the connector that would lend it. */
  lent: Lent
  otherwise: string
}

const notLent = (connector: ServiceConnector, { field, what, lent, otherwise }: Refusal): Failure =>
  stalled(
    NOT_LENT,
    `${field}: ServiceConnector "${keyOf(connector)}" does not lend ${what} to other namespaces: have its owner set spec.lend.${lent}: true, or ${otherwise}`,
  )
