/** Pure: what answers to calls with issued credentials show of how far those reach; the same on all clouds. */
import { cut } from '../foreign/text.ts'
import { redact } from '../telemetry/redact.ts'
import type { Answer } from './network/answer.ts'

/** How far issued credentials reach, as calls with them have shown. */
export interface Isolation {
  kind: 'isolation'
  /** True: all that was tried beyond location and access was refused. False: some was not. */
  result: 'True' | 'False' | 'Unknown'
  /**
   * What they may do beyond location and access: `write, list other buckets`; or why that is not known. Has no names, as
   * stores of other namespaces are told it. Absent when the result is True.
   */
  detail?: string
  /** Whether the result counts for all prefixes of the bucket, or for this one only. */
  holdsFor: 'bucket' | 'prefix'
  /** What the identity itself lists: the bucket as a whole, and another one. For the owner of the connector only. */
  identityReaches: { bucket?: string; elsewhere?: string }
}

/** What credentials are asked for that they must not have, with the words for it when they have. */
const REACHES = {
  listOutside: 'list outside of their prefix',
  readOutside: 'read outside of their prefix',
  writeOutside: 'write outside of their prefix',
  listElsewhere: 'list other buckets',
  list: 'list',
  read: 'read',
  write: 'write',
  delete: 'delete',
} as const

export type Question = keyof typeof REACHES

/** What each access must not allow below its own prefix. */
export const FORBIDDEN: Record<'ReadWrite' | 'ReadOnly' | 'WriteOnly', readonly Question[]> = {
  ReadWrite: [],
  ReadOnly: ['write', 'delete'],
  WriteOnly: ['list', 'read', 'delete'],
}

/** One answer, and what it shows: `unclear` when neither. */
export interface Tried {
  question: Question
  answer: Answer
  shows: 'reached' | 'refused' | 'unclear'
}

/**
 * Concludes from all answers. Without any question that could be asked, nothing else is known to the identity, and the
 * credentials reach no further than it does.
 */
export function concludeTried(tried: Tried[]): Pick<Isolation, 'result' | 'detail'> {
  const reached = new Set(tried.filter(({ shows }) => shows === 'reached').map(({ question }) => REACHES[question]))
  if (reached.size > 0) return { result: 'False', detail: [...reached].join(', ') }
  const unclear = tried.find(({ shows }) => shows === 'unclear')
  if (!unclear) return { result: 'True' }
  const { status, code } = unclear.answer
  const words = status === 0 ? `no answer (${code})` : `HTTP ${status}${code ? ` ${code}` : ''}`
  return { result: 'Unknown', detail: `whether they may ${REACHES[unclear.question]}: the service answered ${words}` }
}

/**
 * A prefix beside another one, which no store uses. It begins with the same letters, as a service that compares without
 * the slash would let credentials reach it, too.
 */
export const besides = (prefix: string): string => `${prefix.slice(0, -1)}-artifactstore-outside/`

/** The most characters that are shown of what a service says. */
const WORDS_MAX = 200
/** Longer words are ids and digests. */
const WORD_MAX = 24

/**
 * What the service says of a refusal, for people: bounded, without the credentials that were tried, and without the ids
 * and times that would change status at each look. `secrets`: texts that are not shown.
 */
export function serviceWords({ status, code, message = '' }: Answer, secrets: readonly string[]): string {
  const plain = secrets.reduce((text, secret) => (secret ? text.replaceAll(secret, '...') : text), redact(message))
  const steady = plain
    .split(' ')
    .map(word => (isUnsteady(word) ? '...' : word))
    .join(' ')
    .trim()
  return `HTTP ${status}${code ? ` ${code}` : ''}${steady ? `: "${cut(steady, WORDS_MAX)}"` : ''}`
}

/** Parameters, ids and times. An ARN is long, too, and says who was refused. */
function isUnsteady(word: string): boolean {
  if (word.includes('=')) return true
  return /\d/.test(word) && !word.includes('arn:') && (word.length > WORD_MAX || /\d:\d\d|Id:/.test(word))
}
