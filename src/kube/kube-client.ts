/** The Client over a Transport: the paths, bodies and content types of the API's verbs. */
import { OPERATOR } from '../api/names.ts'
import type { KubeObject } from '../api/object.ts'
import type { CallOptions, Client, ListOptions, ObjectList, WatchEvent, WatchOptions } from './client.ts'
import { TransportError } from './errors.ts'
import { type Resource, resourcePath, SERVICE_ACCOUNTS } from './resource.ts'
import { type Request, type Transport, type Verb, what } from './transport.ts'
import { decodeWatch } from './watch-stream.ts'

export interface ClientOptions {
  /**
   * Asked before each attempt to change something. When it says false, as on a replica that has lost the lead, the call
   * rejects with a TransportError. A TokenRequest changes nothing and is always sent. Default: always true.
   */
  mayWrite?: () => boolean
  /** Who is said to own the fields that are written. Default: the operator. */
  fieldManager?: string
}

/** Makes a client. Clients are cheap and share the transport: the leader election has one without `mayWrite`. */
export function createClient(
  transport: Transport,
  { mayWrite = () => true, fieldManager = OPERATOR }: ClientOptions = {},
): Client {
  const writeQuery = (dryRun = false) => queryOf({ fieldManager, dryRun: dryRun ? 'All' : undefined })
  const write = (request: Request): Promise<unknown> =>
    transport.send({
      ...request,
      guard() {
        if (!mayWrite()) throw new TransportError(`${what(request)}: not sent: this replica does not have the lead`)
      },
    })

  return {
    async get(resource, namespace, name, { metadataOnly, ...options } = {}) {
      const path = resourcePath(resource, namespace, name)
      return stamp(
        resource,
        await transport.send({ ...call('get', resource.plural, path, options), ...accept('', metadataOnly) }),
      )
    },

    async list<T extends KubeObject>(
      resource: Resource,
      namespace: string | undefined,
      options: ListOptions<T> & CallOptions = {},
    ): Promise<ObjectList<T>> {
      const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch, keep } = options
      const path = resourcePath(resource, namespace)
      const query = queryOf({
        labelSelector,
        fieldSelector,
        limit,
        continue: options.continue,
        resourceVersion,
        resourceVersionMatch,
      })
      const list = (await transport.send({
        ...call('list', resource.plural, path + query, options),
        ...accept('List', options.metadataOnly),
        keep: keep && (item => keep(stamp(resource, item))),
      })) as { metadata: { resourceVersion: string; continue?: string }; items: T[] | null }
      if (!keep) for (const item of list.items ?? []) stamp(resource, item)
      return {
        items: list.items ?? [],
        resourceVersion: list.metadata.resourceVersion,
        ...(list.metadata.continue && { continue: list.metadata.continue }),
      }
    },

    async *watch<T extends KubeObject>(
      resource: Resource,
      namespace: string | undefined,
      options: WatchOptions,
    ): AsyncGenerator<WatchEvent<T>> {
      const { resourceVersion, labelSelector, fieldSelector, timeoutSeconds, idleTimeoutMs, signal } = options
      const query = queryOf({
        watch: 1,
        allowWatchBookmarks: true,
        resourceVersion,
        labelSelector,
        fieldSelector,
        timeoutSeconds,
      })
      const request = {
        ...call('watch', resource.plural, resourcePath(resource, namespace) + query, {}),
        ...accept('', options.metadataOnly),
        signal,
      }
      const body = await transport.stream(request)
      options.onOpen?.()
      for await (const event of decodeWatch<T>(body, { what: what(request), idleTimeoutMs, signal })) {
        stamp(resource, event.object)
        yield event
      }
    },

    async create(resource, object, { dryRun, ...options } = {}) {
      const { namespace } = (object as { metadata?: { namespace?: string } }).metadata ?? {}
      const path = resourcePath(resource, namespace) + writeQuery(dryRun)
      return stamp(resource, await write({ ...call('create', resource.plural, path, options), body: object }))
    },

    async replace(resource, object, options) {
      const { namespace, name } = object.metadata
      const path = resourcePath(resource, namespace, name) + writeQuery()
      return stamp(resource, await write({ ...call('update', resource.plural, path, options), body: object }))
    },

    async replaceStatus(resource, { namespace, name, uid, resourceVersion }, status, options) {
      const path = resourcePath(resource, namespace, name, 'status') + writeQuery()
      const { apiVersion, kind, plural } = resource
      // Of the other members the API server takes none, and keeps those that it has (docs/adr/0036).
      const body = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, status }
      return stamp(resource, await write({ ...call('update', `${plural}/status`, path, options), body }))
    },

    async jsonPatch(resource, { namespace, name }, operations, { subresource, dryRun, metadataOnly, ...options } = {}) {
      const path = resourcePath(resource, namespace, name, subresource) + writeQuery(dryRun)
      const label = subresource ? `${resource.plural}/${subresource}` : resource.plural
      const contentType = 'application/json-patch+json'
      const request = {
        ...{ ...call('patch', label, path, options), ...accept('', metadataOnly) },
        ...{ contentType, body: operations },
      }
      return stamp(resource, await write(request))
    },

    async delete(resource, namespace, name, { uid, resourceVersion, ...options } = {}) {
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid, resourceVersion } }
      await write({ ...call('delete', resource.plural, resourcePath(resource, namespace, name), options), body })
    },

    async createToken(namespace, serviceAccount, spec, options) {
      const path = resourcePath(SERVICE_ACCOUNTS, namespace, serviceAccount, 'token')
      const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec }
      const request = { ...call('create', 'serviceaccounts/token', path, options), body }
      const { status } = (await transport.send(request)) as { status: { token: string; expirationTimestamp: string } }
      return { token: status.token, expiresAt: new Date(status.expirationTimestamp) }
    },

    raw: (path, options) => transport.send(call('get', 'raw', path, options)),
  }
}

function call(verb: Verb, resource: string, path: string, { signal, timeoutMs }: CallOptions = {}): Request {
  return { verb, resource, path, signal, timeoutMs }
}

function accept(suffix: '' | 'List', metadataOnly: boolean | undefined): Pick<Request, 'accept'> {
  return metadataOnly ? { accept: `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1` } : {}
}

function queryOf(parameters: Record<string, string | number | boolean | undefined>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  const text = query.toString()
  return text && `?${text}`
}

/** Sets apiVersion and kind: items of lists have none, and metadata says PartialObjectMetadata. */
function stamp<T extends KubeObject>(resource: Resource, object: unknown): T {
  return Object.assign(object as T, { apiVersion: resource.apiVersion, kind: resource.kind })
}
