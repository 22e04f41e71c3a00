/** The sessions of all connectors, at whichever cloud. */
import type { Providers } from '../connectors/plan.ts'
import { SessionCache, type SessionCacheOptions } from '../providers/sessions/session-cache.ts'

const MAX_SESSIONS = 10_000

/** Makes the cache of sessions. `onRejected` is called with the connector whose session a service has refused, and who met it. */
export const createSessions = (
  providers: Providers,
  clocks: Pick<SessionCacheOptions, 'now' | 'monotonic'>,
  onRejected: NonNullable<SessionCacheOptions['onRejected']>,
): SessionCache =>
  new SessionCache({
    open: async (identity, signal) => {
      const provider = Object.values(providers).find(({ name }) => name === identity.provider)
      if (!provider) throw new Error(`no provider "${identity.provider}"`)
      return provider.open(identity, signal)
    },
    ...clocks,
    max: MAX_SESSIONS,
    onRejected,
  })
