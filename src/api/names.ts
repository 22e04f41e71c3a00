/** Names that are part of the API: group, labels, annotations. */

export const GROUP = 'artifactstore.dev'
export const VERSION = 'v1alpha1'
export const API_VERSION = `${GROUP}/${VERSION}`

/** Server-side apply field manager, event reporter and `managed-by` value. */
export const OPERATOR = 'artifact-store-operator'

/** A Secret or ConfigMap that a connector names must carry this label with the value `true`. */
export const CREDENTIALS_LABEL = `${GROUP}/credentials`

/** On every Secret the operator projects; a Secret without it is never touched. */
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by'
/** Whose Secret it is. An owner reference can't say so across namespaces, so these do in any. */
export const STORE_LABEL = `${GROUP}/store`
export const STORE_NAMESPACE_LABEL = `${GROUP}/store-namespace`
export const STORE_UID_LABEL = `${GROUP}/store-uid`
export const ROLE_LABEL = `${GROUP}/credentials-role`

/** `namespace/name` of the projected Secret itself: a copy that others make in another namespace is not ours. */
export const TARGET_ANNOTATION = `${GROUP}/target`

/** Times on a projected Secret, RFC 3339: when its credentials were issued, and when they expire or `never`. */
export const ISSUED_AT_ANNOTATION = `${GROUP}/issued-at`
export const EXPIRES_AT_ANNOTATION = `${GROUP}/expires-at`
/** Hash of what the credentials were made from: identity, bucket, access, formats. */
export const GRANT_ANNOTATION = `${GROUP}/grant`
/** What people must know of the credentials in the Secret; absent when there is nothing. */
export const CAUTIONS_ANNOTATION = `${GROUP}/cautions`
/** Hash of the Secret's data, to notice edits by others. */
export const CONTENT_ANNOTATION = `${GROUP}/content`

/** Any new value asks for a verification now; on a connector, also of all its stores, and for new credentials. */
export const REQUESTED_AT_ANNOTATION = `${GROUP}/requested-at`

/** Its value confirms the deletion of a protected store: the name of the store. */
export const CONFIRM_DELETE_ANNOTATION = `${GROUP}/confirm-delete`

/** Holds back the deletion of a store that is protected, or has left something to clean up. */
export const FINALIZER = `${GROUP}/finalizer`
