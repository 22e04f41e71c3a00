/** Pure: the answers of a probe -> what the identity may do, or why the container can't be judged. */
import type { Failure } from '../../api/failures.ts'
import { leftBehind } from '../left-behind.ts'
import { type Answer, isOk } from '../network/answer.ts'
import type { Permission, Probe, ProbeRequest } from '../provider.ts'
import { saidIn } from '../said.ts'
import { isEntra } from './auth.ts'
import { type Asked, failureOf } from './failures.ts'
import { DELEGATE, DELETE, LIST, READ, READ_TAGS, ROLE, SAS_LETTER, WRITE, WRITE_TAGS } from './permissions.ts'
import type { ProbeAnswers } from './probe.ts'

export interface ProbeContext extends Asked {
  /** Letters of `sp` where the identity is a SAS token; absent for others, and where a stored policy has them. */
  sasPermissions?: string | undefined
}

interface Try {
  action: string
  /** Absent: the call was not made. */
  answer: Answer | undefined
  probe: string
  /** Statuses that show the permission like a success, as the service checks it first. */
  proofs?: number[]
}

export function concludeProbe(answers: ProbeAnswers, request: ProbeRequest, context: ProbeContext): Probe | Failure {
  const { bucket: name, prefix } = request.location
  const { delegate, left, ...ofContainer } = answers
  for (const answer of Object.values(ofContainer)) {
    const failure = failureOf(answer, { ...context, container: name })
    if (failure) return failure
  }
  const failure = delegate && failureOf(delegate, context)
  if (failure) return failure

  const { list, head, put, getTags, setTags } = answers
  const object = request.writeProbe === 'Object'
  const tries: Try[] = [
    { action: LIST, answer: list, probe: 'ListBlobs below the path' },
    { action: READ, answer: head, probe: 'GetBlobProperties of an absent blob', proofs: [404] },
    object
      ? { action: WRITE, answer: put, probe: 'PutBlob of a small blob' }
      : { action: WRITE, answer: put, probe: 'PutBlob under a condition that fails', proofs: [412] },
    {
      action: DELETE,
      answer: answers.delete,
      probe: `DeleteBlob of ${object ? 'that' : 'an absent'} blob`,
      proofs: [404],
    },
  ]
  if (getTags) tries.push({ action: READ_TAGS, answer: getTags, probe: 'GetBlobTags of an absent blob', proofs: [404] })
  if (setTags)
    tries.push({ action: WRITE_TAGS, answer: setTags, probe: 'SetBlobTags of an absent blob', proofs: [404] })
  if (delegate) tries.push({ action: DELEGATE, answer: delegate, probe: 'GetUserDelegationKey' })
  return {
    kind: 'probe',
    bucket: { name, prefix },
    permissions: tries
      .map(attempt => judge(attempt, request, context))
      .filter(({ action, result, probe }) => probe || result !== 'Unknown' || request.required.includes(action)),
    ...(left === undefined ? {} : { leftBehind: leftBehind(`blob "${left}" of a probe`) }),
  }
}

function judge({ action, answer, probe, proofs = [] }: Try, request: ProbeRequest, context: ProbeContext): Permission {
  const letter = SAS_LETTER[action]
  const { sasPermissions } = context
  const tried = answer ? { probe } : {}
  // The token's own letters rule a permission out, whatever the service answered.
  if (sasPermissions !== undefined && letter && !sasPermissions.includes(letter)) {
    const detail = `${denied(action, request, context)}: it lacks "${letter}" (sp)`
    return { action, result: 'Denied', ...tried, detail, cure: `put a SAS token with "${letter}" (sp) into the Secret` }
  }
  if (!answer) {
    return {
      action,
      result: 'Unknown',
      detail: `${action}: not probed with spec.verification.writeProbe: ${request.writeProbe}`,
    }
  }
  if (isOk(answer) || proofs.includes(answer.status)) return { action, result: 'Allowed', probe }
  if (answer.status === 403) {
    const detail = `${denied(action, request, context)}${saidIn(answer)}`
    const cure = cureOf(action, request, context)
    return { action, result: 'Denied', probe, detail, ...(cure ? { cure } : {}) }
  }
  const words = `HTTP ${answer.status}${answer.code ? ` ${answer.code}` : ''}`
  return {
    action,
    result: 'Unknown',
    probe,
    detail: `${action}: ${context.identity.blob.host} answered ${words}${saidIn(answer)}`,
  }
}

function denied(action: string, { location }: ProbeRequest, { identity, who }: ProbeContext): string {
  return `${action} denied on ${action === DELEGATE ? accountOf(identity) : location.uri} for ${who}`
}

function cureOf(action: string, { location }: ProbeRequest, { identity }: ProbeContext): string | undefined {
  if (!isEntra(identity.auth)) return undefined
  const account = accountOf(identity)
  const scope = action === DELEGATE ? account : `container "${location.bucket}" of ${account}`
  return `assign it the role "${ROLE[action]}" on ${scope}`
}

const accountOf = ({ accountName }: Asked['identity']): string => `storage account "${accountName}"`
