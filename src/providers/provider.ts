/**
 * The contract between reconcilers and clouds. Nothing outside providers/ and formats/ knows which cloud it is,
 * and a provider never sees Kubernetes: others resolve the references for it, and tokens come from a function.
 */
import type { ClientOptions } from '../api/client-options.ts'
import type { Format } from '../api/credentials-entry.ts'
import type { Failure } from '../api/failures.ts'
import type { CredentialMaterial } from '../api/material.ts'
import type { ServiceConnectorSpec } from '../api/service-connector.ts'
import type { Isolation } from './isolation.ts'
import type { Resources, ResourcesRequest, Usage, UsageRequest } from './listed.ts'
import type { Location } from './location.ts'

export type { Resources, ResourcesRequest, Usage, UsageProgress, UsageRequest } from './listed.ts'
export type { Location } from './location.ts'

/** A key of a Secret or ConfigMap that a connector's spec names. */
export interface KeyReference {
  kind: 'Secret' | 'ConfigMap'
  name: string
  key: string
  optional?: boolean
  /** Path of the spec field that names it, for messages: `spec.aws.auth.accessKey.secretName`. */
  field: string
  /** The most bytes that its value may have. Default: those of a key. */
  bytesMax?: number
}

export interface References {
  keys: KeyReference[]
  /** The ServiceAccount whose token is the identity, in the connector's namespace. */
  serviceAccount?: { name: string; audience: string; field: string }
  /** Present when the connector acts as the operator itself, which an administrator must allow its namespace. */
  operatorIdentity?: { field: string }
}

/** What an administrator lends to the connectors of a namespace: the operator's own identity, and how far. */
export interface OperatorIdentityLoan {
  /** Tells this cluster from others, for roles; undefined until it is known. */
  cluster: string | undefined
  /** Hosts and `.suffixes` that may be called with it, besides those of the cloud itself. */
  endpoints: readonly string[]
  /** Clients of Azure that it may be: client ids, resource ids, and `default` for the one that needs no name. */
  clientIds: readonly string[]
}

/** References after the cluster was read for them. Values are secret. */
export interface Resolved {
  /** Value of a key reference; undefined for an optional key that is absent, and for what `References` do not name. */
  value(reference: Pick<KeyReference, 'kind' | 'name' | 'key'>): string | undefined
  serviceAccount?: {
    name: string
    annotations: Record<string, string>
    /** A token for the audience in `References`, cached until shortly before it expires; a Failure, never a throw. */
    token(signal: AbortSignal): Promise<string | Failure>
    /** Tells that the service no longer takes this token, so that the next call of `token` returns another one. */
    refused?(token: string): void
  }
  connector: { namespace: string; name: string; uid: string }
  /** Present when `References` has `operatorIdentity`. */
  operatorIdentity?: OperatorIdentityLoan
}

/** The identity of a connector, with all references resolved. Only its provider knows its other members. */
export interface Identity {
  provider: string
  /** sha256 over everything that makes the identity: when it changes, a new session is opened. Safe to show. */
  fingerprint: string
  /** `namespace/name` of the connector, for messages. */
  connector: string
  /** How long projected credentials live unless `credentials[].duration` says otherwise. */
  sessionDurationMs: number
  /** The longest life of granted credentials, and why: `roles of a chain last 1 hour`. Absent: the service decides. */
  maxDuration?: { ms: number; because: string } | undefined
  /** Set where granted credentials have all rights of the identity: copies of a key, or sessions without a policy. */
  unnarrowed?: true
  /**
   * Texts that show whom it acts as, and where, each with words to say instead: hosts, ARNs, names of Secrets and
   * ServiceAccounts. Those who only borrow the connector see the words.
   */
  confidential?(): [text: string, instead: string][]
  /** Warnings about credentials made with it: that they are copies of a long-lived key, or have rights not narrowed. */
  cautions: string[]
}

/** Who the service says we are: `status.identity`. */
export interface Caller {
  arn?: string
  accountId?: string
  tenantId?: string
  clientId?: string
}

export interface Encryption {
  type: 'None' | 'SSE-S3' | 'SSE-KMS'
  kmsKeyId?: string
}

