/** Pure: a store's spec and the caches -> what to verify and what to project, or why not. */
import { createHash } from 'node:crypto'
import {
  type ArtifactStore,
  type ArtifactStoreSpec,
  type CredentialsEntry,
  DEFAULT_ACCESS,
  DEFAULT_MOUNT_PATH,
  DEFAULT_VERIFICATION_INTERVAL,
  type Format,
  parseArtifactStoreSpec,
  secretNameOf,
} from '../api/artifact-store.ts'
import { findCondition, READY } from '../api/conditions.ts'
import { type Failure, isFailure, stalled, waiting } from '../api/failures.ts'
import { REQUESTED_AT_ANNOTATION } from '../api/names.ts'
import { unimplementedStoreMember } from '../api/not-implemented.ts'
import { keyOf, type ObjectKey, objectKey } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import { durationMs } from '../api/time.ts'
import { formatStoreUri, joinPrefix, parseStoreUri, type StoreUri } from '../api/uri.ts'
import { type Providers, planConnector } from '../connectors/plan.ts'
import type { ConnectorView } from '../connectors/view.ts'
import { secretSuffixes } from '../formats/index.ts'
import type { Access, Encryption, Identity, Location } from '../providers/provider.ts'
import { mayReference } from './allowed-namespaces.ts'
import type { ProjectedSecret } from './projected.ts'

export interface StoreView extends ConnectorView {
  connector(key: ObjectKey): ServiceConnector | undefined
  namespaceLabels(name: string): Record<string, string> | undefined
  /** Projected Secrets by `namespace/name`. */
  secret(key: ObjectKey): ProjectedSecret | undefined
  /** Every Secret that was projected for the store `namespace/name`. */
  secretsOf(store: ObjectKey): ProjectedSecret[]
}

/** One consumer role in one namespace: a grant, rendered into one or two Secrets. */
export interface Target {
  role: string
  namespace: string
  /** Names of its Secrets: the plain one, and `-env` when both kinds of format are asked for. */
  secretNames: string[]
  secretName: string
  location: Location
  access: Access
  durationMs: number
  mountPath: string
  formats: Format[]
  /** Hash of everything the Secret is made from, but time. */
  grant: string
}

export interface StorePlan {
  kind: 'plan'
  identity: Identity
  location: Location
  encryption: Encryption
  writeProbe: 'Multipart' | 'Object' | 'None'
  required: string[]
  verifyIntervalMs: number
  /** Changes when the last verdict no longer counts. */
  verdictKey: string
  targets: Target[]
}

/** The store itself is fine: its connector is absent, refuses, or can't authenticate. */
export interface ConnectorFailure extends Failure {
  blames: 'connector'
}

export const blamesConnector = (failure: Failure): failure is ConnectorFailure => 'blames' in failure

const blameConnector = (failure: Failure): ConnectorFailure => ({ ...failure, blames: 'connector' })

export function planStore(store: ArtifactStore, view: StoreView, providers: Providers): StorePlan | Failure {
  const spec = parseArtifactStoreSpec(store.spec)
  if (isFailure(spec)) return spec
  const unimplemented = unimplementedStoreMember(spec)
  if (unimplemented) return unimplemented
  const uri = parseStoreUri(spec.path)
  if (isFailure(uri)) return uri

  const connector = findConnector(store, spec, view)
  if (isFailure(connector)) return blameConnector(connector)
  const connected = planConnector(connector, view, providers)
  if (isFailure(connected)) return connectorNotReady(connector, connected)
  const { identity, provider } = connected

  const encryption = spec.encryption ?? { type: 'None' }
  const targets = (spec.credentials ?? []).map(entry => planTarget(store, entry, uri, encryption, connector, identity))
  const clash = sharedSecret(targets)
  if (clash) return clash
  const requestedAt = store.metadata.annotations?.[REQUESTED_AT_ANNOTATION]
  return {
    kind: 'plan',
    identity,
    location: locationOf(uri),
    encryption,
    writeProbe: spec.verification?.writeProbe ?? 'Multipart',
    required: spec.verification?.require ?? provider.requiredPermissions(targets.map(({ access }) => access)),
    verifyIntervalMs: durationMs(spec.verification?.interval ?? DEFAULT_VERIFICATION_INTERVAL),
    verdictKey: hash([identity.fingerprint, spec.path, encryption, spec.verification ?? {}, requestedAt ?? '']),
    targets,
  }
}

