/**
 * Tries issued SAS tokens once: for something that they must be able to do, and for what they must not. No call leaves a
 * trace: absent blobs are asked for, and writes have a condition that is never true.
 */
import { all } from '../../async/all.ts'
import { cleanup } from '../cleanup.ts'
import { besides, NOT_TRIED, type Question, questionsOf, type TrialAnswers } from '../isolation.ts'
import { isKept } from '../left-behind.ts'
import { type Answer, isOk } from '../network/answer.ts'
import type { TrialRequest } from '../provider.ts'
import type { BlobCalls, BlobRef } from './calls.ts'
import { LIST, WRITE } from './permissions.ts'

export type TrialCalls = Pick<BlobCalls, 'listBlobs' | 'headBlob' | 'putNothing' | 'deleteBlob' | 'containerPage'>

export interface TrialTools {
  /** Of the session: shows what there is besides the path, and removes what a service takes that it must refuse. */
  own: TrialCalls
  /** With the issued SAS token. */
  issued: TrialCalls
  /** Also of the session, where consumers get its identity itself (format WebIdentity). */
  handed?: TrialCalls
}

export async function tryTokens(tools: TrialTools, request: TrialRequest, signal: AbortSignal): Promise<TrialAnswers> {
  const { own, issued, handed } = tools
  const left: string[] = []
  const { bucket: container } = request.location
  const [ownList, elsewhere, must] = await all([
    own.listBlobs(container, '', signal),
    otherContainer(own, container, signal),
    askMust({ ...tools, left }, request, signal),
  ])
  const seen = { ownList, ...(elsewhere ? { elsewhere } : {}) }
  if (must && isUseless(must)) return { must, ...seen, tried: [] }
  const asked = { own, left, request, elsewhere, signal }
  const tried = await askAll(asked, issued)
  const more = handed ? await askAll(asked, handed) : []
  const [key] = left
  return { ...(must ? { must } : {}), ...seen, tried: [...tried, ...more], ...(key === undefined ? {} : { left: key }) }
}

const trialBlob = ({ location, trialId }: TrialRequest, prefix = location.prefix): BlobRef => ({
  container: location.bucket,
  blob: `${prefix}.artifactstore-trial-${trialId}`,
})

/** Whether the token was refused what it must be able to do. */
export const isUseless = ({ answer, isOfUse }: NonNullable<TrialAnswers['must']>): boolean =>
  answer.status === 403 && !isOfUse

/**
 * The call that shows that the token works: the one that consumers begin with. A token that only reads is of use, too:
 * accounts take lists of a directory by other rules than blobs below it, which is no reason to give nothing out.
 */
async function askMust(
  { own, issued, left }: Pick<TrialTools, 'own' | 'issued'> & Pick<Asked, 'left'>,
  request: TrialRequest,
  signal: AbortSignal,
): Promise<TrialAnswers['must']> {
  const { location, access, proven, mayWrite } = request
  if (access !== 'WriteOnly') {
    if (!proven.includes(LIST)) return undefined
    const answer = await issued.listBlobs(location.bucket, location.prefix, signal)
    if (answer.status !== 403) return { action: LIST, answer }
    const read = await issued.headBlob(trialBlob(request), signal)
    return { action: LIST, answer, ...(isOk(read) || read.status === 404 ? { isOfUse: true } : {}) }
  }
  if (!mayWrite || !proven.includes(WRITE)) return undefined
  return { action: WRITE, answer: await putNothing({ own, left, calls: issued }, trialBlob(request), signal) }
}

interface Asked {
  own: TrialCalls
  /** Names of blobs that were written, and could not be removed. */
  left: string[]
  request: TrialRequest
  elsewhere: string | undefined
  signal: AbortSignal
}

/** Asks all that the token must not be able to do. `calls`: with it. */
function askAll({ own, left, request, elsewhere, signal }: Asked, calls: TrialCalls): Promise<TrialAnswers['tried']> {
  const { bucket: container, prefix } = request.location
  const [inside, outside] = [trialBlob(request), trialBlob(request, besides(prefix))]
  const write = async (ref: BlobRef) => (request.mayWrite ? putNothing({ own, left, calls }, ref, signal) : NOT_TRIED)
  const ask: Record<Question, () => Promise<Answer>> = {
    list: () => calls.listBlobs(container, prefix, signal),
    read: () => calls.headBlob(inside, signal),
    write: () => write(inside),
    delete: () => calls.deleteBlob(inside, signal),
    listOutside: () => calls.listBlobs(container, besides(prefix), signal),
    readOutside: () => calls.headBlob(outside, signal),
    writeOutside: () => write(outside),
    listElsewhere: () => calls.listBlobs(elsewhere ?? '', '', signal),
  }
  const questions = questionsOf(request.access, prefix, elsewhere)
  return all(questions.map(async question => ({ question, answer: await ask[question]() })))
}

async function otherContainer(own: TrialCalls, container: string, signal: AbortSignal): Promise<string | undefined> {
  const { value } = await own.containerPage(undefined, signal)
  const other = value?.containers.find(name => name !== container)
  return other !== undefined && isOk(await own.listBlobs(other, '', signal)) ? other : undefined
}

/** Writes under a condition that fails. A service that ignores conditions has written, and the blob is removed. */
async function putNothing(
  { own, left, calls }: Pick<Asked, 'own' | 'left'> & { calls: TrialCalls },
  ref: BlobRef,
  signal: AbortSignal,
): Promise<Answer> {
  const put = await calls.putNothing(ref, signal)
  if (isOk(put) && isKept(await own.deleteBlob(ref, cleanup()))) left.push(ref.blob)
  return put.status === 412 ? { status: 200 } : put
}
