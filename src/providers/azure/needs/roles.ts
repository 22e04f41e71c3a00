/** Pure: which roles of Azure the identity of a connector needs for its stores, where, and what a SAS token must have. */
import type { Access } from '../../provider.ts'
import { DELEGATE, LIST, NEEDED_LETTERS, ROLE, requiredPermissions, SAS_LETTER } from '../permissions.ts'

export interface ContainerAsks {
  container: string
  /** `spec.credentials`: none is a store to read, write, list and delete in. */
  accesses: Access[]
  /** `spec.verification.require`. */
  required?: string[]
  /** `spec.bucket.create`. */
  create?: boolean
  usage?: 'List'
}

export interface Assignment {
  role: string
  /** Container that it is for; absent for the whole storage account. */
  container?: string
  /** Permissions for which it is the least role. */
  permissions: string[]
  because: string
}

/** The roles for data, from the least to the most. */
const DATA_ROLES = ['Storage Blob Data Reader', 'Storage Blob Data Contributor', 'Storage Blob Data Owner']
const CREATE = 'Microsoft.Storage/storageAccounts/blobServices/containers/write'
const CREATE_ROLE = 'Storage Blob Data Contributor'

/** Permissions on the container itself. */
export const permissionsOf = ({ accesses, required = [], usage }: ContainerAsks): string[] => [
  ...new Set([
    ...requiredPermissions(accesses.map(access => ({ access }))),
    ...required.filter(action => action !== DELEGATE),
    ...(usage ? [LIST] : []),
  ]),
]

/** The least role that has all of these permissions. Those that nobody knows need none that is known here. */
const leastRole = (permissions: readonly string[]): string | undefined =>
  DATA_ROLES.findLast(role => permissions.some(permission => ROLE[permission] === role))

/** Roles for an identity of Entra: those for data, and the one to sign tokens for consumers, which no container gives. */
export function assignmentsOf(stores: readonly ContainerAsks[]): Assignment[] {
  const made = stores.filter(({ create }) => create)
  const wide = made.length > 0 ? [wholeAccount(made)] : []
  const onContainers = [...Map.groupBy(stores, ({ container }) => container)].flatMap(([container, group]) => {
    const permissions = [...new Set(group.flatMap(permissionsOf))]
    const role = leastRole(permissions)
    if (role === undefined || wide.some(one => DATA_ROLES.indexOf(one.role) >= DATA_ROLES.indexOf(role))) return []
    return [{ role, container, permissions, because: 'reads and writes as the stores in this container do' }]
  })
  const isSigned = stores.some(({ accesses, required = [] }) => accesses.length > 0 || required.includes(DELEGATE))
  const signs: Assignment = {
    ...{ role: ROLE[DELEGATE] ?? '', permissions: [DELEGATE] },
    because: 'signs SAS tokens for consumers; it can only be assigned on the whole account, and opens no data',
  }
  return [...wide, ...onContainers, ...(wide.length === 0 && isSigned ? [signs] : [])]
}

/** Creating a container needs a role on the account, which has all that is needed in its containers, too. */
function wholeAccount(stores: readonly ContainerAsks[]): Assignment {
  const permissions = [...new Set([CREATE, ...stores.flatMap(permissionsOf), DELEGATE])]
  const least = leastRole(permissions) ?? CREATE_ROLE
  const role = DATA_ROLES.indexOf(least) > DATA_ROLES.indexOf(CREATE_ROLE) ? least : CREATE_ROLE
  return {
    role,
    permissions,
    because: 'creates the container (spec.bucket.create), and signs SAS tokens for consumers',
  }
}

/** Letters (`sp`) of a SAS token that is handed on to consumers, in the order of the service. */
export function sasLettersOf(stores: readonly ContainerAsks[]): string {
  const letters = new Set(
    stores.flatMap(store => [
      ...store.accesses.flatMap(access => [...NEEDED_LETTERS[access]]),
      ...permissionsOf(store).flatMap(permission => SAS_LETTER[permission] ?? []),
      ...(store.create ? ['c'] : []),
    ]),
  )
  return [...'racwdxltmeop'].filter(letter => letters.has(letter)).join('')
}
