/**
 * Finds out what an identity may do below a prefix, and leaves no trace: blobs that are absent, a write whose
 * condition fails. Independent calls run at once; judging the answers is conclude-probe.ts.
 */
import { all } from '../../async/all.ts'
import { type Answer, isOk } from '../network/answer.ts'
import type { ProbeRequest } from '../provider.ts'
import type { BlobCalls, BlobRef } from './calls.ts'
import { READ_TAGS, WRITE_TAGS } from './permissions.ts'

/** An absent answer: not asked. */
export interface ProbeAnswers {
  list: Answer
  head: Answer
  put?: Answer
  delete: Answer
  getTags?: Answer
  setTags?: Answer
  delegate?: Answer
}

/** What clean-up may take, also when the caller's signal has ended. */
const CLEANUP_MS = 5_000

/** `delegate`: asks for a user delegation key, or knows that there is one; absent for identities that have none. */
export async function probe(
  calls: BlobCalls,
  { location, writeProbe, probeId, required }: ProbeRequest,
  delegate: (() => Promise<Answer>) | undefined,
  signal: AbortSignal,
): Promise<ProbeAnswers> {
  const { bucket: container, prefix } = location
  const ref: BlobRef = { container, blob: `${prefix}.artifactstore-probe-${probeId}` }
  const ifRequired = (permission: string, ask: () => Promise<Answer>) =>
    required.includes(permission) ? ask() : undefined

  const [list, head, changes, getTags, setTags, delegated] = await all([
    calls.listBlobs(container, prefix, signal),
    calls.headBlob(ref, signal),
    writeProbe === 'Object' ? writeAndDelete() : writeNothing(),
    ifRequired(READ_TAGS, () => calls.getTags(ref, signal)),
    ifRequired(WRITE_TAGS, () => calls.setTags(ref, signal)),
    delegate?.(),
  ])
  signal.throwIfAborted()
  return {
    ...{ list, head, ...changes },
    ...(getTags ? { getTags } : {}),
    ...(setTags ? { setTags } : {}),
    ...(delegated ? { delegate: delegated } : {}),
  }

  /** Deleting nothing also removes what a crash has left. */
  async function writeNothing(): Promise<Pick<ProbeAnswers, 'put' | 'delete'>> {
    const [put, deleted] = await all([
      writeProbe === 'None' ? undefined : calls.putNothing(ref, signal),
      calls.deleteBlob(ref, signal),
    ])
    // A service without conditions.
    if (put && isOk(put)) await calls.deleteBlob(ref, cleanup())
    return { ...(put ? { put } : {}), delete: deleted }
  }

  async function writeAndDelete(): Promise<Pick<ProbeAnswers, 'put' | 'delete'>> {
    const put = await calls.putBlob(ref)
    return { put, delete: await calls.deleteBlob(ref, cleanup()) }
  }
}

const cleanup = (): AbortSignal => AbortSignal.timeout(CLEANUP_MS)
