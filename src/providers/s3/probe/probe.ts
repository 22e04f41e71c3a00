/**
 * Probe of what an identity may do below a prefix. It leaves no trace: it reads absent keys, aborts its uploads and
 * deletes nothing that is there. It writes only into a bucket that is there, as some services create a bucket for who
 * writes into it. Independent calls run at the same time. What the answers mean is in conclude.ts.
 */
import { all } from '../../../async/all.ts'
import { cleanup } from '../../cleanup.ts'
import { isOk } from '../../network/answer.ts'
import type { Location, ProbeRequest } from '../../provider.ts'
import { type Answer, isDenied } from '../answers/answer.ts'
import type { BucketCalls } from '../calls/bucket-calls.ts'
import type { ProbeKey, Versioning } from '../calls/call.ts'
import type { CloudWatchCalls } from '../calls/cloudwatch-calls.ts'
import type { ProbeCalls, Written } from '../calls/probe-calls.ts'
import { putRefused } from '../calls/put-refused.ts'
import type { BucketMemory } from './bucket-memory.ts'
import { type Asking, askExtras, needsVersions } from './extra-permissions.ts'

/** Answers to the calls of a probe; absent for a call that was not made. */
export interface ProbeAnswers {
  list: Answer
  head: Answer
  /** `head` is of an object that is there, as the one of an absent object showed nothing. */
  headOfObject?: true
  versioning: Answer<Versioning>
  versions?: Answer
  put?: Answer<Written>
  /** Call that `put` answers; absent when `put` is. */
  putWith?: 'upload' | 'object' | 'refusedBody'
  /** Key of an object that a probe has written, and that is still there. */
  left?: string
  abort?: Answer
  deleteVersion?: Answer
  delete?: Answer
  /** Answers for `EXTRA_PERMISSIONS`, by action. */
  extras: ReadonlyMap<string, Answer>
}

/** Id of no upload: a service that refuses the abort does so before it looks for the upload. */
const NO_UPLOAD = 'none'

export interface ProbeTools {
  calls: ProbeCalls & Asking['calls'] & Pick<BucketCalls, 'headBucket'>
  memory: BucketMemory
  /** Present where the service is AWS itself, which checks more permissions than others do. */
  cloudWatch?: CloudWatchCalls
}

/** Makes the calls. Rejects with `signal.reason` only after everything that was begun is cleaned up. */
export async function probe(tools: ProbeTools, request: ProbeRequest, signal: AbortSignal): Promise<ProbeAnswers> {
  const { calls, memory, cloudWatch } = tools
  const { location, encryption, acl, writeProbe, probeId, required } = request
  const { bucket, prefix } = location
  const probeKey: ProbeKey = { bucket, key: `${prefix}.artifactstore-probe-${probeId}` }
  const absent: ProbeKey = { bucket, key: `${prefix}.artifactstore-absent-${probeId}` }

  const trial: Trial = {
    ...{ calls, memory, encryption: { ...encryption, acl }, writeProbe, probeKey, signal },
    asksVersions: required.some(needsVersions),
  }
  const [head, { list, versioning, changes }, extras] = await all([
    calls.headObject(probeKey, signal),
    lookAt(tools, location, signal).then(async bucket => ({
      ...bucket,
      changes: bucket.isThere ? await probeChanges(trial) : unchanged(bucket.list),
    })),
    askExtras({ calls, memory, cloudWatch, absent, required, signal }),
  ])
  signal.throwIfAborted()
  const heads = await headOfListed(tools, bucket, { list, head }, signal)
  const { writes, deletes, versions } = changes
  return { list, ...heads, versioning, ...(versions ? { versions } : {}), ...writes, ...deletes, extras }
}

interface Bucket {
  list: Answer<string | undefined>
  versioning: Answer<Versioning>
  isThere: boolean
}

