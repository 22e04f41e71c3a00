/**
 * Pure: what the caches keep of objects that others write: what is read of them, and of that no more than it can need.
 * So memory grows with the number of objects, and not with what people put into them.
 */
import type { ArtifactStore } from '../api/artifact-store.ts'
import {
  CAUTIONS_ANNOTATION,
  CONFIRM_DELETE_ANNOTATION,
  CONTENT_ANNOTATION,
  CREDENTIALS_LABEL,
  EXPIRES_AT_ANNOTATION,
  FINALIZER,
  GRANT_ANNOTATION,
  HOLDS_ANNOTATION,
  ISOLATION_ANNOTATION,
  ISSUED_AT_ANNOTATION,
  MANAGED_BY_LABEL,
  REQUESTED_AT_ANNOTATION,
  ROLE_LABEL,
  STORE_LABEL,
  STORE_NAMESPACE_LABEL,
  STORE_UID_LABEL,
  TARGET_ANNOTATION,
} from '../api/names.ts'
import type { KubeObject, ObjectMeta } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import { BOUNDS } from '../foreign/bounds.ts'
import { CLIENT_ID_ANNOTATION, TENANT_ID_ANNOTATION } from '../providers/azure/auth.ts'
import { ROLE_ARN_ANNOTATION } from '../providers/s3/identity/auth.ts'
import { type ProjectedSecret, toProjected } from '../stores/plan/projected-secret.ts'
import type { Seal } from '../stores/plan/seal.ts'

/** A namespace. `overlabelled`: its labels are more than are kept, so it has none here, and no selector matches it. */
export interface KeptNamespace extends KubeObject {
  overlabelled?: true
}

type Strings = Record<string, string>

/** Characters of an identity that are kept. ARNs have 2048 at most, so one that is longer is none, also when cut. */
const IDENTITY_MAX = 4096
/** Characters of other values. Names, times and hashes are shorter, so one that is longer is none, also when cut. */
const VALUE_MAX = BOUNDS.annotation
/** Characters of all labels of a namespace. Names and values have at most 316 and 63 each. */
const LABELS_MAX = 32 * 1024

const identityAnnotations = [ROLE_ARN_ANNOTATION, CLIENT_ID_ANNOTATION, TENANT_ID_ANNOTATION]
const askingAnnotations = [REQUESTED_AT_ANNOTATION, CONFIRM_DELETE_ANNOTATION]
const projectedLabels = [MANAGED_BY_LABEL, STORE_LABEL, STORE_NAMESPACE_LABEL, STORE_UID_LABEL, ROLE_LABEL]
/** Not the seal: it is judged where the Secret comes in. */
const projectedAnnotations = [
  TARGET_ANNOTATION,
  GRANT_ANNOTATION,
  HOLDS_ANNOTATION,
  ISSUED_AT_ANNOTATION,
  EXPIRES_AT_ANNOTATION,
  CONTENT_ANNOTATION,
  ISOLATION_ANNOTATION,
]

export const keptServiceAccount = (account: KubeObject): KubeObject =>
  withMetadata(account, { annotations: only(identityAnnotations, account.metadata.annotations, IDENTITY_MAX) })

export function keptNamespace(namespace: KubeObject): KeptNamespace {
  const { labels } = namespace.metadata
  if (lengthOf(labels) <= LABELS_MAX) return withMetadata(namespace, labels ? { labels } : {})
  return { ...withMetadata(namespace, {}), overlabelled: true }
}

/** Keeps of a labelled Secret or ConfigMap only that it is there: who names it reads its values. */
export const keptCredentials = (object: KubeObject): KubeObject =>
  withMetadata(object, { labels: only([CREDENTIALS_LABEL], object.metadata.labels) })

export const keptConnector = (connector: ServiceConnector): ServiceConnector => keptCustom(connector)
export const keptStore = (store: ArtifactStore): ArtifactStore => keptCustom(store)

/** Keeps of a projected Secret what is read of what the operator wrote: others may label Secrets like it. */
export function keptProjected(secret: ProjectedSecret, seal: Seal): ProjectedSecret {
  const projected = toProjected(secret, seal)
  const { labels, annotations } = projected.metadata
  const kept = {
    ...only(projectedAnnotations, annotations),
    ...only([CAUTIONS_ANNOTATION], annotations, BOUNDS.message),
  }
  return {
    ...projected,
    // Empty annotations are not the same as none: who patches the Secret would otherwise replace those of others.
    ...withMetadata(projected, {
      labels: only(projectedLabels, labels),
      ...(annotations ? { annotations: kept } : {}),
    }),
  }
}

function keptCustom<T extends KubeObject>(object: T): T {
  const { generation, creationTimestamp, finalizers, annotations } = object.metadata
  const kept = withMetadata(object, {
    ...(generation === undefined ? {} : { generation }),
    ...(creationTimestamp ? { creationTimestamp } : {}),
    // An empty list is not the same as none: who adds a finalizer would otherwise replace those of others.
    ...(finalizers ? { finalizers: finalizers.includes(FINALIZER) ? [FINALIZER] : [] } : {}),
    annotations: only(askingAnnotations, annotations),
  })
  return { ...object, ...kept }
}

/** Keeps of metadata what names the object and its state, and what is given. */
function withMetadata({ apiVersion, kind, metadata }: KubeObject, kept: Partial<ObjectMeta>): KubeObject {
  const { name, namespace, uid, resourceVersion, deletionTimestamp } = metadata
  return {
    apiVersion,
    kind,
    metadata: {
      ...{ name, uid, resourceVersion },
      ...(namespace ? { namespace } : {}),
      ...(deletionTimestamp ? { deletionTimestamp } : {}),
      ...kept,
    },
  }
}

const only = (names: string[], from: Strings = {}, max = VALUE_MAX): Strings =>
  Object.fromEntries(names.flatMap(name => (Object.hasOwn(from, name) ? [[name, cut(from[name], max)]] : [])))

/** Cuts long values. The copy holds on to nothing of the answer that the value came in. */
const cut = (value = '', max: number): string =>
  value.length > max ? Buffer.from(value.slice(0, max)).toString() : value

const lengthOf = (strings: Strings = {}): number =>
  Object.entries(strings).reduce((sum, [name, value]) => sum + name.length + value.length, 0)
