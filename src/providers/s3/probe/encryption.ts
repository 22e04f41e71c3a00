/** Pure: what the answer to a write shows of `spec.encryption`. */
import { type Failure, stalled, transient } from '../../../api/failures.ts'
import { isOk } from '../../network/answer.ts'
import type { Encryption, ProbeRequest } from '../../provider.ts'
import { isDenied, takesNoAcl, words } from '../answers/answer.ts'
import { failureOf } from '../answers/failures.ts'
import type { ProbeContext } from '../answers/judge.ts'
import { judgeKey } from '../answers/kms.ts'
import type { ProbeAnswers } from './probe.ts'

/** Name of the call that wrote. */
const CALL = { upload: 'CreateMultipartUpload', object: 'PutObject', refusedBody: 'PutObject' }

const asked = ({ type, kmsKeyId }: Encryption): string =>
  `spec.encryption ${type}${kmsKeyId ? ` with key "${kmsKeyId}"` : ''}`

/** A Failure when the service answers other calls, but not a write with this encryption. */
export function encryptionFailure(
  { list, put, putWith = 'upload' }: ProbeAnswers,
  { encryption, location: { bucket, uri } }: ProbeRequest,
  context: ProbeContext,
): Failure | undefined {
  if (encryption.type === 'None' || !put || isOk(put) || !isOk(list) || takesNoAcl(put)) return undefined
  const { status, code = '' } = put
  const { host } = context.endpoint
  const what = `${host} answered ${words(put)} to ${CALL[putWith]} with ${asked(encryption)}`
  if (status >= 500 && status !== 501 && code !== 'SlowDown') {
    return transient(
      'ServiceUnavailable',
      `${what}, but answers calls without it: check that it has keys to encrypt with, or remove spec.encryption; trying again`,
    )
  }
  const isOfKey = judgeKey(put, uri, encryption.kmsKeyId) !== undefined
  const isAboutBucket = failureOf(put, { ...context, bucket }) !== undefined
  if (isAboutBucket || isDenied(put) || isOfKey || ![400, 405, 501].includes(status)) return undefined
  return stalled(
    'EncryptionRefused',
    `${what}: it may encrypt over https only, or not know this kind: correct spec.encryption, or remove it`,
  )
}

/** A caution when the service does not confirm the encryption that it was asked for. */
export function encryptionCautions(
  { put, putWith }: ProbeAnswers,
  { encryption: { type } }: ProbeRequest,
  { endpoint: { host } }: ProbeContext,
): string[] {
  const is = put?.value?.encryption
  // A body that was refused was not encrypted either.
  if (type === 'None' || !put || !isOk(put) || putWith === 'refusedBody') return []
  if (is?.startsWith(type === 'SSE-KMS' ? 'aws:kms' : 'AES256')) return []
  const instead = is === undefined ? 'does not confirm' : `says "${is}" to`
  return [
    `${host} ${instead} spec.encryption ${type}, and may store objects without it: set up encryption of the bucket at the service, or remove spec.encryption`,
  ]
}
