/** The few verbs the operator needs, over one transport. Every call ends with its signal or its deadline. */
import type { KubeObject, ObjectMeta } from '../api/object.ts'
import type { Resource } from './resource.ts'

export interface CallOptions {
  signal?: AbortSignal
  /** Deadline of this call. Default 30 s. */
  timeoutMs?: number
}

export interface JsonPatchOperation {
  op: 'add' | 'replace' | 'remove' | 'test'
  path: string
  value?: unknown
}

export interface ListOptions {
  labelSelector?: string
  fieldSelector?: string
  /** PartialObjectMetadata instead of whole objects. */
  metadataOnly?: boolean
  limit?: number
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
  /** Of a list, an event or a bookmark: events after it are sent. */
  resourceVersion: string
  labelSelector?: string
  fieldSelector?: string
  metadataOnly?: boolean
  /** The server ends the stream after this long. */
  timeoutSeconds: number
  /** The stream counts as broken when it is silent for this long. Bookmarks come about once a minute. */
  idleTimeoutMs: number
  signal: AbortSignal
}

export interface WatchEvent<T> {
  /** The object of a bookmark has a resourceVersion and nothing else. */
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
  /** One page. */
  list<T extends KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    options?: ListOptions & CallOptions,
  ): Promise<ObjectList<T>>
  /** Ends when the server closes the stream; rejects on a broken or silent one (`idleTimeoutMs`) and on ERROR events. */
  watch<T extends KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>
  create<T extends KubeObject>(resource: Resource, object: object, options?: CallOptions): Promise<T>
  /** PUT; carries metadata.resourceVersion for optimistic locking. */
  replace<T extends KubeObject>(resource: Resource, object: T, options?: CallOptions): Promise<T>
  jsonPatch<T extends KubeObject>(
    resource: Resource,
    object: Pick<ObjectMeta, 'namespace' | 'name'>,
    operations: JsonPatchOperation[],
    options?: CallOptions,
  ): Promise<T>
  /** Server-side apply as the operator, with force. */
  apply<T extends KubeObject>(
    resource: Resource,
    object: { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } },
    options?: CallOptions & { subresource?: 'status' },
  ): Promise<T>
  delete(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options?: CallOptions & { uid?: string; resourceVersion?: string },
  ): Promise<void>
  /** TokenRequest. `expirationSeconds` >= 600. */
  createToken(
    namespace: string,
    serviceAccount: string,
    request: { audiences: string[]; expirationSeconds: number },
    options?: CallOptions,
  ): Promise<Token>
  /** GET of any path below the server, parsed as JSON. */
  raw(path: string, options?: CallOptions): Promise<unknown>
}
