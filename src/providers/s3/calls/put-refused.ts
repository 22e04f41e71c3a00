/** A write that the service must refuse, and that shows nevertheless whether writing is allowed. */
import { cleanup } from '../../cleanup.ts'
import { isKept } from '../../left-behind.ts'
import { isOk } from '../../network/answer.ts'
import type { Encryption } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import type { ProbeKey } from './call.ts'
import type { ProbeCalls, Written } from './probe-calls.ts'

/** Digest of another body: the service checks permissions and keys first, and then refuses the body. */
const WRONG_MD5 = Buffer.alloc(16).toString('base64')

interface Writers {
  /** Whose right to write is asked about. */
  calls: Pick<ProbeCalls, 'putObject'>
  /** Removes the object that a service has taken although its digest was wrong. */
  own: Pick<ProbeCalls, 'deleteObject' | 'deleteVersion'>
}

export interface PutRefused extends Answer<Written> {
  /** Set when the service has taken the object, and did not let it be removed. */
  isLeft?: true
}

/** Puts a body that does not fit its digest. A refusal of the body is a success: the service would have taken another. */
export async function putRefused({ calls, own }: Writers, key: ProbeKey, encryption: Encryption): Promise<PutRefused> {
  const put = await calls.putObject(key, encryption, { contentMd5: WRONG_MD5 })
  if (!isOk(put)) return put.status === 400 && /Digest|Sha256Mismatch/i.test(put.code ?? '') ? { status: 200 } : put
  const { id } = put.value ?? {}
  const removed = await (id ? own.deleteVersion(key, id, cleanup()) : own.deleteObject(key))
  return isKept(removed) ? { ...put, isLeft: true } : put
}
