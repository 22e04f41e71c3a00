/** Pure: what the answer to one call says of one permission. */

import { isOk } from '../../network/answer.ts'
import type { Location, Permission } from '../../provider.ts'
import type { Answer } from './answer.ts'
import type { Asked } from './failures.ts'

export interface ProbeContext extends Asked {
  /** For messages: the caller's ARN, or the Secret of its key. */
  who: string
  /** Account of the caller, where the service names it. */
  accountId?: string | undefined
}

export type Verdict = Omit<Permission, 'action' | 'probe'>

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

const ALLOWED: Verdict = { result: 'Allowed' }

export const unknown = (detail: string): Verdict => ({ result: 'Unknown', detail })

export function judge(question: Question, answer: Answer, context: ProbeContext): Verdict {
  if (isOk(answer) || question.proofs?.includes(answer.status)) return ALLOWED
  if (isDenied(answer)) return { result: 'Denied', detail: denial(question, answer, context) }
  return unknown(`${question.action}: ${context.endpoint.host} answered ${words(answer)}`)
}

/** Of a thing that is absent: a refusal says nothing where an absence would be refused, too. */
export function judgeAbsent(
  question: Question,
  answer: Answer,
  list: ListPermission,
  lists: { list: Answer; versions: Answer },
  context: ProbeContext,
): Verdict {
  const needed: ListPermission[] = ['s3:ListBucket', ...(list === 's3:ListBucket' ? [] : [list])]
  const lacking = needed.find(permission => !isOk(permission === 's3:ListBucket' ? lists.list : lists.versions))
  if (!lacking || !isDenied(answer)) return judge(question, answer, context)
  return unknown(
    `${question.action}: without ${lacking} the service does not tell an absent object from a forbidden one`,
  )
}

/** Not every service and protocol says so by the status. */
export const isDenied = ({ status, code = '' }: Answer): boolean => status === 403 || code.startsWith('AccessDenied')

/** `s3:PutObject denied on s3://ml/prod for arn:...` */
export const denial = (
  { action, location }: Pick<Question, 'action' | 'location'>,
  answer: Answer,
  { who }: ProbeContext,
): string => `${action} denied${location ? ` on ${location.uri}` : ''} for ${who}${because(answer)}`

/** Why, in the service's own terms; the rest of its message names keys and ids. */
const BECAUSE = /because no [a-z -]+ allows the [\w:]+ action|with an explicit deny in an? [a-z -]+/

function because({ message = '' }: Answer): string {
  const [words] = BECAUSE.exec(message) ?? []
  return words ? ` ${words.trim()}` : ''
}

/** `HTTP 400 InvalidRequest` */
export const words = ({ status, code }: Answer): string => `HTTP ${status}${code ? ` ${code}` : ''}`