/** Finds out whether the bucket is there. An identity that may not list it is asked about its other answers. */
async function lookAt(
  { calls, memory }: ProbeTools,
  { bucket, prefix }: Location,
  signal: AbortSignal,
): Promise<Bucket> {
  const [list, versioning] = await all([calls.listObjects(bucket, prefix, signal), memory.versioning(bucket, signal)])
  if (isOk(list)) return { list, versioning, isThere: true }
  if (isTrouble(list) || list.code === 'NoSuchBucket') return { list, versioning, isThere: false }
  if (versioning.code === 'NoSuchBucket') return { list: versioning as Answer<never>, versioning, isThere: false }
  if (isOk(versioning)) return { list, versioning, isThere: true }
  const found = await calls.headBucket(bucket, undefined, signal)
  // The answer to HEAD has no body that could name the code.
  if (found.status === 404) return { list: { status: 404, code: 'NoSuchBucket' }, versioning, isThere: false }
  return { list, versioning, isThere: isOk(found) || isDenied(found) }
}

/** What can be said of changes that were not tried, as there is no bucket to try them in. */
const unchanged = (why: Answer): Changes => ({ writes: {}, deletes: { deleteVersion: why }, versions: why })

/**
 * Asks for an object that is there when the service refused to say that one is absent. Ceph before 2026 refuses that to
 * an identity that may only list a prefix, though HEAD is allowed. AWS does say it: when AWS refuses, one object that
 * may be read would hide that others may not.
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

/** What the calls that may change something at the probe key need. */
interface Trial {
  calls: ProbeCalls
  memory: BucketMemory
  encryption: ProbeRequest['encryption'] & Pick<ProbeRequest, 'acl'>
  writeProbe: ProbeRequest['writeProbe']
  /** The only key that they change. */
  probeKey: ProbeKey
  /** Whether permissions for versions are asked for in a bucket that has none, where they mean nothing. */
  asksVersions: boolean
  signal: AbortSignal
}

type Writes = Pick<ProbeAnswers, 'put' | 'putWith' | 'left' | 'abort'>
type Deletes = Pick<ProbeAnswers, 'delete' | 'deleteVersion'>

interface Changes {
  writes: Writes
  deletes: Deletes
  versions?: Answer | undefined
}

