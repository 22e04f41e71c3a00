/** Pure: what answers to calls with issued credentials show of how far those reach; the same on all clouds. */
import { leftBehind } from './left-behind.ts'
import { type Answer, isOk } from './network/answer.ts'

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
  /** What the trial has written and could not remove, with the cure. */
  leftBehind?: string
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
const FORBIDDEN = {
  ReadWrite: [],
  ReadOnly: ['write', 'delete'],
  WriteOnly: ['list', 'read', 'delete'],
} as const satisfies Record<string, readonly Question[]>

/** What is asked of credentials. `elsewhere`: another bucket, if one is known. */
export const questionsOf = (
  access: keyof typeof FORBIDDEN,
  prefix: string,
  elsewhere: string | undefined,
): Question[] => [
  ...FORBIDDEN[access],
  ...(prefix === '' ? [] : (['listOutside', 'readOutside', 'writeOutside'] as const)),
  ...(elsewhere === undefined ? [] : (['listElsewhere'] as const)),
]

/** Answer to a question that is not asked, as the store wants nothing to be written. */
export const NOT_TRIED: Answer = { status: 0, code: 'NotTried' }

/** One answer, and what it shows: `unclear` when neither. */
export interface Tried {
  question: Question
  answer: Answer
  shows: 'reached' | 'refused' | 'unclear'
}

/** All answers of a trial. */
export interface TrialAnswers {
  /**
   * Answer to what the credentials must be able to do; absent where the identity itself is not known to be able to.
   * `isOfUse`: it was refused, and yet they can do something else that they must.
   */
  must?: { action: string; answer: Answer; isOfUse?: true }
  /** Whether the identity itself lists the whole bucket. */
  ownList: Answer
  /** Another bucket that the identity lists; absent when none is known. */
  elsewhere?: string
  tried: { question: Question; answer: Answer }[]
  /** The first key of an object that was written, and could not be removed. */
  left?: string
}

/** What a trial has shown of credentials that are not refused. `refuses`: whether an answer is a refusal. */
export function isolationOf(
  { must, ownList, elsewhere, tried, left }: TrialAnswers,
  { bucket, prefix }: { bucket: string; prefix: string },
  refuses: (answer: Answer) => boolean,
): Isolation {
  const shown = tried.map(({ question, answer }): Tried => {
    const shows = isReached(question, answer) ? 'reached' : refuses(answer) ? 'refused' : 'unclear'
    return { question, answer, shows }
  })
  const found = concludeTried(shown)
  const isUnclear = must !== undefined && !isOk(must.answer) && found.result !== 'False'
  // An identity that is held to a prefix itself shows nothing of credentials for other prefixes.
  const isWide =
    prefix === '' ||
    found.result === 'True' ||
    tried.some(({ question, answer }) => question === 'listOutside' && isOk(answer))
  return {
    kind: 'isolation',
    ...(isUnclear ? { result: 'Unknown', detail: `whether they work: ${answered(must.answer)}` } : found),
    holdsFor: isOk(ownList) && isWide ? 'bucket' : 'prefix',
    identityReaches: { ...(isOk(ownList) ? { bucket } : {}), ...(elsewhere ? { elsewhere } : {}) },
    ...(left === undefined ? {} : { leftBehind: leftBehind(`object "${left}" of a trial of credentials`) }),
  }
}

/** Absence is told only to who may read or delete. */
const isReached = (question: Question, answer: Answer): boolean =>
  isOk(answer) || (/^(read|delete)/.test(question) && answer.status === 404)

/**
 * Concludes from all answers. Without any question that could be asked, nothing else is known to the identity, and the
 * credentials reach no further than it does.
 */
export function concludeTried(tried: Tried[]): Pick<Isolation, 'result' | 'detail'> {
  const reached = new Set(tried.filter(({ shows }) => shows === 'reached').map(({ question }) => REACHES[question]))
  if (reached.size > 0) return { result: 'False', detail: [...reached].join(', ') }
  const unclear = tried.find(({ shows }) => shows === 'unclear')
  if (!unclear) return { result: 'True' }
  return { result: 'Unknown', detail: `whether they may ${REACHES[unclear.question]}: ${answered(unclear.answer)}` }
}

const answered = ({ status, code }: Answer): string =>
  code === NOT_TRIED.code
    ? 'spec.verification.writeProbe: None keeps it from being tried'
    : status === 0
      ? `no answer (${code})`
      : `the service answered HTTP ${status}${code ? ` ${code}` : ''}`

/**
 * A prefix beside another one, which no store uses. It begins with the same letters, as a service that compares without
 * the slash would let credentials reach it, too.
 */
export const besides = (prefix: string): string => `${prefix.slice(0, -1)}-artifactstore-outside/`
