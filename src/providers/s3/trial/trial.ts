/**
 * Tries issued credentials once: for something that they must be able to do, and for what they must not. No call leaves
 * a trace: absent keys are asked for, a written body does not fit its digest, and the version that is deleted is none.
 */
import { all } from '../../../async/all.ts'
import { besides, NOT_TRIED, type Question, questionsOf, type TrialAnswers } from '../../isolation.ts'
import { isOk } from '../../network/answer.ts'
import type { TrialRequest } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import type { ProbeKey } from '../calls/call.ts'
import type { S3Calls } from '../calls/index.ts'
import { putRefused } from '../calls/put-refused.ts'

export type TrialCalls = Pick<
  S3Calls,
  'listObjects' | 'headObject' | 'putObject' | 'deleteObject' | 'deleteVersion' | 'listBuckets'
>

export interface TrialTools {
  /** Of the session: shows what there is besides the prefix, and removes what a service takes that it must refuse. */
  own: TrialCalls
  /** With the issued credentials. */
  issued: TrialCalls
  /** Region of the bucket: other regions answer with a redirect. */
  region: string
  /** Also of the session, where consumers get its identity itself (format WebIdentity). */
  handed?: TrialCalls
}

export async function tryCredentials(
  tools: TrialTools,
  request: TrialRequest,
  signal: AbortSignal,
): Promise<TrialAnswers> {
  const { own, issued, region, handed } = tools
  const left: string[] = []
  const { bucket } = request.location
  const [ownList, elsewhere, must] = await all([
    own.listObjects(bucket, '', signal),
    otherBucket(own, { bucket, region }, signal),
    askMust({ ...tools, left }, request, signal),
  ])
  const asked = { ...tools, left, ownList, elsewhere, request, signal }
  // What consumers must have is refused: what they must not have says no more.
  if (must && !isOk(must.answer)) return { must, ownList, tried: [] }
  signal.throwIfAborted()
  const tried = await askAll(asked, issued)
  const more = handed ? await askAll(asked, handed) : []
  return {
    ...(must ? { must } : {}),
    ownList,
    ...(elsewhere ? { elsewhere } : {}),
    tried: [...tried, ...more],
    ...(left[0] === undefined ? {} : { left: left[0] }),
  }
}

/** The call that shows that the credentials work: the one that consumers begin with. */
async function askMust(
  { own, issued, left }: Pick<Asked, 'own' | 'issued' | 'left'>,
  { location, access, proven, trialId, encryption, mayWrite }: TrialRequest,
  signal: AbortSignal,
): Promise<TrialAnswers['must']> {
  const { bucket, prefix } = location
  if (access !== 'WriteOnly') {
    if (!proven.includes('s3:ListBucket')) return undefined
    return { action: 's3:ListBucket', answer: await issued.listObjects(bucket, prefix, signal) }
  }
  if (!mayWrite || !proven.includes('s3:PutObject')) return undefined
  const key = { bucket, key: `${prefix}.artifactstore-trial-${trialId}` }
  return { action: 's3:PutObject', answer: await put({ calls: issued, own, left }, key, encryption) }
}

/** Puts what must be refused. `left`: gets the key when an object was written that could not be removed. */
async function put(
  { left, ...writers }: Pick<Asked, 'own' | 'left'> & { calls: TrialCalls },
  at: ProbeKey,
  encryption: TrialRequest['encryption'],
): Promise<Answer> {
  const answer = await putRefused(writers, at, encryption)
  if (answer.isLeft) left.push(at.key)
  return answer
}

interface Asked extends TrialTools {
  /** Keys of objects that were written, and could not be removed. */
  left: string[]
  ownList: Answer<string | undefined>
  elsewhere: string | undefined
  request: TrialRequest
  signal: AbortSignal
}

/** Asks all that the credentials must not be able to do. `calls`: with them. */
function askAll(asked: Asked, calls: TrialCalls): Promise<TrialAnswers['tried']> {
  const { own, left, elsewhere, request, signal } = asked
  const { location, access, trialId, encryption, mayWrite } = request
  const { bucket, prefix } = location
  const inside: ProbeKey = { bucket, key: `${prefix}.artifactstore-trial-${trialId}` }
  const outside: ProbeKey = { bucket, key: `${besides(prefix)}.artifactstore-trial-${trialId}` }
  const write = async (key: ProbeKey) => (mayWrite ? put({ calls, own, left }, key, encryption) : NOT_TRIED)
  const ask: Record<Question, () => Promise<Answer>> = {
    list: () => calls.listObjects(bucket, prefix, signal),
    read: () => calls.headObject(inside, signal),
    write: () => write(inside),
    delete: () => calls.deleteVersion(inside, 'null', signal),
    listOutside: () => calls.listObjects(bucket, besides(prefix), signal),
    readOutside: () => calls.headObject(objectOutside(asked) ?? outside, signal),
    writeOutside: () => write(outside),
    listElsewhere: () => calls.listObjects(elsewhere ?? '', '', signal),
  }
  const questions = questionsOf(access, prefix, elsewhere)
  return all(questions.map(async question => ({ question, answer: await ask[question]() })))
}

/** An object outside of the prefix: a refusal to tell of one that is there shows more than that of an absent one. */
function objectOutside({ ownList, request }: Asked): ProbeKey | undefined {
  const { bucket, prefix } = request.location
  const key = isOk(ownList) ? ownList.value : undefined
  return key === undefined || key.startsWith(prefix) ? undefined : { bucket, key }
}

/** Another bucket of the same region that the identity itself lists; undefined when it knows none. */
async function otherBucket(
  own: TrialCalls,
  { bucket, region }: { bucket: string; region: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const { value } = await own.listBuckets(signal)
  const other = value?.buckets.find(({ name, region: at = region }) => name !== bucket && at === region)
  return other && isOk(await own.listObjects(other.name, '', signal)) ? other.name : undefined
}
