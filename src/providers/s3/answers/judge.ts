/** Pure: what the answer to one call says of one permission. */

import { isOk } from '../../network/answer.ts'
import type { Location, Permission } from '../../provider.ts'
import { type Answer, denial, isDenied, words } from './answer.ts'
import type { Asked } from './failures.ts'

export interface ProbeContext extends Asked {
  /** For messages: the caller's ARN, or the Secret of its key. */
  who: string
  /** Account of the caller, where the service names it. */
  accountId?: string | undefined
}

export type Judgement = Omit<Permission, 'action' | 'probe'>

/** Who may not list is not told what is absent. */
export type ListPermission = 's3:ListBucket' | 's3:ListBucketVersions'

export interface Question {
  /** `s3:GetObject` */
  action: string
  /** Absent: it is about no bucket. */
  location?: Pick<Location, 'uri'>
  /** Statuses that, like success, come only after the permission was checked. */
  proofs?: number[]
}

export interface AbsentQuestion extends Question {
  /** Without it the service does not tell an absent thing from a forbidden one. */
  list: ListPermission
}

const ALLOWED: Judgement = { result: 'Allowed' }

export const unknown = (detail: string): Judgement => ({ result: 'Unknown', detail })

export function judge(question: Question, answer: Answer, context: ProbeContext): Judgement {
  if (isOk(answer) || question.proofs?.includes(answer.status)) return ALLOWED
  if (isDenied(answer)) return { result: 'Denied', detail: denial(question, answer, context) }
  return unknown(`${question.action}: ${context.endpoint.host} answered ${words(answer)}`)
}

/** Of a thing that is absent: a refusal says nothing where an absence would be refused, too. */
export function judgeAbsent(
  question: AbsentQuestion,
  answer: Answer,
  lists: { list: Answer; versions: Answer },
  context: ProbeContext,
): Judgement {
  const { list } = question
  const needed: ListPermission[] = ['s3:ListBucket', ...(list === 's3:ListBucket' ? [] : [list])]
  const lacking = needed.find(permission => !isOk(permission === 's3:ListBucket' ? lists.list : lists.versions))
  if (!lacking || !isDenied(answer)) return judge(question, answer, context)
  return unknown(
    `${question.action}: without ${lacking} the service does not tell an absent object from a forbidden one`,
  )
}
