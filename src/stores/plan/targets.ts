/** Pure: `spec.credentials` -> what to project, and what to take back. */
import {
  type ArtifactStore,
  type CredentialsEntry,
  DEFAULT_ACCESS,
  DEFAULT_MOUNT_PATH,
  type Format,
  secretNameOf,
} from '../../api/artifact-store.ts'
import type { ClientOptions } from '../../api/client-options.ts'
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import { keyOf, objectKey } from '../../api/object.ts'
import { requestedAt } from '../../api/requested-at.ts'
import { durationMs } from '../../api/time.ts'
import { joinPrefix, type StoreUri } from '../../api/uri.ts'
import { secretSuffixes } from '../../formats/index.ts'
import type { Access, Encryption, GrantRequest, Identity, Location } from '../../providers/provider.ts'
import { checkedSpec } from './checked-spec.ts'
import type { Connection } from './connection.ts'
import { digestOf } from './digest.ts'
import { isLent, refuseCredentials, termsOf } from './lending.ts'
import { locationOf } from './location.ts'
import { reachesOf, refuseSelectors } from './namespaces.ts'
import { isElsewhere, isGoing, type ProjectedSecret } from './projected-secret.ts'
import { limitTargets } from './target-limit.ts'
import type { StoreView } from './view.ts'

/** One consumer role in one namespace: a grant of its own (docs/adr/0014), rendered into one or two Secrets. */
export interface Target {
  role: string
  namespace: string
  /** Names of its Secrets: the plain one, and one with `-env` when both kinds of format are asked for. */
  secretNames: string[]
  secretName: string
  location: Location
  access: Access
  /** Permissions that the store requires by name; credentials are granted them, too (docs/adr/0012). */
  required: string[]
  durationMs: number
  mountPath: string
  formats: Format[]
  cloud: StoreUri['cloud']
  keys?: CredentialsEntry['keys']
  clientOptions?: ClientOptions
  /** Present when the credentials leave the connector's namespace. */
  lent?: GrantRequest['lent']
  /** What the Secrets are made from, except the time: a hash that the entry's targets have in common, and the namespace. */
  grant: string
  /** Why nothing can be granted. Credentials that are in its Secrets already stay until they end. */
  impossible?: Failure
  /** Why the namespace gets no Secrets now. */
  excluded?: Failure
}

/** What all targets of a store have in common. */
export interface TargetSource {
  store: ArtifactStore
  uri: StoreUri
  encryption: Encryption
  connection: Connection
}

/** Plans every entry; a Failure when two of them lead to the same Secret. */
export function planTargets(source: TargetSource, entries: CredentialsEntry[], view: StoreView): Target[] | Failure {
  const { store } = source
  const reaches = reachesOf(store, view)
  const planned = entries.map(entry => ({
    ...{ entry, ...reaches.of(entry) },
    ...{ secretNames: secretNamesOf(store.metadata.name, entry), targetIn: planEntry(source, entry) },
  }))
  const { served, refused } = limitTargets(store, planned, view)
  const targets = planned.flatMap(({ entry, excluded, targetIn }, index) => [
    ...(served[index] ?? []).map(targetIn),
    ...[...excluded, ...(refused?.entry === entry ? [refused] : [])].map(({ namespace, failure }) => ({
      ...targetIn(namespace),
      excluded: failure,
    })),
  ])
  return sharedSecret(targets) ?? targets
}

/** Secrets of the store that no entry asks for any more, whatever the state of the connector. */
export function obsoleteSecrets(store: ArtifactStore, view: StoreView): ProjectedSecret[] {
  const spec = checkedSpec(store.spec)
  // Nobody knows where a selector leads that can't be followed.
  if (isFailure(spec) || refuseSelectors(spec, view)) return []
  const reaches = reachesOf(store, view)
  const entries = (spec.credentials ?? []).flatMap(entry =>
    secretNamesOf(store.metadata.name, entry).map(secretName => ({ entry, secretName })),
  )
  const byName = Map.groupBy(entries, ({ secretName }) => secretName)
  // Secrets are fewer than the namespaces to which entries may lead.
  return view.secretsOf(keyOf(store)).filter(({ metadata: { namespace = '', name } }) => {
    const asking = byName.get(name) ?? []
    return !asking.some(({ entry }) => reaches.leadsTo(entry, namespace))
  })
}

