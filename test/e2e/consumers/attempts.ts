/** Attempts to use projected credentials, on either cloud, with the outcome that each must have. */
import type { CredentialsEntry, Format } from '../../../src/api/artifact-store.ts'
import type { Access } from '../../../src/providers/provider.ts'

export interface Attempt<Client> {
  name: string
  /** The accesses for which it must work; all others must be refused. */
  allowed: readonly Access[]
  send(client: Client): Promise<unknown>
}

export const ACCESSES: Access[] = ['ReadWrite', 'ReadOnly', 'WriteOnly']
export const READERS: Access[] = ['ReadWrite', 'ReadOnly']
export const WRITERS: Access[] = ['ReadWrite', 'WriteOnly']
export const OWNER: Access[] = ['ReadWrite']
export const NOBODY: Access[] = []

/** The prefix of a store and one below it, each of which is granted with every access. */
const SCOPES = [
  { name: 'prefix', prefix: 'team/' },
  { name: 'subpath', prefix: 'team/runs/today/', subPath: 'runs/today' },
]
export const PREFIXES = SCOPES.map(({ prefix }) => prefix)
export const ROLES = SCOPES.flatMap(scope =>
  ACCESSES.map(access => ({ ...scope, access, name: `${access.toLowerCase()}-${scope.name}` })),
)

/** The entries of `spec.credentials` for all roles, in one format. */
export const entriesOf = (format: Format): CredentialsEntry[] =>
  ROLES.map(({ name, access, subPath }) => ({ name, access, formats: [format], ...(subPath && { subPath }) }))

/** Makes all attempts and returns those with another outcome than they must have: `done` or `refused`. */
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
