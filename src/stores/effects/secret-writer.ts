/**
 * Writes projected Secrets. A Secret that the operator did not make is never touched: POST refuses one that exists, and
 * every JSON patch tests in the same request that the uid and the label are still ours (docs/adr/0005). A Secret that
 * works is not given up for one that may be refused (docs/adr/0031).
 */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { Failure } from '../../api/failures.ts'
import { GROUP, MANAGED_BY_LABEL } from '../../api/names.ts'
import { type KubeObject, type ObjectKey, objectKey } from '../../api/object.ts'
import type { Client } from '../../kube/client.ts'
import { type ApiError, isConflict, isFailedCall, isNotFound } from '../../kube/errors.ts'
import { SECRETS } from '../../kube/resource.ts'
import { belongsTo, type ProjectedSecret } from '../plan/projected-secret.ts'
import type { Seal } from '../plan/seal.ts'
import { Conflicts } from './conflicts.ts'
import { alterationOf, changes, desiredSecret, type SecretWrite, type WholeSecret } from './desired-secret.ts'
import { Refusals } from './refusals.ts'
import {
  altered,
  changed,
  conflict,
  explain,
  immutableAgain,
  mayFailAgain,
  namespaceGone,
  noRoomForTwo,
  OVER_QUOTA,
} from './write-failures.ts'

export type { SecretWrite } from './desired-secret.ts'

export interface SecretCache {
  get(key: string): ProjectedSecret | undefined
  /** Takes the Secret as the API server returned it. */
  observe(secret: ProjectedSecret): void
}

/** Why a Secret was not made anew. */
export interface NotRemade {
  failure: Failure
  /** True if the old Secret was deleted nevertheless, and could not be put back. */
  isGone: boolean
}

/** Where credentials are to be written, and the hash of what they are made from. */
export interface Place {
  namespace: string
  name: string
  grant: string
}

export interface SecretWriter {
  /** Creates or changes a Secret; undefined when it was written. */
  write(secret: SecretWrite, signal: AbortSignal): Promise<Failure | undefined>
  /** Does the same for a Secret of ours that can't be changed: it is deleted once its successor is sure to be accepted. */
  remake(secret: SecretWrite, signal: AbortSignal): Promise<NotRemade | undefined>
  /**
   * Tells what keeps a Secret from being written, before a grant that would reach nobody: a Secret of somebody else, or
   * a policy that has refused or altered it before, and still does.
   */
  blocked(store: ArtifactStore, place: Place, signal: AbortSignal): Promise<Failure | undefined>
  /** Deletes a Secret of ours; one that is gone already is fine. */
  remove(secret: ProjectedSecret, signal: AbortSignal): Promise<Failure | undefined>
  /** Forgets what is remembered of a store. */
  forget(store: ArtifactStore): void
}

type Operation = 'create' | 'update' | 'delete'

export interface WriterOptions {
  client: Client
  cache: SecretCache
  seal: Seal
  onWrite?: (operation: Operation) => void
}

/** How a write goes. */
interface Attempt {
  signal: AbortSignal
  /** Lets the API server judge the write, and store nothing. */
  dryRun?: boolean
}

