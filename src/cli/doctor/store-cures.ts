/** Pure: what cures a store, by the reason in its status. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { CONFIRM_DELETE_ANNOTATION } from '../../api/names.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { ARTIFACT_STORES } from '../../kube/resource.ts'
import type { Shell } from '../text/kubectl.ts'
import { type Change, commandOf } from './changes.ts'
import { addressing, region } from './connector-cures.ts'
import { otherSecret, ownSecrets, shorter } from './entry-cures.ts'
import { type Cure, subjectOf } from './finding.ts'
import { admitted, lendCures, lentBucket } from './lending-cures.ts'
import { withOwnChanges } from './own-changes.ts'
import { patchStore } from './patch-store.ts'
import { excluded, labelledNamespaces } from './recipient-cures.ts'

/** What a cure of a store may depend on besides the store. */
export interface Surroundings {
  /** Its connector; absent where that is not there, or may not be read. */
  connector?: ServiceConnector
  /** Names of connectors in its namespace that are Ready, and for the cloud of its path. */
  candidates: string[]
}

interface Case extends Surroundings {
  store: ArtifactStore
  message: string
  shell: Shell
}

type Curer = (given: Case) => Cure[]

/** The connector of the store; none where it can't be seen. */
const ofConnector =
  (cures: (connector: NonNullable<Case['connector']>, given: Case) => Cure[]): Curer =>
  given =>
    given.connector ? cures(given.connector, given) : []

/** Another connector, where only one could be meant: Ready, for the same cloud, in the store's namespace. */
const elsewhere: Curer = ({ store, candidates, shell }) => {
  const [only, ...others] = candidates
  if (!only || others.length > 0) return []
  const patch = { spec: { connectorRef: { name: only, namespace: null } } }
  return [patchStore(store, patch, `use connector "${only}" of the namespace, if that is meant`, shell)]
}

const created: Curer = ({ store, shell }) =>
  store.spec.bucket?.create
    ? []
    : [
        patchStore(
          store,
          { spec: { bucket: { create: true } } },
          'have the operator create it, if the path is right',
          shell,
        ),
      ]

const SETUP = /\bremove spec\.bucket\.(create|versioning|expirationDays)\b/

/** A part of `spec.bucket` that the identity may not set up. */
const withoutSetup: Curer = ({ store, message, shell }) => {
  const [, part] = SETUP.exec(message) ?? []
  if (part === undefined) return []
  return [patchStore(store, { spec: { bucket: { [part]: null } } }, 'leave it as it is', shell)]
}

/** Permissions that nobody can prove are not required any more. */
const withoutUnknown: Curer = ({ store, message, shell }) => {
  const required = store.spec.verification?.require ?? []
  const permissions = store.status?.permissions ?? []
  const isUnknown = (action: string) =>
    message.includes(`leave ${action} out of spec.verification.require`) ||
    permissions.some(permission => permission.action === action && permission.result === 'Unknown')
  const kept = required.filter(action => !isUnknown(action))
  if (kept.length === required.length) return []
  const patch = { spec: { verification: { require: kept.length > 0 ? kept : null } } }
  return [patchStore(store, patch, 'require only what can be proven', shell)]
}

const byListing: Curer = ({ store, shell }) =>
  store.spec.usage?.source === 'CloudWatch'
    ? [patchStore(store, { spec: { usage: { source: 'List' } } }, 'count the objects instead', shell)]
    : []

/** As the answer of the service names the region of a bucket that is there already. */
const bucketRegion: Curer = ({ store, message, shell }) => {
  const [, named] = /is in region "([a-z0-9-]{1,64})", not in .{1,80}: correct spec\.bucket\.region/.exec(message) ?? []
  if (named === undefined) return []
  return [patchStore(store, { spec: { bucket: { region: named } } }, 'use the region of the bucket', shell)]
}

const confirmed: Curer = ({ store, shell }) => {
  const { name, namespace = '' } = store.metadata
  const change: Change = {
    ...{ kind: 'annotate', resource: ARTIFACT_STORES, namespace, name },
    values: { [CONFIRM_DELETE_ANNOTATION]: name },
  }
  return [{ place: 'cluster', words: 'let it be deleted', commands: [commandOf(change, shell)], needs: [] }]
}

const noDefault: Curer = ({ store, shell }) => [
  patchStore(store, { spec: { default: null } }, 'let the other store be the default', shell),
]

const CURERS: Readonly<Record<string, Curer>> = {
  ConnectorNotFound: elsewhere,
  CloudMismatch: elsewhere,
  AccountMismatch: elsewhere,
  ConnectorNotAllowed: ofConnector((connector, { store, shell }) => admitted(connector, store, shell)),
  ResourceNotAllowed: ofConnector((connector, { store, shell }) => lentBucket(connector, store, shell)),
  NotLent: ofConnector((connector, { message, shell }) => lendCures(connector, message, shell)),
  BucketHostUnknown: ofConnector((connector, { shell }) => [addressing(connector, shell)]),
  WrongRegion: given => [
    ...bucketRegion(given),
    ...ofConnector((connector, { message, shell }) => region(connector, message, shell))(given),
  ],
  BucketNotFound: created,
  ContainerNotFound: created,
  PermissionDenied: withoutSetup,
  PermissionUnknown: withoutUnknown,
  DurationTooLong: ({ store, message, shell }) => shorter(store, message, shell),
  SecretConflict: ({ store, message, shell }) => otherSecret(store, message, shell),
  InvalidSpec: ({ store, shell }) => ownSecrets(store, shell),
  DefaultConflict: noDefault,
  // Others use it as their default: somebody must choose.
  DefaultInUse: given => noDefault(given).map(({ changes: _, ...printed }) => printed),
  DeletionProtected: confirmed,
  NamespaceNotRecipient: ({ message, store, shell }) => labelledNamespaces(store, message, shell),
  NamespaceNotAllowed: ({ message, store, shell }) => excluded(store, message, shell),
  CloudWatchUnavailable: byListing,
  CloudWatchFailed: byListing,
  NoMetricsYet: byListing,
}

/** Reasons for which there are cures within the cluster. */
export const CURED_REASONS: readonly string[] = Object.keys(CURERS)

/** Cures within the cluster; none where the cure is elsewhere. */
export function storeCures(
  store: ArtifactStore,
  { reason, message }: { reason: string; message: string },
  surroundings: Surroundings,
  shell: Shell,
): Cure[] {
  const curer = Object.hasOwn(CURERS, reason) ? CURERS[reason] : undefined
  const cures = curer?.({ ...surroundings, store, message, shell }) ?? []
  return cures.map(cure => withOwnChanges(cure, subjectOf('store', store)))
}
