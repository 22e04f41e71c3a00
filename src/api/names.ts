/** Names that are part of the API: group, labels, annotations. */

export const GROUP = 'artifactstore.dev'
/** Begins the external ids that the operator makes for its own identity. Nothing of a spec may begin so. */
export const RESERVED_PREFIX = `${GROUP}/`
export const VERSION = 'v1alpha1'
export const API_VERSION = `${GROUP}/${VERSION}`

/** The operator's name as field manager, as reporter of events and as value of `managed-by`. */
export const OPERATOR = 'artifact-store-operator'

/** Label that a Secret or ConfigMap must carry with the value `true` before a connector can name it. */
export const CREDENTIALS_LABEL = `${GROUP}/credentials`

/** Label with the value `true` by which a namespace accepts Secrets of stores elsewhere (docs/adr/0017). */
export const RECIPIENT_LABEL = `${GROUP}/recipient`

/** Label on every Secret that the operator projects. A Secret without it is never touched. */
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by'
/** Labels that say which store a Secret belongs to. An owner reference can't say so across namespaces. */
export const STORE_LABEL = `${GROUP}/store`
export const STORE_NAMESPACE_LABEL = `${GROUP}/store-namespace`
export const STORE_UID_LABEL = `${GROUP}/store-uid`
export const ROLE_LABEL = `${GROUP}/credentials-role`

/** `namespace/name` of the projected Secret itself: tells it from a copy that others made in another namespace. */
export const TARGET_ANNOTATION = `${GROUP}/target`

/** Times on a projected Secret, RFC 3339: when its credentials were issued, and when they expire (or `never`). */
export const ISSUED_AT_ANNOTATION = `${GROUP}/issued-at`
export const EXPIRES_AT_ANNOTATION = `${GROUP}/expires-at`
/** Hash of what the credentials were made from: identity, bucket, access and formats. */
export const GRANT_ANNOTATION = `${GROUP}/grant`
/** What the Secret holds, with commas between: `Scoped` credentials, or the `Identity` itself, or `Unnarrowed` ones. */
export const HOLDS_ANNOTATION = `${GROUP}/holds`
/** What people must know about the credentials in the Secret. Absent when there is nothing. */
export const CAUTIONS_ANNOTATION = `${GROUP}/cautions`
/** How far the credentials in the Secret reach, as a trial has shown: `True`, or `False: ` and what they may also do. */
export const ISOLATION_ANNOTATION = `${GROUP}/isolation`
/** Hash of the operator's own keys of the Secret's data, which shows edits by others. */
export const CONTENT_ANNOTATION = `${GROUP}/content`
/** Names of the keys that the operator wrote, with commas between. Other keys are somebody else's, and left alone. */
export const KEYS_ANNOTATION = `${GROUP}/keys`
/** Proof that the operator made the Secret for the store that its labels name: nobody else can make one (docs/adr/0024). */
export const SEAL_ANNOTATION = `${GROUP}/seal`

/** Secret in the operator's own namespace with the key of its seals. */
export const SEAL_SECRET = `${OPERATOR}-seal`

/** A new value asks for a verification now; on a connector, also for one of all its stores, and for new credentials. */
export const REQUESTED_AT_ANNOTATION = `${GROUP}/requested-at`

/** Confirms the deletion of a protected store when its value is the name of the store. */
export const CONFIRM_DELETE_ANNOTATION = `${GROUP}/confirm-delete`

/** Delays the deletion of a store that is protected, or has something left to clean up. */
export const FINALIZER = `${GROUP}/finalizer`
