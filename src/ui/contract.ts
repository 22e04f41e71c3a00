/**
 * Pure: all that crosses between the page and its server on loopback, as JSON. Times are RFC 3339 in UTC, sizes are bytes.
 * Texts are as the cluster has them, bounded but hostile: a page shows them as text, never as markup.
 *
 * The URL of the page carries the token in its fragment, `http://127.0.0.1:PORT/#token=TOKEN`, which a browser sends
 * nowhere. The page takes it from there, removes it from the URL (history.replaceState), keeps it in sessionStorage, and
 * sends it with each call below `/api/` as `Authorization: Bearer TOKEN`. The URL with which the program opens a browser
 * has `#code=CODE` instead, for which the page gets a token of its own, once. Files of the page itself need no token. The
 * answer to each GET and POST is JSON of the type that stands beside it; one that is not 200 is a `Refusal`.
 *
 * | call | body | answer |
 * |---|---|---|
 * | POST /api/session | `EntryRequest` | `Entry`; the only call without a token |
 * | GET /api/changes | | a stream of `Change`s as text/event-stream, by fetch(): EventSource sends no headers |
 * | GET /api/stores/NAMESPACE/NAME | | `StoreDetail` |
 * | GET /api/connectors/NAMESPACE/NAME | | `ConnectorDetail` |
 * | GET /api/trouble | | `Trouble` |
 * | POST /api/actions/verify, POST /api/actions/refresh | `ActionRequest` | `Outcome[]`, once it is known: up to 2 minutes |
 * | POST /api/cures/ID/preview | `{}` | `CurePreview`: what the API server would make of it, by a dry run |
 * | POST /api/cures/ID | `CureRequest` | `CureOutcome`, once it is known: up to 2 minutes |
 *
 * A POST has `Content-Type: application/json`. The page's Content-Security-Policy allows scripts, styles, images, fonts and
 * workers from its own files only, nothing inline, and by Trusted Types no markup from text at all.
 */
import type { Condition } from '../api/conditions.ts'
import type { Health } from '../cli/overview/health.ts'

export type {
  CureOutcome,
  CurePreview,
  CureRequest,
  Finding,
  FindingCure,
  Subject,
  Trouble,
} from './contract-trouble.ts'
export type { Condition, Health }

/** `namespace/name`. */
export type Key = string

/**
 * One word for the colour of an object. Ready. Trouble: Ready, but something fails that does not reach consumers yet.
 * Working: not Ready, and it may pass. Stalled: a person must act. Suspended: on purpose. Unseen: the operator has not
 * looked at it.
 */
export type State = 'Ready' | 'Trouble' | 'Working' | 'Stalled' | 'Suspended' | 'Unseen'

/** What a connector and a store have in common. */
interface Item {
  key: Key
  namespace: string
  name: string
  state: State
  /** Messages are cut at 300 characters here; the detail has all of them. */
  health: Health
  /** How many things people should know although it works. */
  cautions: number
}

export interface ConnectorItem extends Item {
  cloud: 'aws' | 'azure'
  /** Whom it acts as. */
  principal?: string
  /** When its identity's own credentials end. */
  expiresAt?: string
  /** How many stores use it in all namespaces, as the operator counts them. */
  storesInAll?: number
}

export interface StoreItem extends Item {
  cloud: 'aws' | 'azure'
  displayName?: string
  /** `spec.path`: `s3://bucket/prefix`. */
  uri: string
  /** Key of its connector, which may be none of the snapshot's: not there, or out of reach. */
  connector: Key
  isDefault: boolean
  usage?: { objects: number; bytes: number; scope: 'Bucket' | 'Prefix'; measuredAt: string }
  secrets: SecretItem[]
  /** How many Secrets `secrets` lacks, as status has no room for them. */
  secretsOmitted?: number
}

/** A Secret of a store. Its values are never here: the server does not read them. */
export interface SecretItem {
  namespace: string
  name: string
  /** Name of the entry in `spec.credentials`. */
  role: string
  formats: string[]
  /** Absent: its credentials do not end. */
  expiresAt?: string
  /** Absent where the person may not list Secrets, or its credentials do not end. */
  issuedAt?: string
  refreshAt?: string
  caution?: string
}

/** What the page is about. */
export interface Context {
  /** As messages call the cluster: `context "prod"`. */
  where: string
  /** Absent: all namespaces. */
  namespace?: string
  /** Version of this program. */
  version: string
}

/** How well the server is connected to what it watches. */
export interface Link {
  what: 'connectors' | 'stores' | 'secrets'
  /** Live: as the cluster has it. Broken: rows may be old; it tries again by itself. Denied: a right is missing. */
  state: 'Live' | 'Broken' | 'Denied'
  /** Why, and the cure; absent where it is Live. */
  words?: string
  /** Since when it is not Live, by the API server's clock; absent where it is. */
  since?: string
}

