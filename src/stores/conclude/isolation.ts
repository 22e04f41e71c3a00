/** Pure: what is said of how far credentials reach. */
import { type Condition, type Finding, findCondition, ISOLATED } from '../../api/conditions.ts'
import type { EventRecord } from '../../runtime/outcome.ts'
import type { Projection } from '../effects/projection.ts'
import { type Isolated, NARROWER } from '../plan/isolation.ts'

/** The worst counts; nothing is said where no credentials were ever tried. */
export function isolationFinding(projections: Projection[]): Finding[] {
  const tried = projections.flatMap(({ target, isolation }) => (isolation ? [{ ...target, ...isolation }] : []))
  if (tried.length === 0) return []
  const saying = (wanted: Isolated['result'], words: string): string[] => {
    const those = tried.filter(({ result }) => result === wanted)
    const all = those.map(({ role, access, detail = '' }) => `credentials "${role}" (${access}) ${words} ${detail}`)
    return [...new Set(all)]
  }
  const [wide, open] = [saying('False', 'may also'), saying('Unknown', 'are not proven to be isolated:')]
  if (wide.length > 0) {
    const message = `${wide.join('; ')}: ${NARROWER}; spec.verification.isolation: Required keeps such credentials from consumers`
    return [{ type: ISOLATED, status: 'False', reason: 'NotIsolated', message }]
  }
  if (open.length > 0) return [{ type: ISOLATED, status: 'Unknown', reason: 'NotProven', message: open.join('; ') }]
  const message = 'what was tried beyond prefix and access was refused'
  return [{ type: ISOLATED, status: 'True', reason: 'Proven', message }]
}

/** Warns once of credentials that reach further than they should: Ready does not show it. */
export function isolationEvents(before: readonly Condition[] | undefined, now: readonly Condition[]): EventRecord[] {
  const isolated = findCondition(now, ISOLATED)
  if (isolated?.status !== 'False' || findCondition(before, ISOLATED)?.status === 'False') return []
  return [{ type: 'Warning', reason: isolated.reason, action: 'Project', message: isolated.message }]
}