export interface ProbeRequest {
  location: Location
  encryption: Encryption
  writeProbe: 'Multipart' | 'Object' | 'None'
  /** The ACL that consumers are told to ask for: what is written asks for it, too. S3 only. */
  acl?: NonNullable<ClientOptions['acl']> | undefined
  /** Stable and unique to the store, so that a later probe finds what a crash left behind. */
  probeId: string
  /** Permissions that the store needs to be Ready: they are probed even where that is costly. */
  required: string[]
}

export interface Permission {
  /** Name that the service has for it: `s3:GetObject`. */
  action: string
  result: 'Allowed' | 'Denied' | 'Unknown'
  /** The call that showed the result: `HeadObject of an absent key`. Absent when no call was made. */
  probe?: string
  /** Why it is not Allowed. Has no request ids and no times, which would change the status at each probe. */
  detail?: string
  /** What to do about it, where allowing the action is not all: `assign it the role ...`. */
  cure?: string
  /** It is Unknown as no call was made: it would leave a trace. */
  wouldLeaveTrace?: true
}

/** What the identity may really do at a location. A denied permission is a result here, not a failure. */
export interface Probe {
  kind: 'probe'
  bucket: { name: string; prefix: string; region?: string; versioning?: 'Enabled' | 'Suspended' | 'Disabled' }
  /** What was asked about or found out. */
  permissions: Permission[]
  /** What works, and is not what was asked for: that the service ignores `spec.encryption`. */
  cautions?: string[]
  /** What the probe has written and could not remove, with the cure. */
  leftBehind?: string
}

export type Access = 'ReadWrite' | 'ReadOnly' | 'WriteOnly'

/** What a consumer does with a store, and how it reads its credentials, which tells what kind of consumer it is. */
export interface Use {
  access: Access
  formats: readonly Format[]
}

export interface GrantRequest {
  location: Location
  encryption: Encryption
  access: Access
  /** Permissions that the store requires by name: unusual ones among them are granted too, where the access fits. */
  required?: string[]
  /** The one ACL, such as `bucket-owner-full-control`, that writers may give to what they write. S3 only. */
  acl?: string | undefined
  durationMs: number
  /** Who will use it, for the service's audit log: `namespace.store.role`. */
  sessionName: string
  /**
   * Also asks for the identity itself, for SDKs that exchange its tokens by themselves: it becomes `webIdentity` or
   * `workloadIdentity` of the material.
   */
  webIdentity?: boolean | undefined
  /**
   * Present when the credentials leave the connector's namespace: they then open the location and nothing else, except
   * for the whole container where its owner has agreed to that.
   */
  lent?: { wholeContainer: boolean } | undefined
}

/** Credentials narrowed to a location and an access, unless `Identity.cautions` says otherwise. */
export interface Grant {
  kind: 'grant'
  material: CredentialMaterial
  issuedAt: Date
  /** Absent when the credentials are a copy of a key that does not end. */
  expiresAt?: Date | undefined
  /** Warnings beside `Identity.cautions`: that some rights reach further than was asked for. */
  cautions?: string[]
}

/** Issued credentials, before consumers get them. */
export interface TrialRequest extends Pick<GrantRequest, 'location' | 'encryption' | 'access'> {
  grant: Pick<Grant, 'material'>
  /** Permissions that a probe has shown the identity to have: credentials that were made from it must work for them. */
  proven: string[]
  /** Stable and unique to the store, for names of keys. */
  trialId: string
  /** False where `spec.verification.writeProbe` is None: no call may write, should a service take what it must refuse. */
  mayWrite: boolean
}

/** What `spec.bucket` asks for. Only this is ever changed, and only the operator's own lifecycle rule is deleted. */
export interface BucketRequest {
  location: Location
  create: boolean
  /** Region to create the bucket in; default: the session's. An existing bucket in another region is a Failure. */
  region?: string | undefined
  versioning?: 'Enabled' | 'Suspended' | undefined
  /** Days after which the lifecycle rule on the prefix deletes objects; absent: the rule is removed. */
  expirationDays?: number | undefined
  /** Name of that rule, unique to the store. */
  ruleId: string
  /** Beginning of the names of rules that stores of the same name have left when they ended: those are removed. */
  earlierRules?: string | undefined
  /** Name that the store's rule had before names told clusters apart: such a rule is removed, too. */
  formerRule?: string | undefined
}