/** Secrets of the store that nobody asks for any more; whatever the state of its connector. */
export function obsoleteSecrets(store: ArtifactStore, view: Pick<StoreView, 'secretsOf'>): ProjectedSecret[] {
  const spec = parseArtifactStoreSpec(store.spec)
  if (isFailure(spec)) return []
  const { namespace, name } = store.metadata
  const wanted = new Set((spec.credentials ?? []).flatMap(entry => secretNamesOf(name, entry)))
  return view.secretsOf(objectKey(namespace, name)).filter(({ metadata }) => !wanted.has(metadata.name))
}

const secretNamesOf = (store: string, entry: CredentialsEntry): string[] =>
  secretSuffixes(entry.formats).map(suffix => secretNameOf(store, entry) + suffix)

export const connectorKeyOf = ({ spec, metadata }: ArtifactStore): ObjectKey =>
  objectKey(spec.connectorRef.namespace ?? metadata.namespace, spec.connectorRef.name)

/** A connector elsewhere that is absent and one that does not allow us look the same: names there are not ours to learn. */
function findConnector(store: ArtifactStore, spec: ArtifactStoreSpec, view: StoreView): ServiceConnector | Failure {
  const key = connectorKeyOf(store)
  const namespace = store.metadata.namespace ?? ''
  const connector = view.connector(key)
  const elsewhere = (spec.connectorRef.namespace ?? namespace) !== namespace
  if (elsewhere && !(connector && mayReference(connector, namespace, view.namespaceLabels(namespace)))) {
    return stalled(
      'ConnectorNotAllowed',
      `spec.connectorRef: ServiceConnector "${key}" does not exist or does not allow namespace "${namespace}": have its owner set spec.allowedNamespaces`,
    )
  }
  if (!connector) {
    return stalled(
      'ConnectorNotFound',
      `spec.connectorRef: there is no ServiceConnector "${key}": create it, or name another`,
    )
  }
  if (connector.spec.suspend) {
    return waiting(
      'ConnectorSuspended',
      `ServiceConnector "${key}" is suspended: set its spec.suspend to false to resume`,
    )
  }
  return connector
}

/** The connector's own status may know more, such as that a Secret is there without its label. */
function connectorNotReady(connector: ServiceConnector, failure: Failure): ConnectorFailure {
  const { generation } = connector.metadata
  const ready = findCondition(connector.status?.conditions, READY)
  const known = connector.status?.observedGeneration === generation && ready?.status === 'False' ? ready : failure
  return sessionFailed(keyOf(connector), { ...failure, reason: known.reason, message: known.message })
}

/** The connector's trouble as its stores report it. */
export const sessionFailed = (connector: ObjectKey, { intent, reason, message }: Failure): ConnectorFailure =>
  blameConnector({
    kind: 'failure',
    intent,
    reason: 'ConnectorNotReady',
    message: `ServiceConnector "${connector}": ${reason}: ${message}`,
  })

function planTarget(
  store: ArtifactStore,
  entry: CredentialsEntry,
  uri: StoreUri,
  encryption: Encryption,
  connector: ServiceConnector,
  identity: Identity,
): Target {
  const { name, namespace = '', uid } = store.metadata
  const secretName = secretNameOf(name, entry)
  const target = {
    role: entry.name,
    namespace,
    secretName,
    secretNames: secretNamesOf(name, entry),
    location: locationOf({ ...uri, prefix: joinPrefix(uri.prefix, entry.subPath) }),
    access: entry.access ?? DEFAULT_ACCESS,
    durationMs: entry.duration ? durationMs(entry.duration) : identity.sessionDurationMs,
    mountPath: entry.mountPath ?? DEFAULT_MOUNT_PATH,
    formats: entry.formats,
  }
  // Whoever asks for another look at the connector gets everything made anew.
  const asked = connector.metadata.annotations?.[REQUESTED_AT_ANNOTATION] ?? ''
  return { ...target, grant: hash([uid, identity.fingerprint, asked, encryption, target]) }
}

/** Names that defaults and suffixes lead to; the CRD compares only those that are written. */
function sharedSecret(targets: Target[]): Failure | undefined {
  const owner = new Map<string, string>()
  for (const { namespace, role, secretNames } of targets) {
    for (const name of secretNames) {
      const other = owner.get(`${namespace}/${name}`)
      if (other !== undefined) {
        return stalled(
          'InvalidSpec',
          `spec.credentials: entries "${other}" and "${role}" both lead to Secret "${name}": give one of them another secretName`,
        )
      }
      owner.set(`${namespace}/${name}`, role)
    }
  }
  return undefined
}

const locationOf = (uri: StoreUri): Location => ({
  bucket: uri.bucket,
  prefix: uri.prefix,
  uri: formatStoreUri(uri),
})

const hash = (parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
