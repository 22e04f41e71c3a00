/** Pure: the answers of a probe -> what the identity may do, or why the bucket can't be judged. */
import type { Failure } from '../../api/failures.ts'
import type { Permission, Probe, ProbeRequest } from '../provider.ts'
import { type Answer, isOk } from './answer.ts'
import { type Asked, failureOf } from './failures.ts'
import type { ProbeAnswers } from './probe.ts'

export interface ProbeContext extends Asked {
  /** For messages: the caller's ARN, or the Secret of its key. */
  who: string
}

type Verdict = Omit<Permission, 'action'>

const ALLOWED: Verdict = { result: 'Allowed' }
const unknown = (detail: string): Verdict => ({ result: 'Unknown', detail })

export function concludeProbe(answers: ProbeAnswers, request: ProbeRequest, context: ProbeContext): Probe | Failure {
  const asked = { ...context, bucket: request.location.bucket }
  const { list, head, versioning, versions, put, abort, deleteVersion } = answers
  for (const answer of [list, versioning, versions, put, abort, deleteVersion, answers.delete]) {
    const failure = answer && failureOf(answer, asked)
    if (failure) return failure
  }
  const failure = failureOf(head, { ...asked, bodiless: true })
  if (failure) return failure

  const of = (action: string, answer: Answer): Permission => permission(action, judge(action, answer, request, context))
  const mode = versioning.value
  return {
    kind: 'probe',
    bucket: {
      name: request.location.bucket,
      prefix: request.location.prefix,
      region: context.identity.region,
      ...(mode ? { versioning: mode } : {}),
    },
    permissions: [
      of('s3:ListBucket', list),
      permission('s3:GetObject', judgeGet(head, list, request, context)),
      permission('s3:PutObject', judgePut(put, request, context)),
      permission(
        's3:AbortMultipartUpload',
        abort
          ? judge('s3:AbortMultipartUpload', abort, request, context, [404])
          : unknown(notProbed('s3:AbortMultipartUpload', request)),
      ),
      permission('s3:DeleteObject', judgeDelete(answers, request, context)),
      of('s3:DeleteObjectVersion', deleteVersion),
      of('s3:GetBucketVersioning', versioning),
      of('s3:ListBucketVersions', versions),
    ],
  }
}

const permission = (action: string, verdict: Verdict): Permission => ({ action, ...verdict })

/** `proofs`: statuses that, like success, come only after the permission was checked. */
function judge(
  action: string,
  answer: Answer,
  request: ProbeRequest,
  context: ProbeContext,
  proofs: number[] = [],
): Verdict {
  if (isOk(answer) || proofs.includes(answer.status)) return ALLOWED
  if (answer.status === 403) return denied(action, answer, request, context)
  return unknown(`${action}: ${context.endpoint.host} answered ${words(answer)}`)
}

/** An absent key is told from a forbidden one only to who may list; others can't be told apart by it. */
function judgeGet(head: Answer, list: Answer, request: ProbeRequest, context: ProbeContext): Verdict {
  if (head.status === 403 && !isOk(list)) {
    return unknown(
      's3:GetObject: without s3:ListBucket the service does not tell an absent object from a forbidden one',
    )
  }
  return judge('s3:GetObject', head, request, context, [404])
}

const KMS_CODE = /^kms[.:]|^KMS/i

function judgePut(put: Answer | undefined, request: ProbeRequest, context: ProbeContext): Verdict {
  if (!put) return unknown(notProbed('s3:PutObject', request))
  const { type, kmsKeyId } = request.encryption
  const key = type === 'SSE-KMS' ? `KMS key "${kmsKeyId}"` : 'the KMS key of the bucket'
  const { code = '', message = '' } = put
  if (KMS_CODE.test(code)) {
    return { result: 'Denied', detail: `s3:PutObject fails on ${request.location.uri}: ${key}: ${code}` }
  }
  const verdict = judge('s3:PutObject', put, request, context)
  if (verdict.result !== 'Denied') return verdict
  const [kmsAction] = /\bkms:[A-Za-z]+/.exec(message) ?? []
  if (kmsAction) {
    return {
      result: 'Denied',
      detail: `${kmsAction} on ${key} denied for ${context.who}, so s3:PutObject fails on ${request.location.uri}`,
    }
  }
  if (type !== 'SSE-KMS') return verdict
  return { result: 'Denied', detail: `${verdict.detail} (or kms:GenerateDataKey or kms:Decrypt on ${key})` }
}

function judgeDelete(
  { delete: answer, deleteVersion }: ProbeAnswers,
  request: ProbeRequest,
  context: ProbeContext,
): Verdict {
  // 404 and 412: the condition on an absent key does not hold.
  if (answer) return judge('s3:DeleteObject', answer, request, context, [404, 412])
  return unknown(
    isOk(deleteVersion)
      ? notProbed('s3:DeleteObject', request)
      : 's3:DeleteObject: not probed, as it may leave a delete marker in a versioned bucket, and s3:DeleteObjectVersion, which removes it, is not allowed',
  )
}

const notProbed = (action: string, { writeProbe }: ProbeRequest): string =>
  writeProbe === 'Multipart'
    ? `${action}: not probed`
    : `${action}: not probed with spec.verification.writeProbe: ${writeProbe}`

/** Why, in the service's own terms; the rest of its message names keys and ids. */
const BECAUSE = /because no [a-z -]+ allows the [\w:]+ action|with an explicit deny in an? [a-z -]+/

function denied(action: string, answer: Answer, request: ProbeRequest, { who }: ProbeContext): Verdict {
  const [because] = BECAUSE.exec(answer.message ?? '') ?? []
  const detail = `${action} denied on ${request.location.uri} for ${who}${because ? ` ${because.trim()}` : ''}`
  return { result: 'Denied', detail }
}

const words = ({ status, code }: Answer): string => `HTTP ${status}${code ? ` ${code}` : ''}`
