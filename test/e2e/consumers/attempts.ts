/** What projected credentials are tried with, on either cloud, and how it must end. */
import type { CredentialsEntry, Format } from '../../../src/api/artifact-store.ts'
import type { Access } from '../../../src/providers/provider.ts'

export interface Attempt<Client> {
  name: string
  /** For whom it must work; everybody else must be refused. */
  allowed: readonly Access[]
  send(client: Client): Promise<unknown>
}

export const ACCESSES: Access[] = ['ReadWrite', 'ReadOnly', 'WriteOnly']
export const READERS: Access[] = ['ReadWrite', 'ReadOnly']
export const WRITERS: Access[] = ['ReadWrite', 'WriteOnly']
export const OWNER: Access[] = ['ReadWrite']
export const NOBODY: Access[] = []

/** A store's prefix, and one below it, each with every access. */
const SCOPES = [
  { name: 'prefix', prefix: 'team/' },
  { name: 'subpath', prefix: 'team/runs/today/', subPath: 'runs/today' },
]
export const PREFIXES = SCOPES.map(({ prefix }) => prefix)
export const ROLES = SCOPES.flatMap(scope =>
  ACCESSES.map(access => ({ ...scope, access, name: `${access.toLowerCase()}-${scope.name}` })),
)

/** Of `spec.credentials`: each role, in one format. */
export const entriesOf = (format: Format): CredentialsEntry[] =>
  ROLES.map(({ name, access, subPath }) => ({ name, access, formats: [format], ...(subPath && { subPath }) }))

/** Tries all of them. Returns those that ended in another way than they must; `outcomeOf` says `done` or `refused`. */
export async function surprises<Client>(
  attempts: Attempt<Client>[],
  access: Access,
  client: Client,
  outcomeOf: (attempt: Attempt<Client>, client: Client) => Promise<string>,
): Promise<string[]> {
  const found: string[] = []
  for (const attempt of attempts) {
    const expected = attempt.allowed.includes(access) ? 'done' : 'refused'
    const outcome = await outcomeOf(attempt, client)
    if (outcome !== expected) found.push(`${attempt.name}: ${outcome} instead of ${expected}`)
  }
  return found
}
