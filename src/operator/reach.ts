/** What identities were seen to reach, beside what the stores of their connectors need. */
import type { ArtifactStore } from '../api/artifact-store.ts'
import { isFailure } from '../api/failures.ts'
import type { ObjectKey } from '../api/object.ts'
import { parseStoreUri } from '../api/uri.ts'
import type { Reach } from '../connectors/conclude-reach.ts'
import type { Isolations } from '../stores/effects/isolations.ts'

/** `storesOf`: all stores of a connector, whose specs may be invalid. */
export const createReach =
  (
    isolations: Pick<Isolations, 'reachOf'>,
    storesOf: (connector: ObjectKey) => ArtifactStore[],
    monotonic: () => number,
  ) =>
  (connector: ObjectKey, fingerprint: string): Reach | undefined => {
    const seen = isolations.reachOf(fingerprint, monotonic())
    if (!seen) return undefined
    const stores = new Map<string, Set<string>>()
    for (const { spec } of storesOf(connector)) {
      const uri = typeof spec.path === 'string' ? parseStoreUri(spec.path) : undefined
      if (!uri || isFailure(uri)) continue
      stores.set(uri.bucket, (stores.get(uri.bucket) ?? new Set()).add(uri.prefix))
    }
    return { ...seen, stores }
  }