async function probeChanges(trial: Trial): Promise<Changes> {
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

/** Begins an upload, but only where it can be aborted; elsewhere puts a body that the service must refuse. */
async function probeUpload(trial: Trial): Promise<Writes> {
  const { calls, memory, encryption, probeKey, signal } = trial
  const before = memory.leftovers(probeKey)
  const abort = memory.ends(probeKey).uploads ? undefined : await calls.abortUpload(probeKey, NO_UPLOAD, signal)
  if (abort && !answersForUpload(abort)) {
    return isTrouble(abort) ? { abort } : { ...(await putNothing(trial)), abort }
  }
  signal.throwIfAborted()

  const put = await calls.createUpload(probeKey, encryption)
  const uploadId = isOk(put) && put.value?.id
  const ended = uploadId ? await calls.abortUpload(probeKey, uploadId, cleanup()) : (abort ?? { status: 204 })
  // Somebody waits for the first probe of a store. What a crash has left can wait for the second.
  if (before && !before.swept) await sweepUploads(trial)
  memory.rememberEnds(probeKey, { uploads: isOk(ended) })
  memory.rememberLeftovers(probeKey, { swept: before !== undefined && isOk(ended) && !isTrouble(put) })
  return { put, putWith: 'upload', abort: ended }
}

async function putNothing({ calls, memory, probeKey, encryption }: Trial): Promise<Writes> {
  const put = await putRefused({ calls, own: calls }, probeKey, encryption)
  const isLeft = put.isLeft || memory.leftovers(probeKey)?.objectsStay
  return { put, putWith: 'refusedBody', ...(isLeft ? { left: probeKey.key } : {}) }
}

/** Puts an object, but only where it can be removed; elsewhere a body that the service must refuse. */
async function probeObject(trial: Trial): Promise<Writes & { deletes: Deletes }> {
  const { calls, memory, encryption, probeKey, signal } = trial
  const deletes = memory.ends(probeKey).objects ? undefined : await probeDeletes(trial)
  if (deletes && isInTrouble(deletes)) return { deletes }
  if (deletes && (memory.leftovers(probeKey)?.objectsStay || !(await removes(trial, deletes)))) {
    return { ...(await putNothing(trial)), deletes }
  }
  signal.throwIfAborted()

  const put = await calls.putObject(probeKey, encryption)
  if (!isOk(put)) return { put, putWith: 'object', deletes: deletes ?? (await probeDeletes(trial)) }
  const removed = await probeDeletes(trial, { version: put.value?.id })
  const objects = await removes(trial, removed)
  memory.rememberEnds(probeKey, { objects })
  // Object lock keeps objects, although it allowed the deletion of an absent one before.
  if (!objects && !isInTrouble(removed)) memory.rememberLeftovers(probeKey, { objectsStay: true })
  return { put, putWith: 'object', deletes: removed, ...(objects ? {} : { left: probeKey.key }) }
}

/** Whether these deletions remove an object. In a bucket without versions a plain deletion does, too. */
async function removes({ memory, probeKey }: Trial, deletes: Deletes): Promise<boolean> {
  if (deletes.deleteVersion && isOk(deletes.deleteVersion)) return true
  const { value } = await memory.versioning(probeKey.bucket, cleanup())
  return value === 'Disabled' && deletes.delete !== undefined && isOk(deletes.delete)
}

/**
 * Deletes an absent object, or one that was put before: `made`. In a versioned bucket the deletion of an absent object
 * leaves a marker. So it is tried only when the marker's version can be deleted, and with a condition that an absent
 * object does not meet, if the service knows conditions.
 */
async function probeDeletes(trial: Trial, made?: { version: string | undefined }): Promise<Deletes> {
  const { calls, memory, writeProbe, probeKey, signal } = trial
  const until = made ? cleanup() : signal
  const version = made?.version ?? 'null'
  const versioning = await memory.versioning(probeKey.bucket, until)
  if (versioning.value === 'Disabled') {
    if (!trial.asksVersions && made?.version === undefined) return { delete: await deleteObject(trial) }
    const [deleteVersion, deleted] = await all([calls.deleteVersion(probeKey, version, until), deleteObject(trial)])
    return { deleteVersion, delete: deleted }
  }
  const deleteVersion = await calls.deleteVersion(probeKey, version, until)
  if (!isOk(deleteVersion) || writeProbe === 'None') return { deleteVersion }
  if (made) return { deleteVersion, delete: await deleteObject(trial) }
  signal.throwIfAborted()
  return { deleteVersion, delete: await deleteObject(trial, { ifMatch: '*' }) }
}

/** Deletes the object, and the delete marker that this may leave. */
async function deleteObject({ calls, memory, probeKey }: Trial, options?: { ifMatch: string }): Promise<Answer> {
  const deleted = await calls.deleteObject(probeKey, options)
  if (deleted.value) memory.sawVersion(probeKey.bucket)
  if (deleted.value) await calls.deleteVersion(probeKey, deleted.value, cleanup())
  return deleted
}

/** Deletes versions that an earlier probe has left. The answer also shows whether versions may be listed. */
async function sweepVersions({ calls, memory, asksVersions, probeKey, signal }: Trial): Promise<Answer | undefined> {
  if (!asksVersions && (await memory.versioning(probeKey.bucket, signal)).value === 'Disabled') return undefined
  const versions = await calls.listVersions(probeKey, signal)
  for (const version of versions.value ?? []) await calls.deleteVersion(probeKey, version, cleanup())
  return versions
}

/** Aborts uploads that an earlier probe has left. */
async function sweepUploads({ calls, probeKey, signal }: Trial): Promise<void> {
  const uploads = await calls.listUploads(probeKey, signal)
  for (const uploadId of uploads.value ?? []) await calls.abortUpload(probeKey, uploadId, cleanup())
}

const isInTrouble = ({ delete: deleted, deleteVersion = deleted }: Deletes): boolean =>
  deleteVersion !== undefined && isTrouble(deleteVersion)

const answersForUpload = (abort: Answer): boolean => isOk(abort) || abort.status === 404

/** Whether the service itself fails, so that more calls would show no more. */
const isTrouble = ({ status }: Answer): boolean => status === 0 || status === 429 || (status >= 500 && status !== 501)
