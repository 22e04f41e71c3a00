/** Azure's built-in roles for blobs, and which of them a request needs. */

/** Actions, called by the last parts of their names below Microsoft.Storage/storageAccounts/blobServices. */
export type BlobAction =
  | 'generateUserDelegationKey'
  | 'containers/read'
  | 'containers/write'
  | 'containers/delete'
  | 'blobs/read'
  | 'blobs/write'
  | 'blobs/delete'
  | 'blobs/filter'
  | 'blobs/tags'

export type BlobRole = keyof typeof roles

const reader: readonly BlobAction[] = ['generateUserDelegationKey', 'containers/read', 'blobs/read']
const contributor: readonly BlobAction[] = [
  ...reader,
  'containers/write',
  'containers/delete',
  'blobs/write',
  'blobs/delete',
]

const roles = {
  'Storage Blob Delegator': ['generateUserDelegationKey'],
  'Storage Blob Data Reader': reader,
  'Storage Blob Data Contributor': contributor,
  'Storage Blob Data Owner': [...contributor, 'blobs/filter', 'blobs/tags'],
} as const satisfies Record<string, readonly BlobAction[]>

export interface RoleAssignment {
  /** The object id of the service principal. */
  readonly objectId: string
  readonly role: BlobRole
  /** The container that the role is for; absent for the whole account. */
  readonly container?: string
}

/** `container`: the container of the request; undefined for requests to the account, as for delegation keys. */
export function isGranted(
  assignments: readonly RoleAssignment[],
  objectId: string,
  action: BlobAction,
  container: string | undefined,
): boolean {
  return assignments.some(
    assignment =>
      assignment.objectId === objectId &&
      (roles[assignment.role] as readonly BlobAction[]).includes(action) &&
      (assignment.container === undefined || assignment.container === container),
  )
}

/** `path`: the path below the account, without a leading slash. */
export function actionOf(method: string, path: string, query: URLSearchParams): BlobAction {
  const comp = query.get('comp')
  const [container, ...blob] = path.split('/')
  const writes = method !== 'GET' && method !== 'HEAD'
  if (comp === 'userdelegationkey') return 'generateUserDelegationKey'
  if (comp === 'blobs') return 'blobs/filter'
  if (comp === 'tags') return 'blobs/tags'
  if (!container) return 'containers/read'
  if (blob.length > 0) return method === 'DELETE' ? 'blobs/delete' : writes ? 'blobs/write' : 'blobs/read'
  if (comp === 'list') return 'blobs/read'
  return method === 'DELETE' ? 'containers/delete' : writes ? 'containers/write' : 'containers/read'
}
