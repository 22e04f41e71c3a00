/** What `--timeout` and `--no-wait` mean, and how the result of a change is told. */
import { durationMs } from '../../api/time.ts'
import type { Cluster } from '../cluster/connect.ts'
import type { Found } from '../cluster/find.ts'
import { type Waited, waitFor } from '../cluster/wait.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import { usageFailure } from '../frame/failures.ts'
import { report } from '../frame/reports.ts'
import { type Health, healthOf } from '../overview/health.ts'
import { harmless } from '../text/harmless.ts'
import { wrap } from '../text/width.ts'
import { nameOf } from './references.ts'

/** Timers can't be set for longer than some weeks. */
const LONGEST_MS = 24 * 3_600_000

/** Undefined: the command does not wait. */
export function timeoutOf({ options }: Pick<Invocation, 'options'>): number | undefined {
  if (options['wait'] === false) return undefined
  const text = String(options['timeout'])
  const ms = durationMs(text)
  if (!(ms <= LONGEST_MS))
    throw usageFailure(`--timeout "${text}" is no duration up to 24h`, 'write for example --timeout 90s')
  return ms
}

type Objects = Found['object']

/** What a wait needs of an invocation. */
export type Waiting = Pick<Invocation, 'options' | 'progress' | 'signal'>

/** The outcome of a change of one object. */
export interface Result {
  kind: Found['kind']
  namespace: string
  name: string
  /** What was done, in words: `verification asked for`. */
  done: string
  /** Whether the result was waited for, and came in time. */
  result: 'Done' | 'Failed' | 'Late' | 'NotAwaited'
  health?: Health
  /** What to say beside that. */
  detail?: string
  /** The command that comes next: it is never wrapped, as people copy it. */
  next?: string
}

interface Awaited {
  found: Found
  done: string
  /** Whether an object is what was waited for, well or not. */
  isDone(object: Objects): boolean
  /** How long to wait. Default: as the options say. */
  timeoutMs?: number
  /** Whether that is well. Default: it is Ready. */
  isWell?(health: Health): boolean
}

/** Waits for the result of a change, as the options say. */
export async function awaitResult(cluster: Cluster, invocation: Waiting, awaited: Awaited): Promise<Result> {
  const { found, done, isDone, isWell = ({ ready }) => ready === 'True' } = awaited
  const { namespace = '', name } = found.object.metadata
  const base = { kind: found.kind, namespace, name, done }
  const timeoutMs = awaited.timeoutMs ?? timeoutOf(invocation)
  if (timeoutMs === undefined) return { ...base, result: 'NotAwaited' }
  invocation.progress(`waiting for ${found.kind} ${namespace}/${name}`)
  const waited: Waited<Objects> = await waitFor<Objects>(
    cluster,
    { resource: found.resource, namespace, name },
    object => object === undefined || object.metadata.uid !== found.object.metadata.uid || isDone(object),
    { timeoutMs, signal: invocation.signal },
  )
  const health = waited.object && healthOf(waited.object)
  if (waited.isLate) return { ...base, result: 'Late', ...(health ? { health } : {}), detail: LATE }
  if (!health) return { ...base, result: 'Failed', detail: 'it is gone' }
  return { ...base, result: isWell(health) ? 'Done' : 'Failed', health }
}

const LATE =
  'no result in time: see whether the operator runs with "kubectl artifactstore doctor --install", or give more --timeout'

/** Whether the operator has seen the spec as it is, and needs no more time. */
export const isSettled = (object: Objects): boolean => {
  const { isCurrent, isReconciling, isStalled, ready, reason } = healthOf(object)
  return isCurrent && (isStalled || (!isReconciling && ready === 'True') || reason === 'Suspended')
}

/** The answer of a command that changed something. */
export function resultsAnswer(kind: string, results: Result[], found: Pick<Found, 'resource'>): Answer {
  return {
    lines: ({ paint, width }) =>
      results.flatMap(result => {
        const isWell = result.result === 'Done' || result.result === 'NotAwaited'
        const [first = '', ...others] = wrap(harmless(sentence(result)), width)
        const next = result.next === undefined ? [] : [`  ${harmless(result.next)}`]
        return [paint(first, isWell ? 'good' : 'bad'), ...others, ...next]
      }),
    data: report(kind, { results }),
    names: results.map(({ name }) => nameOf(found.resource, name)),
    isFound: results.some(({ result }) => result === 'Failed' || result === 'Late'),
  }
}

function sentence({ kind, namespace, name, done, health, result, detail }: Result): string {
  const state = health ? `Ready is ${health.ready}: ${health.reason}: ${health.message}` : ''
  const trouble = health?.trouble ? `now ${health.trouble}` : ''
  const words = [detail, result === 'NotAwaited' ? '' : state, trouble].filter(Boolean)
  return `${kind} ${namespace}/${name}: ${[done, ...words].join(': ')}`
}
