/** Whether the API server can take a status alone. */
import type { Client } from './client.ts'
import { isForbidden } from './errors.ts'

/** The first minor version of Kubernetes 1 that does. */
const MINOR = 36
const TIMEOUT_MS = 5_000

/**
 * Whether a PUT of a status alone leaves the rest of the object to its owners. Older API servers keep labels, annotations,
 * finalizers and owners that such a PUT does not carry, but note that nobody applied them any more (docs/adr/0036). False,
 * too, where the operator may not read the version. Rejects with other errors of calls.
 */
export async function leavesOwners(client: Pick<Client, 'raw'>): Promise<boolean> {
  try {
    const { major, minor } = (await client.raw('/version', { timeoutMs: TIMEOUT_MS })) as Record<string, string>
    // Some clouds write `36+`.
    return major === '1' && Number.parseInt(minor ?? '', 10) >= MINOR
  } catch (error) {
    if (isForbidden(error)) return false
    throw error
  }
}
