/** An API server that stores Secrets in memory, with admission that a test makes up. */
import type { KubeObject } from '../../src/api/object.ts'
import type { CallOptions, Client, JsonPatchOperation, WriteOptions } from '../../src/kube/client.ts'
import { ApiError } from '../../src/kube/errors.ts'
import type { SecretData } from '../../src/stores/plan/projected-secret.ts'

export type StoredSecret = KubeObject & { data?: SecretData; immutable?: boolean }

/** A write as admission sees it. `old` is undefined when the Secret is created. */
export interface Admitted {
  secret: StoredSecret
  old: StoredSecret | undefined
  dryRun: boolean
}

export interface SecretApi {
  client: Client
  stored: Map<string, StoredSecret>
  /** Calls in order, such as `create a` or `dry-run patch a`. */
  calls: string[]
  /** Changes a Secret that is written, or refuses it by an error. */
  admit: (admitted: Admitted) => StoredSecret | ApiError
}

export const FIXED = 'data: Forbidden: field is immutable when `immutable` is set'

export function createSecretApi(): SecretApi {
  let version = 0
  const api: SecretApi = { client: {} as Client, stored: new Map(), calls: [], admit: ({ secret }) => secret }

  function put(verb: string, secret: StoredSecret, old: StoredSecret | undefined, { dryRun = false }: WriteOptions) {
    const { name } = secret.metadata
    api.calls.push(`${dryRun ? 'dry-run ' : ''}${verb} ${name}`)
    const admitted = api.admit({ secret: structuredClone(secret), old, dryRun })
    if (admitted instanceof ApiError) throw admitted
    if (verb === 'create' && api.stored.has(name)) throw new ApiError(409, { reason: 'AlreadyExists' }, verb)
    if (old?.immutable) throw new ApiError(422, { reason: 'Invalid', message: FIXED }, verb)
    const uid = old?.metadata.uid ?? `uid-${++version}`
    const written = { ...admitted, metadata: { ...admitted.metadata, uid, resourceVersion: `${++version}` } }
    if (!dryRun) api.stored.set(name, structuredClone(written))
    return written
  }

  function found(name: string): StoredSecret {
    const secret = api.stored.get(name)
    if (!secret) throw new ApiError(404, { reason: 'NotFound' }, 'call')
    return secret
  }

  api.client = {
    create: async (_: unknown, secret: StoredSecret, options: WriteOptions = {}) =>
      put('create', secret, undefined, options),
    jsonPatch: async (_: unknown, { name }: { name: string }, operations: JsonPatchOperation[], options = {}) =>
      put('patch', patched(found(name), operations), found(name), options),
    async get(_: unknown, __: string, name: string) {
      api.calls.push(`get ${name}`)
      return structuredClone(found(name))
    },
    async delete(_: unknown, __: string, name: string, { uid }: CallOptions & { uid?: string } = {}) {
      api.calls.push(`delete ${name}`)
      if (found(name).metadata.uid !== uid) throw new ApiError(409, { reason: 'Conflict' }, 'delete')
      api.stored.delete(name)
    },
  } as unknown as Client
  return api
}

/** The object after a JSON patch, of which only `add` and `remove` change anything. */
export function patched<T extends KubeObject>(object: T, operations: JsonPatchOperation[]): T {
  const result = structuredClone(object)
  for (const { op, path, value } of operations) {
    const names = path.split('/').slice(1)
    const last = unescaped(names.pop() ?? '')
    const parent = names.reduce<Record<string, unknown>>(
      (at, name) => at[unescaped(name)] as Record<string, unknown>,
      result as never,
    )
    if (op === 'add') parent[last] = value
    if (op === 'remove') delete parent[last]
  }
  return result
}

const unescaped = (name: string): string => name.replaceAll('~1', '/').replaceAll('~0', '~')
