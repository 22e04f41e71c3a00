/** Expiration of objects: keeps the lifecycle rule of a store in its bucket, and all other rules as they are. */
import { type Failure, isFailure, stalled, transient } from '../../../api/failures.ts'
import { KeyedLock } from '../../../async/keyed-lock.ts'
import { beforeRule } from '../../before-rule.ts'
import { isOk } from '../../network/answer.ts'
import type { BucketRequest } from '../../provider.ts'
import { type Answer, isDenied, isUnknownCall, words } from '../answers/answer.ts'
import type { ProbeContext } from '../answers/judge.ts'
import type { BucketCalls, LifecycleDocument } from '../calls/bucket-calls.ts'
import { stepFailure } from './bucket-failures.ts'
import { type Expiration, editLifecycle, isKept, RULES_MAX } from './lifecycle-xml.ts'

/** Turns to write, by bucket: rules can only be written all at once, so a writer must read what the last one wrote. */
const writers = new KeyedLock()

export interface ExpirationChange {
  calls: Pick<BucketCalls, 'lifecycle' | 'putLifecycle' | 'deleteLifecycle'>
  request: BucketRequest
  /** Whether the bucket has, or had, versions. */
  versions: boolean
  context: ProbeContext
  signal: AbortSignal
}

/** Returns what was changed, for an event; undefined when there was nothing to change. */
export async function applyExpiration(change: ExpirationChange): Promise<string | undefined | Failure> {
  const { calls, request, versions, context, signal } = change
  const { location, expirationDays: days, ruleId: id, earlierRules: earlier, formerRule: former } = request
  const { bucket, prefix } = location
  const wanted: Expiration = { id, prefix, days, versions, earlier, former }

  const first = await plan()
  if (first === undefined) return undefined
  if (isFailure(first)) return beforeRule(first)
  return await writers.run(`${context.endpoint.host}/${bucket}`, signal, async () => {
    // Another store may have written the rules before this turn.
    const now = await plan()
    if (now === undefined) return undefined
    return isFailure(now) ? beforeRule(now) : await write(now)
  })

  /** Undefined when the rules are as wanted. */
  async function plan(): Promise<Plan | undefined | Failure> {
    const answer = await calls.lifecycle(bucket, signal)
    // A store that never wanted a rule needs no right to see rules.
    if (asksForMore(request) && isDenied(answer)) return undefined
    if (isUnknownCall(answer)) return days === undefined ? undefined : noRules(answer, context)
    const before = read(answer)
    if (isFailure(before)) return before
    const edit = editLifecycle(before?.xml, wanted)
    if (edit === 'as wanted') return undefined
    if (edit === 'unreadable') return unreadable(bucket, context)
    return days !== undefined && edit.rules > RULES_MAX
      ? full(bucket)
      : { before, after: edit.xml, earlier: edit.earlier }
  }

  async function write({ before, after, earlier }: Plan): Promise<string | Failure> {
    const answer = await (after === undefined
      ? calls.deleteLifecycle(bucket, signal)
      : calls.putLifecycle(bucket, { ...before, xml: after }, signal))
    if (!isOk(answer)) return failed('s3:PutLifecycleConfiguration', answer)
    const is = read(await calls.lifecycle(bucket, signal))
    if (isFailure(is)) return is
    if (!isKept(before?.xml, is?.xml, wanted)) return conflict(bucket)
    const instead = earlier > 0 ? ', and removed an earlier rule of this name' : ''
    return (days === undefined ? 'removed its expiration rule' : `set expiration of ${days} days`) + instead
  }

  function read(answer: Answer<LifecycleDocument>): LifecycleDocument | undefined | Failure {
    if (isOk(answer) || answer.code === 'NoSuchLifecycleConfiguration') return answer.value
    return failed('s3:GetLifecycleConfiguration', answer)
  }

  function failed(action: string, answer: Answer): Failure {
    const what = `${action.startsWith('s3:Get') ? 'show' : 'change'} the lifecycle rules of bucket "${bucket}"`
    const otherwise = days === undefined ? `remove lifecycle rule "${id}" by hand` : 'remove spec.bucket.expirationDays'
    return stepFailure(answer, bucket, { action, what, otherwise }, context)
  }
}

interface Plan {
  before: LifecycleDocument | undefined
  /** Undefined when no rule is left. */
  after: string | undefined
  /** How many rules of earlier stores of the name it removes. */
  earlier: number
}

/** Whether the request is about other things than lifecycle rules. */
const asksForMore = ({ create, versioning, expirationDays }: BucketRequest): boolean =>
  expirationDays === undefined && (create || versioning !== undefined)

const noRules = (answer: Answer, { endpoint }: ProbeContext): Failure =>
  stalled(
    'BucketChangeRefused',
    `${endpoint.host} has no lifecycle rules (${words(answer)}), so it can't expire objects: remove spec.bucket.expirationDays`,
  )

const unreadable = (bucket: string, { endpoint }: ProbeContext): Failure =>
  stalled(
    'LifecycleUnreadable',
    `${endpoint.host} describes the lifecycle rules of bucket "${bucket}" in a way that can't be changed safely: remove spec.bucket.expirationDays, and set the rule by hand`,
  )

const full = (bucket: string): Failure =>
  stalled(
    'LifecycleFull',
    `bucket "${bucket}" has ${RULES_MAX} lifecycle rules, and there can be no more: remove some, or spec.bucket.expirationDays`,
  )

const conflict = (bucket: string): Failure =>
  transient(
    'LifecycleConflict',
    `the lifecycle rules of bucket "${bucket}" are not as they were just written: somebody else changes them, too; trying again`,
  )
