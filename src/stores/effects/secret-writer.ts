/**
 * Writes projected Secrets. A Secret that the operator did not make is never touched: POST refuses one that exists, and
 * every JSON patch tests in the same request that the uid and the label are still ours (docs/adr/0005).
 */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { type Failure, stalled, transient, waiting } from '../../api/failures.ts'
import { CAUTIONS_ANNOTATION, MANAGED_BY_LABEL, OPERATOR, SEAL_ANNOTATION, TARGET_ANNOTATION } from '../../api/names.ts'
import { type KubeObject, keyOf, type OwnerReference, objectKey } from '../../api/object.ts'
import type { Client, JsonPatchOperation } from '../../kube/client.ts'
import { isConflict, isFailedCall, isForbidden, isInvalid, isNotFound } from '../../kube/errors.ts'
import { SECRETS } from '../../kube/resource.ts'
import {
  belongsTo,
  claimedStoreOf,
  contentHash,
  ownerLabels,
  type ProjectedSecret,
  type SecretData,
  type Stamp,
  stampAnnotations,
} from '../plan/projected-secret.ts'
import type { Seal } from '../plan/seal.ts'
import type { Target } from '../plan/targets.ts'
import { Conflicts } from './conflicts.ts'

export interface SecretCache {
  get(key: string): ProjectedSecret | undefined
  /** Takes the Secret as the API server returned it. */
  observe(secret: ProjectedSecret): void
}

/** A Secret as it is to be written. */
export interface SecretWrite {
  store: ArtifactStore
  target: Pick<Target, 'namespace' | 'role'>
  /** One of the target's `secretNames`. */
  name: string
  /** Plain text by key. */
  data: Record<string, string>
  stamp: Stamp
}

/** Why a Secret was not made anew. */
export interface NotRemade {
  failure: Failure
  /** True if the old Secret was deleted nevertheless. */
  isGone: boolean
}

export interface SecretWriter {
  /** Creates or changes a Secret; undefined when it was written. */
  write(secret: SecretWrite, signal: AbortSignal): Promise<Failure | undefined>
  /** Does the same for a Secret of ours that can't be changed: it is deleted first. */
  remake(secret: SecretWrite, signal: AbortSignal): Promise<NotRemade | undefined>
  /** Tells whether a Secret of somebody else is in the way, before a grant that would reach nobody. */
  blocked(store: ArtifactStore, namespace: string, name: string, signal: AbortSignal): Promise<Failure | undefined>
  /** Deletes a Secret of ours; one that is gone already is fine. */
  remove(secret: ProjectedSecret, signal: AbortSignal): Promise<Failure | undefined>
  /** Forgets what is remembered of a store. */
  forget(store: ArtifactStore): void
}

export const SECRET_IMMUTABLE = 'SecretImmutable'

type Operation = 'create' | 'update' | 'delete'

export interface WriterOptions {
  client: Client
  cache: SecretCache
  seal: Seal
  onWrite?: (operation: Operation) => void
}