export interface Snapshot {
  context: Context
  links: Link[]
  connectors: ConnectorItem[]
  stores: StoreItem[]
}

/**
 * An event of the stream: `data` is one of these. A snapshot comes first, and again whenever the page must forget what it
 * has. Silence of more than 30 s means that the stream is dead: the server writes a comment line each 10 s.
 */
export type Change =
  /** `now`: the API server's time, as far as it is known, for bars that move. */
  | { kind: 'snapshot'; now: string; snapshot: Snapshot }
  /** What is different since the last event: whole rows by key, and keys that are gone. Absent members: nothing. */
  | {
      kind: 'update'
      now: string
      links?: Link[]
      connectors?: ConnectorItem[]
      stores?: StoreItem[]
      goneConnectors?: Key[]
      goneStores?: Key[]
    }

export interface StoreDetail {
  store: StoreItem
  /** The store's connector, as far as the person may read it. */
  connector?: ConnectorItem
  /** connector -> bucket -> access -> credentials, in this order: each of the four is there. */
  steps: Step[]
  /** All conditions of status, those of the steps among them. */
  conditions: Condition[]
  /** What people should know although it works. */
  cautions: string[]
  /** What the connector may really do at the bucket. */
  permissions: { action: string; result: 'Allowed' | 'Denied' | 'Unknown'; probe?: string; detail?: string }[]
  bucket?: { name: string; prefix: string; region?: string; versioning?: string; expirationDays?: number }
  /** The newest first, 50 at most; absent where the person may not list them: see `notes`. */
  events?: EventItem[]
  /** The object without managedFields: 256 KiB at most, and cut with a comment after that. */
  yaml: string
  /** What a pod of the consumer says, one for each Secret and format. */
  snippets: Snippet[]
  /** What the two actions are as commands for a POSIX shell. */
  commands: { verify: string; refresh: string }
  /** Rights that are missing, in words. */
  notes: string[]
}

export interface ConnectorDetail {
  connector: ConnectorItem
  /** authentication -> buckets, where spec.resources names some -> privileges. */
  steps: Step[]
  /** All conditions of status, those of the steps among them. */
  conditions: Condition[]
  /** What people should know although it works. */
  cautions: string[]
  /** Who the service says that it is, as status has it. */
  identity: { arn?: string; accountId?: string; tenantId?: string; clientId?: string }
  /** How long credentials that are issued through it live: `1h`. */
  sessionDuration: string
  /** Buckets that it can list; absent where it may list none, or was not asked. */
  resources?: { uri: string; region?: string }[]
  /** There are more of them. */
  resourcesTruncated?: boolean
  /** As of a store. */
  events?: EventItem[]
  yaml: string
  commands: { verify: string; refresh: string }
  notes: string[]
}

export interface Step {
  name: 'connector' | 'bucket' | 'access' | 'credentials' | 'authentication' | 'buckets' | 'privileges'
  /** Waiting: not reached yet, as a step before it is not done. */
  state: 'Done' | 'Caution' | 'Failed' | 'Waiting'
  /** Empty where nobody has looked yet. */
  reason: string
  message: string
  /** When its state last changed; absent where nobody has looked yet. */
  since?: string
}

export interface EventItem {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  count: number
  lastSeen: string
}

export interface Snippet {
  format: string
  /** Name of the Secret. */
  secret: string
  /** To copy: YAML of a container with its volumes for a pod of that namespace, or a command where no pod takes it. */
  text: string
  /** Consumers that read the format. */
  consumers: string[]
  namespace: string
}

export interface ActionRequest {
  kind: 'store' | 'connector'
  namespace: string
  name: string
}

/** What came of a request for one object. */
export interface Outcome {
  kind: 'store' | 'connector'
  namespace: string
  name: string
  /** What was done, in words: `verification asked for`. */
  done: string
  /** Failed: it was done, and the object is not well. Late: no result in time. NotAwaited: there is none to wait for. */
  result: 'Done' | 'Failed' | 'Late' | 'NotAwaited'
  health?: Health
  detail?: string
}

export interface EntryRequest {
  code: string
}

export interface Entry {
  token: string
}

/** An answer that is not 200. */
export interface Refusal {
  /**
   * NoToken (401): wrong, or from an earlier start of the server. Forbidden (403): a request that no page of this server
   * makes, or a right that is missing. NotFound (404). Changed (409): a cure that was not shown so. Busy (429): too much at
   * the same time. Invalid (400, 405, 413, 415). Failed (422): the cluster refused it. Broken (502): no answer of the
   * cluster.
   */
  code: 'NoToken' | 'Forbidden' | 'NotFound' | 'Changed' | 'Busy' | 'Invalid' | 'Failed' | 'Broken'
  /** What, where, and what to do. */
  words: string
}
