/**
 * Finds out what an identity may do below a prefix, and leaves no trace: keys that are absent, uploads that are
 * aborted, deletions of nothing. Independent calls run at once; judging the answers is conclude.ts.
 */
import { all } from '../../../async/all.ts'
import { isOk } from '../../network/answer.ts'
import type { ProbeRequest } from '../../provider.ts'
import { type Answer, isDenied } from '../answers/answer.ts'
import type { ProbeKey, Versioning } from '../calls/call.ts'
import type { CloudWatchCalls } from '../calls/cloudwatch-calls.ts'
import type { ProbeCalls } from '../calls/probe-calls.ts'
import type { BucketMemory } from './bucket-memory.ts'
import { type Asking, askExtras } from './extra-permissions.ts'

/** An absent answer: not asked. */
export interface ProbeAnswers {
  list: Answer
  head: Answer
  /** It is of an object that is there, as an absent one told nothing. */
  headOfObject?: true
  versioning: Answer<Versioning>
  versions: Answer
  put?: Answer
  /** How; absent with `put`. */
  putWith?: 'upload' | 'object' | 'refusedBody'
  abort?: Answer
  deleteVersion: Answer
  delete?: Answer
  /** Answers for `EXTRA_PERMISSIONS`, by action. */
  extras: ReadonlyMap<string, Answer>
}

/** What clean-up may take, also when the caller's signal has ended. */
const CLEANUP_MS = 5_000

/** Any upload id will do: a service refuses who may not abort before it looks for the upload. */
const NO_UPLOAD = 'none'

/** A digest of nothing in particular: the service checks permissions and keys first, then refuses the body. */
const WRONG_MD5 = Buffer.alloc(16).toString('base64')

export interface ProbeTools {
  calls: ProbeCalls & Asking['calls']
  memory: BucketMemory
  /** Present where the service is AWS itself, which checks more than others do. */
  cloudWatch?: CloudWatchCalls
}

