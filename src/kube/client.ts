/** The few verbs that the operator needs of the API server. Every call ends with its signal or its deadline. */
import type { JsonPatchOperation } from '../api/json-patch.ts'
import type { KubeObject, ObjectMeta } from '../api/object.ts'
import type { Resource } from './resource.ts'

export type { JsonPatchOperation } from '../api/json-patch.ts'

export interface CallOptions {
  signal?: AbortSignal
  /** Time that this call may take. Default 30 s. */
  timeoutMs?: number
}

export interface WriteOptions extends CallOptions {
  /** Lets admission and validation judge the write, and stores nothing. */
  dryRun?: boolean
}

export interface ListOptions<T = KubeObject> {
  labelSelector?: string
  fieldSelector?: string
  /** Asks for PartialObjectMetadata instead of whole objects. */
  metadataOnly?: boolean
  limit?: number
  /** Makes of each object what the page has of it: no two objects are in memory as they came. Default: the whole objects. */
  keep?: (object: T) => T
  continue?: string
  resourceVersion?: string
  resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

export interface ObjectList<T> {
  items: T[]
  resourceVersion: string
  continue?: string
}

export interface WatchOptions {
  /** Version of a list, an event or a bookmark: the server sends the events after it. */
  resourceVersion: string
  labelSelector?: string
  fieldSelector?: string
  metadataOnly?: boolean
  /** Time after which the server ends the stream. */
  timeoutSeconds: number
  /** Silence after which the stream counts as broken. Bookmarks come about once a minute. */
  idleTimeoutMs: number
  /** Called once the API server has agreed to the watch, which may be long before its first event. */
  onOpen?: () => void
  signal: AbortSignal
}

export interface WatchEvent<T> {
  /** Kind of the change. The object of a bookmark has a resourceVersion and nothing else. */
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  object: T
}

export interface Token {
  token: string
  expiresAt: Date
}

/**
 * All methods reject with `ApiError` (an answer of the API server), `TransportError` (no answer), or the reason of the
 * caller's signal. Objects carry apiVersion and kind of their resource, also where the API server leaves them out or
 * says PartialObjectMetadata.
 */
export interface Client {
  get<T extends KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options?: CallOptions & { metadataOnly?: boolean },
  ): Promise<T>
  /** Reads one page of a list. */
  list<T extends KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    options?: ListOptions<T> & CallOptions,
  ): Promise<ObjectList<T>>
  /** Ends when the server closes the stream. Rejects when it breaks or falls silent, and with WatchError by an ERROR event. */
  watch<T extends KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>
  create<T extends KubeObject>(resource: Resource, object: object, options?: WriteOptions): Promise<T>
  /** Replaces an object by PUT, which carries metadata.resourceVersion for optimistic locking. */
  replace<T extends KubeObject>(resource: Resource, object: T, options?: CallOptions): Promise<T>
  /**
   * Replaces the status of the object of this uid and resourceVersion, and nothing else of it. Who owns which field of
   * metadata is lost where `leavesOwners` says false. Rejects as a conflict when there is another object or version by now.
   */
  replaceStatus<T extends KubeObject>(
    resource: Resource,
    object: Pick<ObjectMeta, 'namespace' | 'name' | 'uid' | 'resourceVersion'>,
    status: object,
    options?: CallOptions,
  ): Promise<T>
  jsonPatch<T extends KubeObject>(
    resource: Resource,
    object: Pick<ObjectMeta, 'namespace' | 'name'>,
    operations: JsonPatchOperation[],
    options?: WriteOptions & {
      subresource?: 'status'
      /** Answers with PartialObjectMetadata instead of the whole object. */
      metadataOnly?: boolean
    },
  ): Promise<T>
  delete(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options?: CallOptions & { uid?: string; resourceVersion?: string },
  ): Promise<void>
  /** Asks for a token of a ServiceAccount by TokenRequest; `expirationSeconds` is at least 600. */
  createToken(
    namespace: string,
    serviceAccount: string,
    request: { audiences: string[]; expirationSeconds: number },
    options?: CallOptions,
  ): Promise<Token>
  /** Reads any path below the server's URL as JSON. */
  raw(path: string, options?: CallOptions): Promise<unknown>
}
