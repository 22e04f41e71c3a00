/**
 * Finds out what an identity may do below a prefix, and leaves no trace: it asks about absent blobs, and writes under a
 * condition that fails. Independent calls run at once. The answers are judged in conclude-probe.ts.
 */
import { all } from '../../async/all.ts'
import { cleanup } from '../cleanup.ts'
import { isKept } from '../left-behind.ts'
import { type Answer, isOk } from '../network/answer.ts'
import type { ProbeRequest } from '../provider.ts'
import type { BlobCalls, BlobRef } from './calls.ts'
import { READ_TAGS, WRITE_TAGS } from './permissions.ts'

/** Answers by call; absent where the call was not made. */
export interface ProbeAnswers {
  list: Answer
  head: Answer
  put?: Answer
  delete: Answer
  getTags?: Answer
  setTags?: Answer
  delegate?: Answer
  /** Name of a blob that the probe has written, and that is still there. */
  left?: string
}

/** `delegate`: asks for a user delegation key, or knows one already; absent for identities that can't have one. */
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

  const [{ list, changes }, head, getTags, setTags, delegated] = await all([
    lookAndChange(),
    calls.headBlob(ref, signal),
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

  /** Looks first: a service that is not Azure's own may create a container for who writes into it. */
  async function lookAndChange() {
    const list = await calls.listBlobs(container, prefix, signal)
    if (!isOk(list) && list.status !== 403) return { list, changes: { delete: list } }
    return { list, changes: await (writeProbe === 'Object' ? writeAndDelete() : writeNothing()) }
  }

  /** The deletion, normally of an absent blob, also removes one that a crash has left. */
  async function writeNothing(): Promise<Pick<ProbeAnswers, 'put' | 'delete' | 'left'>> {
    const [put, deleted] = await all([
      writeProbe === 'None' ? undefined : calls.putNothing(ref, signal),
      calls.deleteBlob(ref, signal),
    ])
    // The service ignores conditions, so the blob was written.
    const isLeft = put && isOk(put) && isKept(await calls.deleteBlob(ref, cleanup()))
    return { ...(put ? { put } : {}), delete: deleted, ...(isLeft ? { left: ref.blob } : {}) }
  }

  async function writeAndDelete(): Promise<Pick<ProbeAnswers, 'put' | 'delete' | 'left'>> {
    const put = await calls.putBlob(ref)
    const deleted = await calls.deleteBlob(ref, cleanup())
    return { put, delete: deleted, ...(isOk(put) && isKept(deleted) ? { left: ref.blob } : {}) }
  }
}
