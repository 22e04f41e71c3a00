/** What a reconcile needs besides the store itself. */
import type { ArtifactStore } from '../api/artifact-store.ts'
import type { LookUp } from '../connectors/look-up.ts'
import type { Providers } from '../connectors/plan.ts'
import type { SessionSource } from '../providers/provider.ts'
import type { Finalizer } from '../runtime/finalizer.ts'
import type { Log } from '../runtime/log.ts'
import type { Tracer } from '../telemetry/tracer.ts'
import type { Ages } from './effects/ages.ts'
import type { Counts } from './effects/counts.ts'
import type { Isolations } from './effects/isolations.ts'
import type { KeptSessions } from './effects/kept-sessions.ts'
import type { Measurements } from './effects/measure.ts'
import type { RepairLimit } from './effects/repair-limit.ts'
import type { SecretWriter } from './effects/secret-writer.ts'
import type { Verifications } from './effects/verifications.ts'
import type { StoreView } from './plan/view.ts'

export interface StoreContext {
  view: StoreView
  providers: Providers
  sessions: SessionSource
  lookUp: LookUp
  verifications: Verifications
  isolations: Isolations
  measurements: Measurements
  /** When the operator first tried to undo what a deleted store left behind, by the store's uid and monotonic clock. */
  removals: Map<string, number>
  /** Sessions by which a store can be undone that has lost its connector. */
  kept: KeptSessions
  writer: SecretWriter
  finalizer: Finalizer<ArtifactStore>
  repairs: RepairLimit
  ages: Ages
  counts: Counts
  log: Pick<Log, 'warn'>
  tracer: Tracer
  /** Wall clock, for times that others read. */
  now: () => Date
  /** Time in ms that never jumps, for everything that lasts. */
  monotonic: () => number
}

/** Forgets what is remembered of a store. */
export function forgetStore(
  { verifications, measurements, removals, kept, ages, writer }: StoreContext,
  store: ArtifactStore,
): void {
  for (const memory of [verifications, measurements, removals, kept, ages]) memory.delete(store.metadata.uid)
  writer.forget(store)
}
