/** Every state of Ready, Reconciling and Stalled that the operator can write, found by writing one after the other. */
import type { Condition } from '../../src/api/conditions.ts'
import { stalled, transient, waiting } from '../../src/api/failures.ts'
import { concludeConditions, isReady, type Readiness } from '../../src/api/kstatus.ts'
import { NOW } from './objects.ts'

export interface State {
  name: string
  /** What was concluded last. */
  readiness: Readiness
  conditions: Condition[]
}

const READINESSES: Record<string, Readiness> = {
  ready: { kind: 'ready', reason: 'Verified', message: 'bucket verified' },
  'failed for a person': { kind: 'failed', failure: stalled('PermissionDenied', 'denied: change the policy') },
  'failed for now': { kind: 'failed', failure: transient('EndpointUnreachable', 'no answer: look at the endpoint') },
  waiting: { kind: 'failed', failure: waiting('SecretNotFound', 'no Secret "keys": create it') },
  'still ready': {
    kind: 'still-ready',
    failure: transient('EndpointUnreachable', 'no answer: look at the endpoint'),
  },
  progressing: { kind: 'progressing' },
  suspended: { kind: 'suspended' },
}

/** The shortest way to each state, by breadth first. */
export function reachableStates(): State[] {
  const states = new Map<string, State>()
  const queue: Pick<State, 'name' | 'conditions'>[] = [{ name: '', conditions: [] }]
  for (const before of queue) {
    for (const [word, readiness] of Object.entries(READINESSES)) {
      // What was not Ready can't stay so.
      if (readiness.kind === 'still-ready' && !isReady(before.conditions)) continue
      const conditions = concludeConditions(before.conditions, 1, readiness, NOW)
      const key = [word, ...conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`).sort()].join()
      if (states.has(key)) continue
      const state = { name: before.name ? `${before.name}, then ${word}` : word, readiness, conditions }
      states.set(key, state)
      queue.push(state)
    }
  }
  return [...states.values()]
}
