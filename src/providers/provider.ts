/**
 * The contract between reconcilers and clouds. Nothing outside providers/ and formats/ knows which cloud it is,
 * and a provider never sees Kubernetes: references are resolved for it, tokens come from a function.
 */
import type { Failure } from '../api/failures.ts'
import type { CredentialMaterial } from '../api/material.ts'
import type { ServiceConnectorSpec } from '../api/service-connector.ts'

/** A key of a Secret or ConfigMap that a connector's spec names. */
export interface KeyReference {
  kind: 'Secret' | 'ConfigMap'
  name: string
  key: string
  optional?: boolean
  /** Path of the spec field that names it, for messages: `spec.aws.auth.accessKey.secretName`. */
  field: string
}

export interface References {
  keys: KeyReference[]
  /** The ServiceAccount whose token is the identity, in the connector's namespace. */
  serviceAccount?: { name: string; audience: string; field: string }
  /** Acts with the operator's own identity, which an administrator must have allowed for the namespace. */
  operatorIdentity?: { field: string }
}

/** References after they were read. Values are secret. */
export interface Resolved {
  /** Value of a key reference; undefined for an optional key that is absent, and for what `References` do not name. */
  value(reference: Pick<KeyReference, 'kind' | 'name' | 'key'>): string | undefined
  serviceAccount?: {
    name: string
    annotations: Record<string, string>
    /** A token for the audience in `References`, cached until shortly before it expires; a Failure, never a throw. */
    token(signal: AbortSignal): Promise<string | Failure>
    /** The service takes this token no more: the next one must be another. */
    refused?(token: string): void
  }
  connector: { namespace: string; name: string; uid: string }
}

/** Who to be, fully resolved. Opaque outside its provider. */
export interface Identity {
  provider: string
  /** sha256 over everything the identity is made of: a change means another session. Safe to show. */
  fingerprint: string
  /** `namespace/name` of the connector, for messages. */
  connector: string
  /** How long projected credentials live unless `credentials[].duration` says otherwise. */
  sessionDurationMs: number
  /** The longest that granted credentials can live, and why: `roles of a chain last 1 hour`. Absent: up to the service. */
  maxDuration?: { ms: number; because: string } | undefined
  /** What people must know of credentials made with it: copies of a long-lived key, rights that are not narrowed. */
  cautions: string[]
}

/** Who the service says we are: `status.identity`. */
export interface Caller {
  arn?: string
  accountId?: string
  tenantId?: string
  clientId?: string
}

export interface Location {
  bucket: string
  /** `''` or ends with `/`. */
  prefix: string
  /** `s3://bucket/prefix`, as the user wrote it; for messages. */
  uri: string
  /** That the path names: `account.dfs.core.windows.net`. */
  host?: string
}

export interface Encryption {
  type: 'None' | 'SSE-S3' | 'SSE-KMS'
  kmsKeyId?: string
}

export interface ProbeRequest {
  location: Location
  encryption: Encryption
  writeProbe: 'Multipart' | 'Object' | 'None'
  /** Stable and unique to the store, so that what a crash left behind is found again. */
  probeId: string
  /** Permissions that gate Ready: probed also where they are costly. */
  required: string[]
}

export interface Permission {
  /** In the service's own words: `s3:GetObject`. */
  action: string
  result: 'Allowed' | 'Denied' | 'Unknown'
  /** The call that showed it: `HeadObject of an absent key`. Absent when none was made. */
  probe?: string
  /** Why not Allowed; absent when Allowed. No request ids or times: status must not churn. */
  detail?: string
  /** What to do about a denial, where that is more than to allow it: `assign it the role ...`. */
  cure?: string
}

/** What the identity may really do at a location. A denial is a value here, not a failure. */
export interface Probe {
  kind: 'probe'
  bucket: { name: string; prefix: string; region?: string; versioning?: 'Enabled' | 'Suspended' | 'Disabled' }
  permissions: Permission[]
}

export type Access = 'ReadWrite' | 'ReadOnly' | 'WriteOnly'

export interface GrantRequest {
  location: Location
  encryption: Encryption
  access: Access
  /** Permissions that the store requires by name: those beside the usual ones are granted too, where the access fits. */
  required?: string[]
  durationMs: number
  /** Who will use it, for the service's audit log: `namespace.store.role`. */
  sessionName: string
  /** Also the identity itself, for SDKs that exchange its tokens by themselves: `webIdentity`, `workloadIdentity` of the material. */
  webIdentity?: boolean | undefined
}

