/** A write that the service must refuse, and that shows nevertheless whether writing is allowed. */
import { cleanup } from '../../cleanup.ts'
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

/** Puts a body that does not fit its digest. A refusal of the body is a success: the service would have taken another. */
export async function putRefused(
  { calls, own }: Writers,
  key: ProbeKey,
  encryption: Encryption,
): Promise<Answer<Written>> {
  const put = await calls.putObject(key, encryption, { contentMd5: WRONG_MD5 })
  if (!isOk(put)) return put.status === 400 && /Digest|Sha256Mismatch/i.test(put.code ?? '') ? { status: 200 } : put
  if (put.value?.id) await own.deleteVersion(key, put.value.id, cleanup())
  else await own.deleteObject(key)
  return put
}
