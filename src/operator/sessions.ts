/** The sessions of all connectors, at whichever cloud. */
import type { Providers } from '../connectors/plan.ts'
import { SessionCache, type SessionCacheOptions } from '../providers/sessions/session-cache.ts'

const MAX_SESSIONS = 10_000

/** Makes the cache of sessions, which tells what becomes of them. */
export const createSessions = (
  providers: Providers,
  clocks: Pick<SessionCacheOptions, 'now' | 'monotonic'>,
  told: Required<Pick<SessionCacheOptions, 'onRejected' | 'onLost'>>,
): SessionCache =>
  new SessionCache({
    open: async (identity, signal) => {
      const provider = Object.values(providers).find(({ name }) => name === identity.provider)
      if (!provider) throw new Error(`no provider "${identity.provider}"`)
      return provider.open(identity, signal)
    },
    ...clocks,
    max: MAX_SESSIONS,
    ...told,
  })
