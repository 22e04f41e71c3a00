/** Pure: what the answer to one call shows of one permission. */
import { isOk } from '../../network/answer.ts'
import type { Location, Permission } from '../../provider.ts'
import { type Answer, denial, isDenied, words } from './answer.ts'
import type { Asked } from './failures.ts'

export interface ProbeContext extends Asked {
  /** Name of the caller, for messages: its ARN, or the Secret of its key. */
  who: string
  /** Account of the caller; absent where the service does not name it. */
  accountId?: string | undefined
}

export type Judgement = Omit<Permission, 'action' | 'probe'>

/** A permission to list: without it the service answers 403, not 404, for an absent object. */
export type ListPermission = 's3:ListBucket' | 's3:ListBucketVersions'

export interface Question {
  /** Permission that the question is about: `s3:GetObject`. */
  action: string
  /** Absent when the question is not about a bucket. */
  location?: Pick<Location, 'uri'>
  /** Statuses that prove the permission as success does: the service sends them only after checking it. */
  proofs?: number[]
}

export interface AbsentQuestion extends Question {
  /** Permission without which the service does not tell an absent object from a forbidden one. */
  list: ListPermission
}

const ALLOWED: Judgement = { result: 'Allowed' }

export const unknown = (detail: string): Judgement => ({ result: 'Unknown', detail })

export function judge(question: Question, answer: Answer, context: ProbeContext): Judgement {
  if (isOk(answer) || question.proofs?.includes(answer.status)) return ALLOWED
  if (isDenied(answer)) return { result: 'Denied', detail: denial(question, answer, context) }
  return unknown(`${question.action}: ${context.endpoint.host} answered ${words(answer)}`)
}

/**
 * Judges a call for an absent object. A 403 proves nothing if the caller may not list: absence also gives 403 then.
 */
export function judgeAbsent(
  question: AbsentQuestion,
  answer: Answer,
  lists: { list: Answer; versions?: Answer },
  context: ProbeContext,
): Judgement {
  const { list } = question
  const needed: ListPermission[] = ['s3:ListBucket', ...(list === 's3:ListBucket' ? [] : [list])]
  const lacking = needed.find(permission => {
    const answer = permission === 's3:ListBucket' ? lists.list : lists.versions
    return !answer || !isOk(answer)
  })
  if (!lacking || !isDenied(answer)) return judge(question, answer, context)
  return unknown(
    `${question.action}: without ${lacking} the service does not tell an absent object from a forbidden one`,
  )
}
