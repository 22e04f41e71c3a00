/** The context of a store's reconciler, made of fakes that record their calls. */
import type { ArtifactStore } from '../../src/api/artifact-store.ts'
import type { Failure } from '../../src/api/failures.ts'
import { FINALIZER } from '../../src/api/names.ts'
import type { StoreContext } from '../../src/stores/context.ts'
import { Ages } from '../../src/stores/effects/ages.ts'
import { Isolations } from '../../src/stores/effects/isolations.ts'
import { KeptSessions } from '../../src/stores/effects/kept-sessions.ts'
import { RepairLimit } from '../../src/stores/effects/repair-limit.ts'
import { Verifications } from '../../src/stores/effects/verifications.ts'
import { noTracer } from '../../src/telemetry/tracer.ts'
import { fakeProvider, fakeSession, fakeView, NOW } from './objects.ts'

export interface Lab {
  now: Date
  /** By how much the wall clock was set back, in ms. */
  setBackMs: number
  /** Calls in order, such as `add`, `remove`, `remove Secret prod-old` or `warn ...`. */
  calls: string[]
  /** What was counted, in order: `s3:GetObject Allowed`, `refreshed`, a reason, `0 ms late`. */
  counted: string[]
  /** The failure of writing the finalizer; undefined when it succeeds. */
  finalizerFails: Failure | undefined
  context: StoreContext
}

export function storeLab(overrides: Partial<StoreContext> = {}): Lab {
  const lab: Lab = {
    now: NOW,
    setBackMs: 0,
    calls: [],
    counted: [],
    finalizerFails: undefined,
    context: {
      view: fakeView(),
      providers: { aws: fakeProvider },
      sessions: { get: async () => fakeSession() },
      async lookUp({ kind, name }) {
        note(`look up ${kind} ${name}`)
        return 'absent'
      },
      verifications: new Verifications(),
      isolations: new Isolations(),
      measurements: new Map(),
      removals: new Map(),
      kept: new KeptSessions(),
      repairs: new RepairLimit(),
      ages: new Ages(),
      counts: {
        probed: (action, result) => lab.counted.push(`${action} ${result}`),
        refreshed: failure => lab.counted.push(failure ?? 'refreshed'),
        refreshLag: ms => lab.counted.push(`${ms} ms late`),
      },
      tracer: noTracer,
      log: { warn: (_, message) => note(`warn ${message}`) },
      writer: {
        async write({ name }) {
          note(`write Secret ${name}`)
          return undefined
        },
        async remake({ name }) {
          note(`remake Secret ${name}`)
          return undefined
        },
        blocked: async () => undefined,
        async remove({ metadata }) {
          note(`remove Secret ${metadata.name}`)
          return undefined
        },
        forget({ metadata }) {
          note(`forget ${metadata.name}`)
        },
      },
      finalizer: {
        async add(store) {
          note('add')
          return lab.finalizerFails ?? guarded(store)
        },
        async remove() {
          note('remove')
          return lab.finalizerFails
        },
      },
      now: () => lab.now,
      monotonic: () => lab.now.getTime() + lab.setBackMs,
      ...overrides,
    },
  }
  const note = (call: string): void => void lab.calls.push(call)
  return lab
}

/** Sets the wall clock of a lab back; nothing else notices. */
export function setBack(lab: Lab, ms: number): void {
  lab.now = new Date(lab.now.getTime() - ms)
  lab.setBackMs += ms
}

/** The store with the operator's finalizer. */
export const guarded = (store: ArtifactStore): ArtifactStore => ({
  ...store,
  metadata: { ...store.metadata, finalizers: [FINALIZER] },
})

/** The store with the operator's finalizer, while it is being deleted. */
export const going = (store: ArtifactStore): ArtifactStore => {
  const { metadata, ...rest } = guarded(store)
  return { ...rest, metadata: { ...metadata, deletionTimestamp: '2026-03-01T09:00:00Z' } }
}