/** Credentials narrowed to a location and an access, as far as `Identity.cautions` does not say otherwise. */
export interface Grant {
  kind: 'grant'
  material: CredentialMaterial
  issuedAt: Date
  /** Absent for copies of a key that does not end. */
  expiresAt?: Date | undefined
  /** What people must know of them besides `Identity.cautions`: rights that reach further than was asked for. */
  cautions?: string[]
}

/** What `spec.bucket` asks for. Nothing but this is ever changed, and nothing is deleted but the operator's own rule. */
export interface BucketRequest {
  location: Location
  create: boolean
  /** Where to create it; absent: where the session is. An existing bucket elsewhere is a Failure. */
  region?: string | undefined
  versioning?: 'Enabled' | 'Suspended' | undefined
  /** Days of the one lifecycle rule on the prefix; absent: the rule is removed. */
  expirationDays?: number | undefined
  /** Name of that rule, unique to the store. */
  ruleId: string
}

export interface Prepared {
  kind: 'prepared'
  /** What was changed, for an event: `created the bucket`. Empty when all was as it should be. */
  changes: string[]
}

/** Buckets that the identity can list. */
export interface Resources {
  kind: 'resources'
  /** Sorted by uri; at most as many as were asked for. */
  resources: { uri: string; region?: string | undefined }[]
  truncated: boolean
}

export interface ResourcesRequest {
  /** `spec.resources` of the connector: only these count. Empty: all. */
  patterns: string[]
  max: number
}

export interface UsageRequest {
  location: Location
  source: 'CloudWatch' | 'List'
  /** What an earlier call has counted already. */
  progress?: UsageProgress | undefined
}

/** Listing is bounded a call; this is how far it came. */
export interface UsageProgress {
  objects: number
  bytes: number
  /** Where to go on, in the cloud's own terms: the last key that was counted, or a marker. */
  after: string
}

export interface Usage {
  kind: 'usage'
  objects: number
  bytes: number
  /** CloudWatch knows whole buckets only. */
  scope: 'Bucket' | 'Prefix'
  /** Present: not all is counted yet, go on with this. */
  progress?: UsageProgress | undefined
}

/**
 * An open identity. All calls have deadlines of their own and also end with `signal`: they reject with its reason, and
 * with nothing else. A probe first cleans up what it has begun to write, and a question that callers share goes on for
 * the others. A Failure that is a Rejection says that the service has refused the session's credentials: whoever holds
 * the session opens another. Where that would prove nothing, as for a SAS token, a refusal is an ordinary Failure.
 */
export interface Session {
  /** What the service says; empty where it says nothing. */
  readonly caller: Caller
  /** Who the session acts as, for people: the caller's ARN, or the role or key that was asked for. */
  readonly principal: string
  /** When the identity's own credentials end; undefined for keys that do not expire. */
  readonly expiresAt: Date | undefined
  /** A Failure when the bucket can't be judged: missing, unreachable, wrong region. */
  probe(request: ProbeRequest, signal: AbortSignal): Promise<Probe | Failure>
  grant(request: GrantRequest, signal: AbortSignal): Promise<Grant | Failure>
  /**
   * Makes the bucket what `spec.bucket` asks for; a second time it changes nothing. For what a cloud does not have, such
   * as lifecycle rules, the API server refuses to be asked.
   */
  prepare(request: BucketRequest, signal: AbortSignal): Promise<Prepared | Failure>
  resources(request: ResourcesRequest, signal: AbortSignal): Promise<Resources | Failure>
  measure(request: UsageRequest, signal: AbortSignal): Promise<Usage | Failure>
  /** Lets go of connections. A call after it takes them again, until the next one. */
  close(): void
}

/** A session in the hands of everyone with the same identity. */
export interface SharedSession extends Session {
  /** When an earlier session of this identity was refused: what was granted before may work no more. */
  readonly refusedAt?: Date | undefined
  /** Why the next session can't be opened, while this one still works. */
  readonly trouble?: Failure | undefined
}

export interface Provider {
  /** The member of the connector's spec it implements. */
  readonly name: 'aws' | 'azure'
  /** Pure: what must be read from the cluster before `identity`. */
  references(spec: ServiceConnectorSpec): References
  /** Pure: who to be, or why that is impossible. */
  identity(spec: ServiceConnectorSpec, resolved: Resolved): Identity | Failure
  open(identity: Identity, signal: AbortSignal): Promise<Session | Failure>
  /** Pure: what calls of this connector go to, such as a host. Objects of one group wait for each other, not for others. */
  group(spec: ServiceConnectorSpec): string
  /** Pure: the permissions that gate Ready for these accesses, when the store names none. */
  requiredPermissions(accesses: Access[]): string[]
}

/** Open sessions, shared by everyone with the same identity. */
export interface SessionSource {
  get(identity: Identity, signal: AbortSignal): Promise<SharedSession | Failure>
}