/**
 * Secrets in other namespaces, which no owner reference deletes together with the store (docs/adr/0014). Those that are
 * deleted already need nothing more of the operator, however long others hold them by a finalizer.
 */
export const secretsElsewhere = (store: ArtifactStore, view: Pick<StoreView, 'secretsOf'>): ProjectedSecret[] =>
  view.secretsOf(keyOf(store)).filter(secret => isElsewhere(secret) && !isGoing(secret))

export const accessOf = ({ access = DEFAULT_ACCESS }: CredentialsEntry): Access => access

const secretNamesOf = (store: string, entry: CredentialsEntry): string[] =>
  secretSuffixes(entry.formats).map(suffix => secretNameOf(store, entry) + suffix)

/** Works out what the namespaces of an entry have in common, once, and returns what makes the target in each of them. */
function planEntry(
  { store, uri, encryption, connection: { connector, identity } }: TargetSource,
  entry: CredentialsEntry,
): (namespace: string) => Target {
  const { name, uid } = store.metadata
  const common = {
    role: entry.name,
    secretName: secretNameOf(name, entry),
    secretNames: secretNamesOf(name, entry),
    location: locationOf({ ...uri, prefix: joinPrefix(uri.prefix, entry.subPath) }, store.spec.clientOptions),
    access: accessOf(entry),
    required: store.spec.verification?.require ?? [],
    durationMs: entry.duration ? durationMs(entry.duration) : identity.sessionDurationMs,
    mountPath: entry.mountPath ?? DEFAULT_MOUNT_PATH,
    formats: entry.formats,
    ...(entry.keys ? { keys: entry.keys } : {}),
    ...(store.spec.clientOptions ? { clientOptions: store.spec.clientOptions } : {}),
  }
  // A request for another look at the connector has all credentials made anew.
  const asked = requestedAt(connector) ?? ''
  const grantOf = remembered((terms: ReturnType<typeof termsOf>) =>
    digestOf([uid, identity.fingerprint, asked, encryption, { ...common, ...terms }, ...renderedDays(store, entry)]),
  )
  const late = tooLong(entry, common.durationMs, identity)
  return namespace => {
    const terms = termsOf(connector, store, namespace)
    const refused = isLent(connector, store, namespace) ? refuseCredentials(entry, identity, connector) : undefined
    const impossible = refused ?? late
    return {
      ...common,
      ...terms,
      namespace,
      cloud: uri.cloud,
      grant: `${grantOf(terms)}.${namespace}`,
      ...(impossible ? { impossible } : {}),
    }
  }
}

/** Computes a value once for each different question: an entry has few, however many namespaces it leads to. */
function remembered<Q, A>(compute: (question: Q) => A): (question: Q) => A {
  const known = new Map<string, A>()
  return question => {
    const key = JSON.stringify(question)
    const answer = known.get(key) ?? compute(question)
    known.set(key, answer)
    return answer
  }
}

/** Expiration days, if a format tells them: a change of the lifecycle rule must not replace other credentials. */
const renderedDays = ({ spec }: ArtifactStore, { formats }: CredentialsEntry): number[] =>
  formats.includes('Turborepo') && spec.bucket?.expirationDays ? [spec.bucket.expirationDays] : []

function tooLong(entry: CredentialsEntry, ms: number, { maxDuration, connector }: Identity): Failure | undefined {
  if (!maxDuration || ms <= maxDuration.ms) return undefined
  const field = `spec.credentials[${entry.name}].duration`
  const why = `credentials of ServiceConnector "${connector}" can't live that long: ${maxDuration.because}`
  const message = entry.duration
    ? `${field}: ${entry.duration}: ${why}: shorten it`
    : `${field} is not set, and sessionDuration of the connector is too long: ${why}: set one of them`
  return stalled('DurationTooLong', message)
}

/** Compares the names that defaults and suffixes lead to; the CRD compares only names that the spec writes out. */
function sharedSecret(targets: Target[]): Failure | undefined {
  const owner = new Map<string, string>()
  for (const { namespace, role, secretNames } of targets) {
    for (const name of secretNames) {
      const other = owner.get(objectKey(namespace, name))
      if (other !== undefined) {
        return stalled(
          'InvalidSpec',
          `spec.credentials: entries "${other}" and "${role}" both lead to Secret "${name}": give one of them another secretName`,
        )
      }
      owner.set(objectKey(namespace, name), role)
    }
  }
  return undefined
}
