/** Whether the API server can take a status alone. */
import type { Client } from './client.ts'
import { isForbidden } from './errors.ts'

/** The first minor version of Kubernetes 1 that does. */
const MINOR = 36
const TIMEOUT_MS = 5_000

type Asking = Pick<Client, 'raw'>

/** One answer for all who write statuses by a client. */
const answers = new WeakMap<Asking, Promise<boolean>>()

/**
 * Whether a PUT of a status alone leaves the rest of the object to its owners. Older API servers keep labels, annotations,
 * finalizers and owners that such a PUT does not carry, but note that nobody applied them any more (docs/adr/0036). False,
 * too, where the operator may not read the version, and where there was no answer: then it is asked for again next time.
 */
export function leavesOwners(client: Asking): Promise<boolean> {
  const known = answers.get(client)
  if (known) return known
  const answer = ask(client).catch(error => {
    if (!isForbidden(error)) answers.delete(client)
    return false
  })
  answers.set(client, answer)
  return answer
}

async function ask(client: Asking): Promise<boolean> {
  const { major, minor } = (await client.raw('/version', { timeoutMs: TIMEOUT_MS })) as Record<string, string>
  // Some clouds write `36+`.
  return major === '1' && Number.parseInt(minor ?? '', 10) >= MINOR
}
