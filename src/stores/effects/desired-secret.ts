/** The Secret that a write is to lead to, and what became of it on the way. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { pointerOf } from '../../api/json-patch.ts'
import {
  CAUTIONS_ANNOTATION,
  KEYS_ANNOTATION,
  MANAGED_BY_LABEL,
  OPERATOR,
  SEAL_ANNOTATION,
  TARGET_ANNOTATION,
} from '../../api/names.ts'
import { type KubeObject, keyOf, type OwnerReference, objectKey } from '../../api/object.ts'
import type { JsonPatchOperation } from '../../kube/client.ts'
import { SECRETS } from '../../kube/resource.ts'
import {
  contentHash,
  ownerLabels,
  type ProjectedSecret,
  type SecretData,
  type Stamp,
  stampAnnotations,
} from '../plan/projected-secret.ts'
import type { Seal } from '../plan/seal.ts'
import type { Target } from '../plan/targets.ts'

/** A Secret as it is to be written. */
export interface SecretWrite {
  store: ArtifactStore
  target: Pick<Target, 'namespace' | 'role'>
  /** One of the target's `secretNames`. */
  name: string
  /** Plain text by key. */
  data: Record<string, string>
  /** The key among the credentials that calls are signed with, which no message may repeat. */
  secretKey?: string | undefined
  stamp: Stamp
}

/** A Secret as the API server takes and returns it. */
export type WholeSecret = KubeObject & { data?: SecretData; type?: string; immutable?: boolean }

export function desiredSecret({ store, target, name, data, stamp }: SecretWrite, seal: Seal) {
  const { namespace } = target
  const key = objectKey(namespace, name)
  const encoded = Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  )
  const annotations: Record<string, string> = {
    ...stampAnnotations(stamp, contentHash(encoded)),
    [KEYS_ANNOTATION]: Object.keys(encoded).sort().join(),
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

export type DesiredSecret = ReturnType<typeof desiredSecret> & { data: SecretData }

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
export function changes(current: ProjectedSecret, wanted: DesiredSecret): JsonPatchOperation[] {
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

const pointer = (field: string, name: string): string => pointerOf('metadata', field, name)

/**
 * What of the operator's own was changed before the Secret was stored, in words; undefined when nothing was. What
 * others add does not matter, and a lost owner reference is made up for (`stores/orphans.ts`).
 */
export function alterationOf(wanted: DesiredSecret, stored: WholeSecret): string | undefined {
  const { labels = {}, annotations = {} } = stored.metadata
  const parts = [
    ...differing('data key', wanted.data, stored.data ?? {}),
    ...differing('label', wanted.metadata.labels, labels),
    ...differing('annotation', wanted.metadata.annotations, annotations),
  ]
  return parts.length > 0 ? parts.join(', ') : undefined
}

const differing = (what: string, wanted: Record<string, string>, found: Record<string, string>): string[] =>
  Object.entries(wanted)
    .filter(([name, value]) => found[name] !== value)
    .map(([name]) => `${what} ${name}`)
