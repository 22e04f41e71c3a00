/** The sessions of all connectors, at whichever cloud. */
import type { Providers } from '../connectors/plan.ts'
import { SessionCache } from '../providers/sessions/session-cache.ts'

const MAX_SESSIONS = 10_000

/** Makes the cache of sessions. `onRejected` is called with the connector whose session a service has refused. */
export const createSessions = (
  providers: Providers,
  now: () => Date,
  onRejected: (connector: string) => void,
): SessionCache =>
  new SessionCache({
    open: async (identity, signal) => {
      const provider = Object.values(providers).find(({ name }) => name === identity.provider)
      if (!provider) throw new Error(`no provider "${identity.provider}"`)
      return provider.open(identity, signal)
    },
    now,
    max: MAX_SESSIONS,
    onRejected,
  })
