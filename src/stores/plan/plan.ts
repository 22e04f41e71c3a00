/** Pure: a store's spec and the caches -> what to prepare, verify, project and measure, or why not. */
import {
  type ArtifactStore,
  type ArtifactStoreSpec,
  type CredentialsEntry,
  DEFAULT_USAGE_INTERVAL,
  DEFAULT_VERIFICATION_INTERVAL,
} from '../../api/artifact-store.ts'
import { type Failure, isFailure } from '../../api/failures.ts'
import { requestedAt } from '../../api/requested-at.ts'
import { durationMs } from '../../api/time.ts'
import { parseStoreUri } from '../../api/uri.ts'
import type { Providers } from '../../connectors/plan.ts'
import type {
  BucketRequest,
  Encryption,
  Identity,
  Location,
  ProbeRequest,
  UsageRequest,
  Use,
} from '../../providers/provider.ts'
import { checkedSpec } from './checked-spec.ts'
import { planConnection } from './connection.ts'
import { digestOf } from './digest.ts'
import { refuseSetup } from './lending.ts'
import { rulesOf } from './lifecycle-rule.ts'
import { locationOf } from './location.ts'
import { refuseSelectors } from './namespaces.ts'
import { accessOf, planTargets, type Target } from './targets.ts'
import type { StoreView } from './view.ts'

export interface StorePlan {
  kind: 'plan'
  identity: Identity
  /** Whether the connector is of another namespace. */
  isBorrowed: boolean
  location: Location
  encryption: Encryption
  /** The ACL that writers ask for. */
  acl: ProbeRequest['acl']
  /** What `spec.bucket` asks for, which may be nothing. */
  bucket: BucketRequest
  /** Why `spec.bucket` is not followed, so that a rule which the operator has made goes. */
  bucketRefused: Failure | undefined
  writeProbe: 'Multipart' | 'Object' | 'None'
  required: string[]
  /** Present when the store names none itself: those that count only where the bucket has versions. */
  requiredByDefault: { withVersions: readonly string[] } | undefined
  /** Whether credentials that are not proven to be isolated are given out to nobody. */
  isolationRequired: boolean
  verifyIntervalMs: number
  /** Changes when the last verification no longer counts. */
  verificationKey: string
  /** Changes when somebody asks for another look, at the store or at its connector. */
  requestedAt: string
  /** The part of it that was asked at the connector, for which all credentials are made anew. */
  connectorRequest: string | undefined
  targets: Target[]
  /** Entries of `spec.credentials` that lead to no namespace now. */
  unmatched: string[]
  usage: UsagePlan | undefined
}

export interface UsagePlan {
  source: UsageRequest['source']
  intervalMs: number
}

export function planStore(store: ArtifactStore, view: StoreView, providers: Providers): StorePlan | Failure {
  const spec = checkedSpec(store.spec)
  if (isFailure(spec)) return spec
  const unreadable = refuseSelectors(spec, view)
  if (unreadable) return unreadable
  const uri = parseStoreUri(spec.path)
  if (isFailure(uri)) return uri
  const connection = planConnection(store, uri, view, providers)
  if (isFailure(connection)) return connection
  const { identity, provider, isBorrowed } = connection

  const location = locationOf(uri, spec.clientOptions)
  const bucketRefused = refuseSetup(store, spec, connection.connector)
  const wishes = bucketRefused ? {} : wishesOf(spec)
  const bucket = { location, create: false, ...wishes, ...rulesOf(store, view) }
  const unusable = provider.refuses?.(identity, bucket)
  if (unusable) return unusable
  const encryption = spec.encryption ?? { type: 'None' }
  const entries = spec.credentials ?? []
  const targets = planTargets({ store, uri, encryption, connection }, entries, view)
  if (isFailure(targets)) return targets
  const connectorRequest = requestedAt(connection.connector)
  const requests = [requestedAt(store), connectorRequest].join()
  const { path, verification = {} } = spec
  const { isolation: _, ...probing } = verification
  return {
    kind: 'plan',
    identity,
    isBorrowed,
    location,
    encryption,
    acl: spec.clientOptions?.acl,
    bucket,
    bucketRefused,
    writeProbe: verification.writeProbe ?? 'Multipart',
    required: verification.require ?? provider.requiredPermissions(entries.map(useOf)),
    requiredByDefault: verification.require ? undefined : { withVersions: provider.versionPermissions },
    isolationRequired: verification.isolation === 'Required',
    verifyIntervalMs: durationMs(verification.interval ?? DEFAULT_VERIFICATION_INTERVAL),
    verificationKey: digestOf([identity.fingerprint, path, encryption, wishes, probing, requests, ...told(spec)]),
    requestedAt: requests,
    connectorRequest,
    targets,
    unmatched: entries.map(({ name }) => name).filter(name => !targets.some(({ role }) => role === name)),
    usage: planUsage(spec),
  }
}

/** What the operator's own calls do, too, as consumers are told to. */
const told = ({ clientOptions: { acl, requesterPays } = {} }: ArtifactStoreSpec) => [acl, requesterPays]

const useOf = (entry: CredentialsEntry): Use => ({ access: accessOf(entry), formats: entry.formats })

function wishesOf({ bucket = {} }: ArtifactStoreSpec): Omit<typeof bucket, 'expirationOfWholeBucket'> {
  const { expirationOfWholeBucket: _, ...wishes } = bucket
  return wishes
}

function planUsage({ usage }: ArtifactStoreSpec): UsagePlan | undefined {
  if (!usage || usage.source === 'None') return undefined
  return { source: usage.source, intervalMs: durationMs(usage.interval ?? DEFAULT_USAGE_INTERVAL) }
}
