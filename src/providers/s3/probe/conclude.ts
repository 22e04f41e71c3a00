/** Pure: turns the answers of a probe into what the identity may do, or into why the bucket can't be judged. */
import { type Failure, isFailure } from '../../../api/failures.ts'
import { leftBehind } from '../../left-behind.ts'
import { isOk } from '../../network/answer.ts'
import type { Permission, Probe, ProbeRequest } from '../../provider.ts'
import { type Answer, takesNoAcl, words } from '../answers/answer.ts'
import { failureOf } from '../answers/failures.ts'
import { type Judgement, judge, judgeAbsent, type ProbeContext, unknown } from '../answers/judge.ts'
import { judgeKey } from '../answers/kms.ts'
import { concludeExtra } from './conclude-extra.ts'
import { encryptionCautions, encryptionFailure } from './encryption.ts'
import { EXTRA_PERMISSIONS } from './extra-permissions.ts'
import type { ProbeAnswers } from './probe.ts'

export type { ProbeContext } from '../answers/judge.ts'

export function concludeProbe(answers: ProbeAnswers, request: ProbeRequest, context: ProbeContext): Probe | Failure {
  const { location, required } = request
  const asked = { ...context, bucket: location.bucket }
  const { list, head, versioning, versions, put, abort, deleteVersion } = answers
  const refused = encryptionFailure(answers, request, asked)
  if (refused) return refused
  for (const answer of [list, versioning, versions, put, abort, deleteVersion, answers.delete]) {
    const failure = answer && failureOf(answer, asked)
    if (failure) return failure
  }
  const failure = failureOf(head, { ...asked, bodiless: true })
  if (failure) return failure

  const made = answers.putWith === 'object' && put !== undefined && isOk(put)
  const of = (action: string, answer: Answer, probe: string): Permission =>
    permission(action, judge({ action, location }, answer, context), probe)
  const ofVersions = (action: string, answer: Answer | undefined, probe: string): Permission =>
    answer ? of(action, answer, probe) : permission(action, unknown(`${action}: not probed`), undefined)
  const permissions = [
    of('s3:ListBucket', list, 'ListObjectsV2'),
    permission(
      's3:GetObject',
      judgeAbsent({ action: 's3:GetObject', location, proofs: [404], list: 's3:ListBucket' }, head, answers, context),
      `HeadObject of an ${answers.headOfObject ? 'object' : 'absent key'}`,
    ),
    permission('s3:PutObject', judgePut(put, request, context), put && PUTS[answers.putWith ?? 'upload']),
    permission('s3:AbortMultipartUpload', judgeAbort(abort, request, context), abort && 'AbortMultipartUpload'),
    permission(
      's3:DeleteObject',
      judgeDelete(answers, request, context),
      answers.delete && `DeleteObject of ${made ? 'what PutObject made' : 'an absent key'}`,
    ),
    ofVersions(
      's3:DeleteObjectVersion',
      deleteVersion,
      `DeleteObject of ${made ? 'the version that PutObject made' : 'an absent version'}`,
    ),
    of('s3:GetBucketVersioning', versioning, 'GetBucketVersioning'),
    ofVersions('s3:ListBucketVersions', versions, 'ListObjectVersions'),
  ]
  for (const extra of EXTRA_PERMISSIONS) {
    const found = concludeExtra(extra, answers, request, context)
    if (isFailure(found)) return found
    permissions.push(permission(extra.action, found, answers.extras.has(extra.action) ? extra.probe : undefined))
  }
  const mode = versioning.value
  const cautions = encryptionCautions(answers, request, context)
  return {
    kind: 'probe',
    bucket: {
      name: location.bucket,
      prefix: location.prefix,
      region: context.identity.region,
      ...(mode ? { versioning: mode } : {}),
    },
    permissions: permissions.filter(
      ({ action, result, probe }) => probe || result !== 'Unknown' || required.includes(action),
    ),
    ...(cautions.length > 0 ? { cautions } : {}),
    ...(answers.left === undefined ? {} : { leftBehind: leftBehind(`object "${answers.left}" of a probe`) }),
  }
}

