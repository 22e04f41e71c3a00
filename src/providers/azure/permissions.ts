/** Pure: permissions in the words of Azure RBAC. */
import type { Access, Use } from '../provider.ts'

const SERVICE = 'Microsoft.Storage/storageAccounts/blobServices'
const BLOBS = `${SERVICE}/containers/blobs`

export const READ = `${BLOBS}/read`
/** Listing needs the same action as reading; a role's conditions can tell them apart by this suboperation. */
export const LIST = `${BLOBS}/read/Blob.List`
export const WRITE = `${BLOBS}/write`
export const DELETE = `${BLOBS}/delete`
export const READ_TAGS = `${BLOBS}/tags/read`
export const WRITE_TAGS = `${BLOBS}/tags/write`
export const DELEGATE = `${SERVICE}/generateUserDelegationKey/action`

const REQUIRED: Record<Access, string[]> = {
  ReadWrite: [LIST, READ, WRITE, DELETE],
  ReadOnly: [LIST, READ],
  WriteOnly: [WRITE],
}

/** What consumers need. All formats need the same: versions are no matter of Azure's permissions. */
export const requiredPermissions = (uses: Pick<Use, 'access'>[]): string[] => [
  ...new Set((uses.length > 0 ? uses : [{ access: 'ReadWrite' } as const]).flatMap(({ access }) => REQUIRED[access])),
]

/** The SAS token's letter for a permission; absent where no SAS token can give it. */
export const SAS_LETTER: Record<string, string> = {
  [LIST]: 'l',
  [READ]: 'r',
  [WRITE]: 'w',
  [DELETE]: 'd',
  [READ_TAGS]: 't',
  [WRITE_TAGS]: 't',
}

/** The built-in role with the fewest rights that has a permission. */
export const ROLE: Record<string, string> = {
  [LIST]: 'Storage Blob Data Reader',
  [READ]: 'Storage Blob Data Reader',
  [WRITE]: 'Storage Blob Data Contributor',
  [DELETE]: 'Storage Blob Data Contributor',
  [READ_TAGS]: 'Storage Blob Data Owner',
  [WRITE_TAGS]: 'Storage Blob Data Owner',
  [DELEGATE]: 'Storage Blob Delegator',
}

/** Letters that a given SAS token must have to be of use for an access. */
export const NEEDED_LETTERS: Record<Access, string> = { ReadWrite: 'rwdl', ReadOnly: 'rl', WriteOnly: 'w' }
