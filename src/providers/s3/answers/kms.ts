/** Pure: refusals to write that are about a KMS key. */
import { saidIn } from '../../said.ts'
import type { Answer } from './answer.ts'
import { isDenied } from './answer.ts'
import type { Judgement } from './judge.ts'

/** Codes of KMS that S3 repeats, and those of MinIO. */
const KMS_CODE = /^kms[.:]|^KMS|^XMinioKMS/i
/** S3's own codes for a key that it can't even ask KMS about. */
const BAD_ARGUMENT = /^Invalid(Argument|Request)$/

/** `key`: the one that the store names; absent where the bucket has one of its own. Undefined: it is about no key. */
export function judgeKey(answer: Answer, uri: string, key: string | undefined): Judgement | undefined {
  const { code = '', message = '' } = answer
  const isOfKms = KMS_CODE.test(code) || (key !== undefined && BAD_ARGUMENT.test(code) && /\bkms\b/i.test(message))
  if (!isOfKms) return undefined
  const which = key === undefined ? 'the KMS key of the bucket' : `KMS key "${key}"`
  const detail = `s3:PutObject fails on ${uri}: ${which}: ${code}${saidIn(answer)}`
  if (isDenied({ ...answer, code: code.replace(/^kms[.:]/i, '') })) return { result: 'Denied', detail }
  const cure =
    key === undefined
      ? "correct the bucket's default encryption, or enable its KMS key"
      : 'correct spec.encryption.kmsKeyId, or enable that key in the region of the bucket'
  return { result: 'Denied', detail, cure }
}
