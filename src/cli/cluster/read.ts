/** Reads objects as the person who runs the command. What is not allowed is said with the right that is missing. */
import type { KubeObject } from '../../api/object.ts'
import type { ListOptions } from '../../kube/client.ts'
import { ApiError, isNotFound, isUnserved } from '../../kube/errors.ts'
import type { Resource } from '../../kube/resource.ts'
import type { Cluster } from './connect.ts'
import { accessFailure, missingRight, type Right, wordsOf } from './rights.ts'

const PAGE = 500

interface ReadOptions {
  signal: AbortSignal
  labelSelector?: string
  metadataOnly?: boolean
}

/** All objects of a namespace, or of all namespaces, by any number of pages. Rejects as the client does. */
export async function listPages<T extends KubeObject>(
  { client }: Pick<Cluster, 'client'>,
  resource: Resource,
  namespace: string | undefined,
  options: ReadOptions,
): Promise<T[]> {
  const items: T[] = []
  let next: string | undefined
  do {
    const query: ListOptions<T> = { limit: PAGE, ...(next ? { continue: next } : {}) }
    const page = await client.list<T>(resource, namespace, { ...options, ...query })
    items.push(...page.items)
    next = page.continue
  } while (next)
  return items
}

/** The same, where a command can't do without them. */
export const listAll = <T extends KubeObject>(
  cluster: Cluster,
  resource: Resource,
  namespace: string | undefined,
  options: ReadOptions,
): Promise<T[]> =>
  guarded(cluster, { verb: 'list', resource, namespace }, () => listPages<T>(cluster, resource, namespace, options))

/** The object, or undefined when there is none of that name. */
export function readOne<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource,
  key: { namespace: string; name: string },
  signal: AbortSignal,
): Promise<T | undefined> {
  return guarded(cluster, { verb: 'get', resource, namespace: key.namespace }, async () => {
    try {
      return await cluster.client.get<T>(resource, key.namespace, key.name, { signal })
    } catch (error) {
      if (isNotFound(error) && !isUnserved(error)) return undefined
      throw error
    }
  })
}

/** Turns refusals of the API server into failures of the command. */
export async function guarded<T>(cluster: Pick<Cluster, 'where'>, right: Right, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw accessFailure(error, right, cluster.where) ?? error
  }
}

/** What could be read, or why not in words: for what an answer can do without. */
export async function ifAllowed<T>(right: Right, call: () => Promise<T>): Promise<{ value?: T; note?: string }> {
  try {
    return { value: await call() }
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 403) throw error
    return { note: `you may not ${wordsOf(right)}: ${missingRight(right, error)}` }
  }
}