export function createSecretWriter({ client, cache, seal, onWrite = () => {} }: WriterOptions): SecretWriter {
  const conflicts = new Conflicts()

  const keyOfWrite = ({ target, name }: SecretWrite) => objectKey(target.namespace, name)

  async function write(secret: SecretWrite, signal: AbortSignal) {
    const key = keyOfWrite(secret)
    const current = cache.get(key)
    if (current && !belongsTo(current, secret.store)) return conflict(key, current)
    return send(secret, current, signal)
  }

  async function remake(secret: SecretWrite, signal: AbortSignal) {
    const key = keyOfWrite(secret)
    const current = cache.get(key)
    if (!current || !belongsTo(current, secret.store)) return { failure: changed(key), isGone: false }
    const undeleted = await remove(current, signal)
    if (undeleted) return { failure: undeleted, isGone: false }
    const failure = await send(secret, undefined, signal)
    return failure && { failure, isGone: true }
  }

  /** `current` is the Secret as it is known; undefined when there is none. */
  async function send(write: SecretWrite, current: ProjectedSecret | undefined, signal: AbortSignal) {
    const key = keyOfWrite(write)
    const secret = desired(write, seal)
    const { namespace, name } = secret.metadata
    try {
      const written = current
        ? await client.jsonPatch<ProjectedSecret>(SECRETS, { namespace, name }, changes(current, secret), { signal })
        : await client.create<ProjectedSecret>(SECRETS, secret, { signal })
      cache.observe(written)
      onWrite(current ? 'update' : 'create')
      return undefined
    } catch (error) {
      if (!current && isNotFound(error)) return namespaceGone(key)
      if (current || !isConflict(error)) return explain(error, key)
      return explainExisting(write.store, namespace, name, signal)
    }
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

  async function blocked(store: ArtifactStore, namespace: string, name: string, signal: AbortSignal) {
    const key = objectKey(namespace, name)
    const current = cache.get(key)
    if (current && !belongsTo(current, store)) return conflict(key, current)
    if (!conflicts.take(store, key)) return undefined
    const failure = await explainExisting(store, namespace, name, signal)
    return failure.reason === 'SecretChanged' ? undefined : failure
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

  return { write, remake, blocked, remove, forget: store => conflicts.forget(store) }
}

function desired({ store, target, name, data, stamp }: SecretWrite, seal: Seal) {
  const { namespace } = target
  const key = objectKey(namespace, name)
  const encoded = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  const annotations: Record<string, string> = {
    ...stampAnnotations(stamp, contentHash(encoded)),
    [TARGET_ANNOTATION]: key,
    [SEAL_ANNOTATION]: seal.of(key, keyOf(store)),
  }
  return {
    apiVersion: SECRETS.apiVersion,
    kind: SECRETS.kind,
    metadata: {
      name,
      namespace,
      labels: ownerLabels(store, target.role),
      annotations,
      // An owner reference to another namespace is invalid: the Secret would be garbage collected (docs/adr/0014).
      ...(namespace === store.metadata.namespace ? { ownerReferences: [ownerOf(store)] } : {}),
    },
    type: 'Opaque',
    data: encoded,
  }
}

type DesiredSecret = ReturnType<typeof desired> & { data: SecretData }

/** Has Secrets in the store's own namespace deleted with the store, without a finalizer (docs/adr/0008). */
const ownerOf = ({ apiVersion, kind, metadata: { name, uid } }: ArtifactStore): OwnerReference => ({
  apiVersion,
  kind,
  name,
  uid,
  controller: true,
  blockOwnerDeletion: false,
})

/** Replaces all data, so that no key of an earlier format stays, and no label or annotation of others (docs/adr/0005). */
function changes(current: ProjectedSecret, wanted: DesiredSecret): JsonPatchOperation[] {
  const { labels, annotations, ownerReferences } = wanted.metadata
  const { metadata } = current
  const isStale = metadata.annotations?.[CAUTIONS_ANNOTATION] !== undefined && !annotations[CAUTIONS_ANNOTATION]
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path: pointer('labels', MANAGED_BY_LABEL), value: OPERATOR },
    ...additions('labels', labels),
    ...(metadata.annotations
      ? additions('annotations', annotations)
      : [{ op: 'add' as const, path: '/metadata/annotations', value: annotations }]),
    ...(isStale ? [{ op: 'remove' as const, path: pointer('annotations', CAUTIONS_ANNOTATION) }] : []),
    ...(ownerReferences ? [{ op: 'add' as const, path: '/metadata/ownerReferences', value: ownerReferences }] : []),
    { op: 'add', path: '/data', value: wanted.data },
  ]
}

const additions = (field: string, values: Record<string, string>): JsonPatchOperation[] =>
  Object.entries(values).map(([name, value]) => ({ op: 'add', path: pointer(field, name), value }))

const pointer = (field: string, name: string): string =>
  `/metadata/${field}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

/** Explains a 403, which comes not only from RBAC: quotas and admission send it, too, each with its own message. */
function forbidden(words: string, key: string): Failure {
  if (/being terminated/.test(words)) {
    return waiting('NamespaceTerminating', `the namespace of Secret "${key}" is being deleted`)
  }
  if (/exceeded quota/.test(words)) {
    return stalled('QuotaExceeded', `Secret "${key}": the ResourceQuota of its namespace is used up: raise it`)
  }
  // The words of deploy/admission-secrets.yaml.
  if (/its own namespace/.test(words)) {
    return stalled(
      'NamespaceNotAllowed',
      `Secret "${key}": the operator's own namespace gets no Secrets of stores: make the store in another namespace`,
    )
  }
  return stalled(
    'SecretForbidden',
    `the API server lets the operator not write Secret "${key}": check the permissions of deploy/ and admission policies`,
  )
}

/** Does not name the other store: only people who may read the Secret may learn whose it is. */
const conflict = (key: string, existing: KubeObject): Failure =>
  stalled(
    'SecretConflict',
    claimedStoreOf(existing)
      ? `Secret "${key}" belongs to another ArtifactStore: give the entry another secretName`
      : `Secret "${key}" exists and was not made for this store: delete it, or give the entry another secretName`,
  )

const namespaceGone = (key: string): Failure =>
  waiting('NamespaceNotFound', `the namespace of Secret "${key}" is gone: its Secret follows it when it is back`)

const changed = (key: string): Failure =>
  transient('SecretChanged', `Secret "${key}" changed while it was written; it is tried again`)

function explain(error: unknown, key: string): Failure {
  const words = error instanceof Error ? error.message : ''
  if (isInvalid(error) && /immutable/.test(words)) {
    return stalled(
      SECRET_IMMUTABLE,
      `Secret "${key}" was made immutable again, right after it was made anew: find out who does that; it is made anew once a minute at most`,
    )
  }
  if (isNotFound(error) || isConflict(error) || isInvalid(error)) return changed(key)
  if (isForbidden(error)) return forbidden(words, key)
  if (isFailedCall(error)) {
    return transient('SecretNotWritten', `Secret "${key}" could not be written; it is tried again`)
  }
  throw error
}
