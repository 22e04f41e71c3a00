/** Whether the API server can take a status alone. */
import type { Client } from './client.ts'
import { isForbidden, isNotFound } from './errors.ts'

/** The first minor version of Kubernetes 1 that does. */
const MINOR = 36
const TIMEOUT_MS = 5_000
/** For how long a refusal counts: an API server that starts refuses for a moment what it will grant. */
const REFUSED_MS = 600_000

type Asking = Pick<Client, 'raw'>

/** One answer for all who write statuses by a client, until so many monotonic ms. */
const answers = new WeakMap<Asking, { answer: Promise<boolean>; until: number }>()

/**
 * Whether a PUT of a status alone leaves the rest of the object to its owners. Older API servers keep labels, annotations,
 * finalizers and owners that such a PUT does not carry, but note that nobody applied them any more (docs/adr/0036). False,
 * too, where the operator may not read the version, which is asked for again after minutes, and where there was no answer:
 * then next time.
 */
export function leavesOwners(client: Asking, now = performance.now()): Promise<boolean> {
  const known = answers.get(client)
  if (known && now < known.until) return known.answer
  const answer = ask(client).catch(error => {
    if (isForbidden(error) || isNotFound(error)) entry.until = now + REFUSED_MS
    else answers.delete(client)
    return false
  })
  const entry = { answer, until: Number.POSITIVE_INFINITY }
  answers.set(client, entry)
  return answer
}

async function ask(client: Asking): Promise<boolean> {
  const { major, minor } = (await client.raw('/version', { timeoutMs: TIMEOUT_MS })) as Record<string, string>
  // Some clouds write `36+`.
  return major === '1' && Number.parseInt(minor ?? '', 10) >= MINOR
}