/** Rejects with `signal.reason` only after what was begun is cleaned up. */
export async function probe(tools: ProbeTools, request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswers> {
  const { calls, memory, cloudWatch } = tools
  const { location, encryption, writeProbe, probeId, required } = request
  const { bucket, prefix } = location
  const probeKey: ProbeKey = { bucket, key: `${prefix}.artifactstore-probe-${probeId}` }
  const absent: ProbeKey = { bucket, key: `${prefix}.artifactstore-absent-${probeId}` }

  const [list, head, versioning, { writes, deletes, versions }, extras] = await all([
    calls.listObjects(bucket, prefix, signal),
    calls.headObject(probeKey, signal),
    memory.versioning(bucket, signal),
    probeChanges({ calls, memory, encryption, writeProbe, probeKey, signal }),
    askExtras({ calls, memory, cloudWatch, absent, required, signal }),
  ])
  signal.throwIfAborted()
  const heads = await headOfListed(tools, bucket, { list, head }, signal)
  return { list, ...heads, versioning, versions, ...writes, ...deletes, extras }
}

/**
 * Ceph before 2026 refuses to say that a key is absent to who may list a prefix only, though HEAD is allowed. AWS does
 * say so: there one object that may be read would hide that others may not.
 */
async function headOfListed(
  { calls, cloudWatch }: ProbeTools,
  bucket: string,
  { list, head }: { list: Answer<string | undefined>; head: Answer },
  signal: AbortSignal,
): Promise<Pick<ProbeAnswers, 'head' | 'headOfObject'>> {
  if (cloudWatch || !isDenied(head) || !isOk(list) || !list.value) return { head }
  const there = await calls.headObject({ bucket, key: list.value }, signal)
  return isOk(there) ? { head: there, headOfObject: true } : { head }
}

/** What the calls that may change something need. */
interface Trial {
  calls: ProbeCalls
  memory: BucketMemory
  encryption: ProbeRequest['encryption']
  writeProbe: ProbeRequest['writeProbe']
  /** The one key that they touch. */
  probeKey: ProbeKey
  signal: AbortSignal
}

type Writes = Pick<ProbeAnswers, 'put' | 'putWith' | 'abort'>
type Deletes = Pick<ProbeAnswers, 'delete' | 'deleteVersion'>

async function probeChanges(trial: Trial): Promise<{ writes: Writes; deletes: Deletes; versions: Answer }> {
  const { writeProbe } = trial
  if (writeProbe === 'Object') {
    const { deletes, ...writes } = await probeObject(trial)
    return { writes, deletes, versions: await sweepVersions(trial) }
  }
  const [writes, deletesAndVersions] = await all([
    writeProbe === 'Multipart' ? probeUpload(trial) : Promise.resolve<Writes>({}),
    probeDeletes(trial).then(async deletes => ({ deletes, versions: await sweepVersions(trial) })),
  ])
  return { writes, ...deletesAndVersions }
}

/** An upload is only begun where one may be aborted; elsewhere a body that must be refused takes its place. */
async function probeUpload(trial: Trial): Promise<Writes> {
  const { calls, memory, encryption, probeKey, signal } = trial
  const before = memory.leftovers(probeKey)
  const abort = memory.ends(probeKey).uploads ? undefined : await calls.abortUpload(probeKey, NO_UPLOAD, signal)
  if (abort && !answersForUpload(abort)) {
    return isTrouble(abort) ? { abort } : { put: await putRefused(trial), putWith: 'refusedBody', abort }
  }
  signal.throwIfAborted()

  const put = await calls.createUpload(probeKey, encryption)
  const uploadId = isOk(put) && put.value
  const ended = uploadId ? await calls.abortUpload(probeKey, uploadId, cleanup()) : (abort ?? { status: 204 })
  // The first look is the one that somebody waits for; what a crash left can wait for the second.
  if (before && !before.swept) await sweepUploads(trial)
  memory.rememberEnds(probeKey, { uploads: isOk(ended) })
  memory.rememberLeftovers(probeKey, { swept: before !== undefined && isOk(ended) && !isTrouble(put) })
  return { put, putWith: 'upload', abort: ended }
}

async function putRefused(trial: Trial): Promise<Answer> {
  const { calls, encryption, probeKey } = trial
  const put = await calls.putObject(probeKey, encryption, { contentMd5: WRONG_MD5 })
  if (isOk(put)) await removeObject(trial, put.value)
  return put.status === 400 && /Digest|Sha256Mismatch/i.test(put.code ?? '') ? { status: 200 } : put
}

/** An object is only put where it may be removed; elsewhere a body that must be refused takes its place. */
async function probeObject(trial: Trial): Promise<Writes & { deletes: Deletes }> {
  const { calls, memory, encryption, probeKey, signal } = trial
  const deletes = memory.ends(probeKey).objects ? undefined : await probeDeletes(trial)
  if (deletes && isTrouble(deletes.deleteVersion)) return { deletes }
  if (deletes && (memory.leftovers(probeKey)?.objectsStay || !(await removes(trial, deletes)))) {
    return { put: await putRefused(trial), putWith: 'refusedBody', deletes }
  }
  signal.throwIfAborted()

  const put = await calls.putObject(probeKey, encryption)
  if (!isOk(put)) return { put, putWith: 'object', deletes: deletes ?? (await probeDeletes(trial)) }
  const removed = await probeDeletes(trial, { version: put.value })
  const objects = await removes(trial, removed)
  memory.rememberEnds(probeKey, { objects })
  // Object lock keeps what is there, and lets nothing be deleted all the same.
  if (!objects && !isTrouble(removed.deleteVersion)) memory.rememberLeftovers(probeKey, { objectsStay: true })
  return { put, putWith: 'object', deletes: removed }
}

/** Without versions a plain deletion does, too. */
async function removes({ memory, probeKey }: Trial, deletes: Deletes): Promise<boolean> {
  if (isOk(deletes.deleteVersion)) return true
  const { value } = await memory.versioning(probeKey.bucket, cleanup())
  return value === 'Disabled' && deletes.delete !== undefined && isOk(deletes.delete)
}

/**
 * On a versioned bucket deleting nothing leaves a marker, so it is tried only when a version may be deleted, and
 * with a condition that fails where the service knows it. `made`: an object was put, and this is its removal, too.
 */
async function probeDeletes(trial: Trial, made?: { version: string | undefined }): Promise<Deletes> {
  const { calls, memory, writeProbe, probeKey, signal } = trial
  const until = made ? cleanup() : signal
  const version = made?.version ?? 'null'
  const versioning = await memory.versioning(probeKey.bucket, until)
  if (versioning.value === 'Disabled') {
    const [deleteVersion, deleted] = await all([calls.deleteVersion(probeKey, version, until), deleteObject(trial)])
    return { deleteVersion, delete: deleted }
  }
  const deleteVersion = await calls.deleteVersion(probeKey, version, until)
  if (!isOk(deleteVersion) || writeProbe === 'None') return { deleteVersion }
  if (made) return { deleteVersion, delete: await deleteObject(trial) }
  signal.throwIfAborted()
  return { deleteVersion, delete: await deleteObject(trial, { ifMatch: '*' }) }
}

async function deleteObject({ calls, probeKey }: Trial, options?: { ifMatch: string }): Promise<Answer> {
  const deleted = await calls.deleteObject(probeKey, options)
  if (deleted.value) await calls.deleteVersion(probeKey, deleted.value, cleanup())
  return deleted
}

async function removeObject({ calls, probeKey }: Trial, version: string | undefined): Promise<void> {
  if (version) await calls.deleteVersion(probeKey, version, cleanup())
  else await calls.deleteObject(probeKey)
}

/** Also answers whether versions may be listed. */
async function sweepVersions({ calls, probeKey, signal }: Trial): Promise<Answer> {
  const versions = await calls.listVersions(probeKey, signal)
  for (const version of versions.value ?? []) await calls.deleteVersion(probeKey, version, cleanup())
  return versions
}

async function sweepUploads({ calls, probeKey, signal }: Trial): Promise<void> {
  const uploads = await calls.listUploads(probeKey, signal)
  for (const uploadId of uploads.value ?? []) await calls.abortUpload(probeKey, uploadId, cleanup())
}

const answersForUpload = (abort: Answer): boolean => isOk(abort) || abort.status === 404

/** The service itself fails: asking it more would tell no more. */
const isTrouble = ({ status }: Answer): boolean => status === 0 || status === 429 || (status >= 500 && status !== 501)

const cleanup = (): AbortSignal => AbortSignal.timeout(CLEANUP_MS)