export function createSecretWriter({ client, cache, seal, onWrite = () => {} }: WriterOptions): SecretWriter {
  const conflicts = new Conflicts()
  const refusals = new Refusals()

  async function write(secret: SecretWrite, signal: AbortSignal) {
    const key = keyOfWrite(secret)
    const current = cache.get(key)
    if (current && !belongsTo(current, secret.store)) return conflict(key, current)
    if (current?.immutable) return immutableAgain(key)
    return remember(secret, await send(secret, current, { signal }))
  }

  function remember(secret: SecretWrite, failure: Failure | undefined): Failure | undefined {
    const key = keyOfWrite(secret)
    if (failure && mayFailAgain(failure)) refusals.add(secret.store, key, secret)
    else if (!failure) refusals.remove(secret.store, key)
    return failure
  }

  async function remake(secret: SecretWrite, signal: AbortSignal): Promise<NotRemade | undefined> {
    const key = keyOfWrite(secret)
    const current = cache.get(key)
    if (!current || !belongsTo(current, secret.store)) return { failure: changed(key), isGone: false }
    const refused = remember(secret, await judge(secret, current, signal))
    if (refused) return { failure: refused, isGone: false }
    const old = await read(current, signal)
    if ('intent' in old) return { failure: old, isGone: false }
    const undeleted = await remove(current, signal)
    if (undeleted) return { failure: undeleted, isGone: false }
    const failure = remember(secret, await send(secret, undefined, { signal }))
    return failure && { failure, isGone: !(await putBack(old, signal)) }
  }

  /** Reads the whole of a Secret that is about to be deleted. */
  async function read({ metadata: { namespace, name, uid } }: ProjectedSecret, signal: AbortSignal) {
    const key = objectKey(namespace, name)
    try {
      const old = await client.get<WholeSecret>(SECRETS, namespace, name, { signal })
      return old.metadata.uid === uid ? old : changed(key)
    } catch (error) {
      return explain(error, key)
    }
  }

  /** Creates a deleted Secret again, as it was, but so that it can be changed. Says whether it is there. */
  async function putBack(old: WholeSecret, signal: AbortSignal): Promise<boolean> {
    try {
      cache.observe(await client.create<ProjectedSecret>(SECRETS, withoutForeign(old), { signal }))
      return true
    } catch (error) {
      if (isFailedCall(error)) return false
      throw error
    }
  }

  /** `current` is the Secret as it is known; undefined when there is none. */
  async function send(write: SecretWrite, current: ProjectedSecret | undefined, attempt: Attempt) {
    const key = keyOfWrite(write)
    const secret = desiredSecret(write, seal)
    const { namespace, name } = secret.metadata
    try {
      const written = current
        ? await client.jsonPatch<WholeSecret>(SECRETS, { namespace, name }, changes(current, secret), attempt)
        : await client.create<WholeSecret>(SECRETS, secret, attempt)
      const alteration = alterationOf(secret, written)
      const unseen = attempt.dryRun ? undefined : await learn(write, written, current, attempt.signal)
      return alteration === undefined ? undefined : altered(key, alteration, unseen)
    } catch (error) {
      if (!current && isNotFound(error)) return namespaceGone(key)
      if (current || !isTaken(error)) return explain(error, key, write)
      // The API server judges an object before it looks whether there is one of that name.
      return attempt.dryRun ? undefined : explainExisting(write.store, namespace, name, attempt.signal)
    }
  }

  /**
   * Makes a written Secret known. One that does not say any more whose it is would be out of sight: it is deleted.
   * Returns why it is still there.
   */
  async function learn(
    { store }: SecretWrite,
    written: WholeSecret,
    current: ProjectedSecret | undefined,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    onWrite(current ? 'update' : 'create')
    const secret = written as WholeSecret & ProjectedSecret
    if (belongsTo(written, store)) cache.observe(secret)
    else if (!current) return remove(secret, signal)
    return undefined
  }

  /** Explains why POST was refused: the Secret is somebody else's, unless the cache is only late. */
  async function explainExisting(store: ArtifactStore, namespace: string, name: string, signal: AbortSignal) {
    const key = objectKey(namespace, name)
    try {
      const existing = await client.get<KubeObject>(SECRETS, namespace, name, { metadataOnly: true, signal })
      if (belongsTo(existing, store)) return changed(key)
      conflicts.add(store, key)
      return conflict(key, existing)
    } catch (error) {
      return explain(error, key)
    }
  }

  async function blocked(store: ArtifactStore, { namespace, name, grant }: Place, signal: AbortSignal) {
    const key = objectKey(namespace, name)
    const current = cache.get(key)
    if (current && !belongsTo(current, store)) return conflict(key, current)
    const isKnown = conflicts.take(store, key)
    const found = isKnown ? await explainExisting(store, namespace, name, signal) : undefined
    if (found && found.reason !== 'SecretChanged') return found
    const refused = refusals.get(store, key, grant)
    return refused && remember(refused, await judge(refused, current, signal))
  }

  /** Lets the API server judge a write. An immutable Secret is replaced by one that is created. */
  async function judge(secret: SecretWrite, current: ProjectedSecret | undefined, signal: AbortSignal) {
    const failure = await send(secret, mutable(current), { signal, dryRun: true })
    return failure?.reason === OVER_QUOTA && current?.immutable ? noRoomForTwo(keyOfWrite(secret)) : failure
  }

  async function remove(secret: ProjectedSecret, signal: AbortSignal) {
    const { namespace, name, uid, resourceVersion } = secret.metadata
    try {
      await client.delete(SECRETS, namespace, name, { uid, resourceVersion, signal })
      onWrite('delete')
      return undefined
    } catch (error) {
      if (isNotFound(error)) return undefined
      return explain(error, objectKey(namespace, name))
    }
  }

  function forget(store: ArtifactStore) {
    conflicts.forget(store)
    refusals.forget(store)
  }

  return { write, remake, blocked, remove, forget }
}

const keyOfWrite = ({ target, name }: SecretWrite): ObjectKey => objectKey(target.namespace, name)

const mutable = (secret: ProjectedSecret | undefined): ProjectedSecret | undefined =>
  secret?.immutable ? undefined : secret

/** Whether there is an object of that name. */
const isTaken = (error: unknown): boolean => isConflict(error) && (error as ApiError).reason === 'AlreadyExists'

/** A Secret to be created again, with what only the operator may set on it. */
function withoutForeign({ apiVersion, kind, metadata, type, data }: WholeSecret): object {
  const { name, namespace, labels = {}, annotations = {}, ownerReferences = [] } = metadata
  const own = (strings: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(strings).filter(([key]) => key === MANAGED_BY_LABEL || key.startsWith(`${GROUP}/`)),
    )
  const owners = ownerReferences.filter(owner => owner.apiVersion.startsWith(`${GROUP}/`))
  return {
    ...{ apiVersion, kind, type, data },
    metadata: { name, namespace, labels: own(labels), annotations: own(annotations), ownerReferences: owners },
  }
}
