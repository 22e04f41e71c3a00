/** Removes the Secrets that a store may no longer have, and says what its status lists without them. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { Failure } from '../../api/failures.ts'
import { keyOf } from '../../api/object.ts'
import { refusalOf } from '../plan/connection.ts'
import { firstWarning, type ProjectedSecret } from '../plan/projected-secret.ts'
import { obsoleteSecrets } from '../plan/targets.ts'
import type { StoreView } from '../plan/view.ts'
import { unlentSecrets, withdrawnSecrets, withoutUnlent, withoutWithdrawn } from '../plan/withdrawn.ts'
import { type Removal, type RemovalContext, removeSecrets } from './removal.ts'

interface TakeBackContext extends RemovalContext {
  view: StoreView
  now: () => Date
}

/**
 * Removes what the connector does not lend, or no longer. That goes before anything else: it needs no connector that
 * works, and nobody but the store itself can have made such Secrets.
 */
export const takeBackUnlent = (store: ArtifactStore, context: TakeBackContext, signal: AbortSignal): Promise<Removal> =>
  removeSecrets(unlentSecrets(store, context.view, context.now()), context, signal)

/** The view without Secrets that were just removed: the cache may still have them. */
export function viewWithout(view: StoreView, removed: ReadonlySet<ProjectedSecret>): StoreView {
  if (removed.size === 0) return view
  const isLeft = (secret: ProjectedSecret) => !removed.has(secret)
  return {
    ...view,
    secret: key => [view.secret(key)].find(secret => secret && isLeft(secret)),
    secretsOf: store => view.secretsOf(store).filter(isLeft),
  }
}

/** What is left of a store's Secrets when nothing else could be done for it. */
interface CleanedUp {
  /** The store, whose status lists only the Secrets that are left. */
  left: ArtifactStore
  revocation: Failure | undefined
  warnOfExpiryAt: Date | undefined
}

/**
 * Removes the Secrets that no entry asks for and, if the connector's owner refuses the store, those that last or open
 * more than its bucket, whatever else went wrong first. `unlent`: what the connector does not lend was removed already.
 * If some of that is still there, this comes first of what is said, and status goes on to list it.
 */
export async function cleanUp(
  store: ArtifactStore,
  context: TakeBackContext & { unlent: Removal },
  signal: AbortSignal,
): Promise<CleanedUp> {
  const { view, unlent } = context
  const now = context.now()
  const isRefused = refusalOf(store, view) !== undefined
  const all = view.secretsOf(keyOf(store))
  const unwanted = new Set([...obsoleteSecrets(store, view), ...(isRefused ? withdrawnSecrets(store, view, now) : [])])
  const { removed, failure } = await removeSecrets([...unwanted], context, signal)
  const remains = {
    removed: new Set([...unlent.removed, ...removed]),
    left: all.filter(secret => !removed.has(secret)),
  }
  const warnOfExpiryAt = firstWarning(remains.left)
  if (unlent.failure) return { left: store, revocation: unlent.failure, warnOfExpiryAt }
  const left = isRefused && !failure ? withoutWithdrawn(store, remains, now) : withoutUnlent(store, remains, view, now)
  return { left, revocation: failure, warnOfExpiryAt }
}