export interface Prepared {
  kind: 'prepared'
  /** Changes that were made, for an event: `created the bucket`. Empty when nothing had to change. */
  changes: string[]
}

/**
 * An open identity. All calls have deadlines of their own and also end with `signal`: they reject with its reason, and
 * with nothing else. A probe first cleans up what it has begun to write, and a question that callers share goes on for
 * the others. A Failure that is a Rejection says that the service has refused the session's credentials: whoever holds
 * the session opens another. Where that would prove nothing, as for a SAS token, a refusal is an ordinary Failure.
 */
export interface Session {
  /** Who the service says the session is; empty where the service does not say. */
  readonly caller: Caller
  /** Name of the identity, for messages: the caller's ARN, or the role or key that was asked for. */
  readonly principal: string
  /** When the session's own credentials end; undefined for keys that do not expire. */
  readonly expiresAt: Date | undefined
  /** Why it is not sure that the service knows the credentials: it has refused whatever could show that. */
  readonly unproven?: string | undefined
  /** Tells what is allowed; a Failure when the bucket is missing, unreachable or in another region. */
  probe(request: ProbeRequest, signal: AbortSignal): Promise<Probe | Failure>
  grant(request: GrantRequest, signal: AbortSignal): Promise<Grant | Failure>
  /** Tries what `grant` returned, and leaves no trace: the Failure `IssuedCredentialsRefused` when it does not work. */
  tryIssued(request: TrialRequest, signal: AbortSignal): Promise<Isolation | Failure>
  /**
   * Makes the bucket what `spec.bucket` asks for; a second time it changes nothing. For what a cloud does not have, such
   * as lifecycle rules, the API server refuses to be asked. A Failure that is a BeforeRule says that it has not come to
   * the rule.
   */
  prepare(request: BucketRequest, signal: AbortSignal): Promise<Prepared | Failure>
  resources(request: ResourcesRequest, signal: AbortSignal): Promise<Resources | Failure>
  measure(request: UsageRequest, signal: AbortSignal): Promise<Usage | Failure>
  /** Lets go of connections. A call after `close` takes them again, until the next `close`. */
  close(): void
}

/** A session that everyone with the same identity uses. */
export interface SharedSession extends Session {
  /** When the service last refused a session of this identity: credentials granted before then may no longer work. */
  readonly refusedAt?: Date | undefined
  /** Why the next session can't be opened, although this one still works. */
  readonly trouble?: Failure | undefined
}

export interface Provider {
  /** Member of the connector's spec that the provider implements. */
  readonly name: 'aws' | 'azure'
  /** Pure: what to read from the cluster before `identity` is called. */
  references(spec: ServiceConnectorSpec): References
  /** Pure: the identity of a connector, or why it can have none. */
  identity(spec: ServiceConnectorSpec, resolved: Resolved): Identity | Failure
  /** Pure: why a store can't be where it wants to be, as far as names of buckets and regions tell. */
  refuses?(identity: Identity, request: BucketRequest): Failure | undefined
  open(identity: Identity, signal: AbortSignal): Promise<Session | Failure>
  /**
   * Pure: where calls of this connector go. Objects of one group only wait for each other, so nobody may choose the group
   * of others by a name alone: it is made of the hosts that are called. Where only a Secret knows them, it is that Secret.
   */
  group(spec: ServiceConnectorSpec, namespace: string): string
  /** Lets one call through to each endpoint of this connector that does not answer: somebody has asked for a look. */
  letThrough?(spec: ServiceConnectorSpec, namespace: string): void
  /** Pure: the permissions that gate Ready for these consumers, when the store names none. */
  requiredPermissions(uses: Use[]): string[]
  /** Those of them that mean nothing in a bucket without versions. */
  versionPermissions: readonly string[]
}

/** Open sessions, shared by everyone with the same identity. */
export interface SessionSource {
  /** `user`: key of the store that uses it; it is not woken by what it reports itself. */
  get(identity: Identity, signal: AbortSignal, user?: string): Promise<SharedSession | Failure>
}