type WriteProbe = ProbeRequest['writeProbe']

const PUTS: Record<NonNullable<ProbeAnswers['putWith']>, string> = {
  upload: 'CreateMultipartUpload, aborted',
  object: 'PutObject, deleted',
  refusedBody: 'PutObject of a body that does not fit its digest',
}

/** Builds a permission. `probe`: the call that showed it; undefined when none was made. */
const permission = (action: string, judgement: Judgement, probe: string | undefined): Permission => ({
  action,
  ...judgement,
  ...(probe ? { probe } : {}),
})

function judgePut(
  put: Answer | undefined,
  { location, encryption, acl, writeProbe }: ProbeRequest,
  context: ProbeContext,
): Judgement {
  if (!put) return notProbed('s3:PutObject', writeProbe)
  if (takesNoAcl(put)) {
    return {
      ...denied(
        `s3:PutObject denied on ${location.uri} for ${context.who} (with ACL "${acl}", ${context.endpoint.host} answered ${words(put)})`,
      ),
      cure: 'remove spec.clientOptions.acl, as Object Ownership of the bucket takes no such ACL',
    }
  }
  const { type, kmsKeyId } = encryption
  const key = type === 'SSE-KMS' ? `KMS key "${kmsKeyId}"` : 'the KMS key of the bucket'
  const { message = '' } = put
  const ofKey = judgeKey(put, location.uri, type === 'SSE-KMS' ? kmsKeyId : undefined)
  if (ofKey) return ofKey
  const judgement = judge({ action: 's3:PutObject', location }, put, context)
  if (judgement.result !== 'Denied') return judgement
  const [kmsAction] = /\bkms:[A-Za-z]{1,64}/.exec(message) ?? []
  if (kmsAction) {
    return denied(`${kmsAction} on ${key} denied for ${context.who}, so s3:PutObject fails on ${location.uri}`)
  }
  if (type !== 'SSE-KMS' && acl) return denied(`${judgement.detail} (or s3:PutObjectAcl, for spec.clientOptions.acl)`)
  if (type !== 'SSE-KMS') return judgement
  return denied(`${judgement.detail} (or kms:GenerateDataKey or kms:Decrypt on ${key})`)
}

/** Judges the abort. 404 is proof: only a caller that may abort uploads is told that there is none. */
const judgeAbort = (
  abort: Answer | undefined,
  { location, writeProbe }: ProbeRequest,
  context: ProbeContext,
): Judgement =>
  abort
    ? judge({ action: 's3:AbortMultipartUpload', location, proofs: [404] }, abort, context)
    : notProbed('s3:AbortMultipartUpload', writeProbe)

function judgeDelete(answers: ProbeAnswers, { location, writeProbe }: ProbeRequest, context: ProbeContext): Judgement {
  const { delete: answer, deleteVersion, versioning } = answers
  const action = 's3:DeleteObject'
  // 404 and 412 are proof: they say that the condition on an absent key is not met.
  if (answer) return judge({ action, location, proofs: [404, 412] }, answer, context)
  return deleteVersion && isOk(deleteVersion)
    ? notProbed(action, writeProbe)
    : {
        result: 'Unknown',
        detail: `${action}: not probed, as it may leave a delete marker in a versioned bucket, and s3:DeleteObjectVersion, which removes it, is not allowed`,
        // A bucket that is known to have no versions gets no markers.
        cure: `allow ${isOk(versioning) ? '' : 's3:GetBucketVersioning or '}s3:DeleteObjectVersion so that it can be`,
        wouldLeaveTrace: true,
      }
}

const denied = (detail: string): Judgement => ({ result: 'Denied', detail })

const notProbed = (action: string, writeProbe: WriteProbe): Judgement =>
  unknown(
    `${action}: not probed${writeProbe === 'Multipart' ? '' : ` with spec.verification.writeProbe: ${writeProbe}`}`,
  )
