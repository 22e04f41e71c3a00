/** The parts of Kubernetes objects that the operator reads. They are plain JSON: times are RFC 3339 strings. */

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface ObjectMeta {
  name: string
  namespace?: string
  uid: string
  resourceVersion: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
}

export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** `namespace/name`, or `name` for cluster-scoped objects: the key of caches and work queues. */
export type ObjectKey = string

export const objectKey = (namespace: string | undefined, name: string): ObjectKey =>
  // Keys are kept by the thousand. Of a template, V8 would keep the parts, too: 100 bytes instead of 40.
  namespace ? [namespace, name].join('/') : name

/** The namespace in a key; empty for cluster-scoped objects. */
export const namespaceInKey = (key: ObjectKey): string => key.slice(0, Math.max(0, key.indexOf('/')))

export const keyOf = (object: { metadata: Pick<ObjectMeta, 'name' | 'namespace'> }): ObjectKey =>
  objectKey(object.metadata.namespace, object.metadata.name)
