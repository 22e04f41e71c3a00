/** Preparation of a bucket: makes it what `spec.bucket` asks for, and never deletes it, nor anything in it. */
import { type Failure, isFailure, transient } from '../../../api/failures.ts'
import { beforeRule } from '../../before-rule.ts'
import { isOk } from '../../network/answer.ts'
import type { BucketRequest, Prepared } from '../../provider.ts'
import { isRejection } from '../../rejection.ts'
import { failureOf, isRefusedAbroad } from '../answers/failures.ts'
import type { ProbeContext } from '../answers/judge.ts'
import type { BucketCalls } from '../calls/bucket-calls.ts'
import type { Versioning } from '../calls/call.ts'
import type { ProbeCalls } from '../calls/probe-calls.ts'
import { isAwsEndpoint } from '../identity/endpoints.ts'
import {
  createBucketFailure,
  elsewhere,
  nameTaken,
  neitherSeenNorCreated,
  notSeen,
  refusesLocation,
  stepFailure,
} from './bucket-failures.ts'
import { applyExpiration } from './expiration.ts'

export interface Preparation {
  calls: BucketCalls & Pick<ProbeCalls, 'versioning'>
  request: BucketRequest
  context: ProbeContext
  signal: AbortSignal
}

/** The memory of a session about buckets. */
export interface Memory {
  /** Keeps the cure for a bucket that the identity may neither see nor create; undefined: it need not create it. */
  unseen(bucket: string, cure: string | undefined): void
  /** Forgets the versioning of a bucket that was changed. */
  forget(bucket: string): void
}

/** Takes each step that is missing, so that a second call changes nothing. Rejects only with `signal.reason`. */
export async function prepareBucket(preparation: Preparation, memory: Memory): Promise<Prepared | Failure> {
  const { request } = preparation
  memory.unseen(request.location.bucket, undefined)
  const created = asksForChange(request) ? await ensureBucket(preparation, memory) : undefined
  if (isFailure(created)) return beforeRule(created)
  const versioned = await ensureVersioning(preparation)
  if (isFailure(versioned)) return beforeRule(created ? soon(versioned) : versioned)
  const { versions, change } = versioned
  if (change) memory.forget(request.location.bucket)
  const expiration = await applyExpiration({ ...preparation, versions })
  if (isFailure(expiration)) return created ? soon(expiration) : expiration
  return { kind: 'prepared', changes: [created, change, expiration].filter(word => word !== undefined) }
}

/** Some services create a bucket for who writes into it, so nothing is written before the bucket is known to be there. */
const asksForChange = ({ create, region, versioning, expirationDays }: BucketRequest): boolean =>
  create || [region, versioning, expirationDays].some(wish => wish !== undefined)

/** Makes a failure to find a new bucket transient: not every part of a service knows of it at once. */
const soon = (failure: Failure): Failure =>
  failure.reason === 'BucketNotFound'
    ? {
        ...failure,
        ...transient('BucketNotReady', 'the bucket was created, but is not there for all calls yet: trying again'),
      }
    : failure

/** A change that was made, for an event; undefined when there was nothing to change. */
type Done = string | undefined

async function ensureBucket(preparation: Preparation, memory: Memory): Promise<Done | Failure> {
  const { calls, request, context, signal } = preparation
  const { create, region } = request
  const { bucket } = request.location
  const owner = create && isAws(context) ? context.accountId : undefined
  let found = await calls.headBucket(bucket, owner, signal)
  if (owner && found.status === 403) {
    found = await calls.headBucket(bucket, undefined, signal)
    if (isOk(found)) return nameTaken(bucket)
  }
  const foundIn = found.value?.region ?? found.region
  if (region && foundIn && region !== foundIn) return elsewhere(bucket, foundIn, region)
  if (isOk(found)) return undefined
  if (found.status !== 404 && found.status !== 403) return failureOf(found, { ...context, bucket, bodiless: true })
  // The answer to HEAD has no body that could name the code.
  if (!create && found.status === 404) return failureOf({ ...found, code: 'NoSuchBucket' }, { ...context, bucket })
  if (!create) return undefined
  if (found.status === 404) return createBucket(preparation)
  // AWS tells everybody which names are taken. Elsewhere only an attempt shows it. A denial is left to the probe.
  if (isAws(context)) return (await refusedKey(preparation)) ?? notSeen(bucket)
  const created = await createBucket(preparation)
  if (!isFailure(created) || created.reason !== 'PermissionDenied') return created
  memory.unseen(bucket, neitherSeenNorCreated(bucket))
  return undefined
}

/** Asks for something else after a refused HEAD, which has no body that could say that the service refuses the key. */
async function refusedKey({ calls, request, context, signal }: Preparation) {
  const { bucket } = request.location
  const failure = failureOf(await calls.versioning(bucket, signal), { ...context, bucket })
  const isTold = failure && (isRejection(failure) || isRefusedAbroad(failure) || failure.intent === 'transient')
  return isTold ? failure : undefined
}

/** Region for which CreateBucket takes no location. */
const DEFAULT_LOCATION = 'us-east-1'

async function createBucket({ calls, request, context, signal }: Preparation): Promise<Done | Failure> {
  const { region } = request
  const { bucket } = request.location
  const here = context.identity.region
  const wanted = region ?? here
  if (isAws(context) && wanted !== here) return elsewhere(bucket, here, wanted)
  const location = wanted === DEFAULT_LOCATION ? undefined : wanted
  let answer = await calls.createBucket(bucket, location, signal)
  // A connector to a service other than AWS often has a made-up region, so the service may decide.
  const anyName = !region && !isAws(context)
  if (location && anyName && refusesLocation(answer)) answer = await calls.createBucket(bucket, undefined, signal)
  if (isOk(answer)) return 'created the bucket'
  return answer.code === 'BucketAlreadyOwnedByYou' ? undefined : createBucketFailure(answer, bucket, location, context)
}

async function ensureVersioning({
  calls,
  request,
  context,
  signal,
}: Preparation): Promise<{ versions: boolean; change?: Done } | Failure> {
  const { versioning, expirationDays } = request
  const { bucket } = request.location
  if (!versioning && expirationDays === undefined) return { versions: false }
  const found = await calls.versioning(bucket, signal)
  if (!versioning) {
    // Without the permission to know, rules are as for a bucket without versions.
    return failureOf(found, { ...context, bucket }) ?? { versions: hasVersions(found.value) }
  }
  const otherwise = 'remove spec.bucket.versioning'
  if (!isOk(found)) {
    const step = { action: 's3:GetBucketVersioning', what: `tell the versioning of bucket "${bucket}"`, otherwise }
    return stepFailure(found, bucket, step, context)
  }
  if (found.value === versioning) return { versions: true }
  const changed = await calls.putVersioning(bucket, versioning, signal)
  if (isOk(changed))
    return { versions: true, change: versioning === 'Enabled' ? 'enabled versioning' : 'suspended versioning' }
  const step = {
    action: 's3:PutBucketVersioning',
    what: `make versioning of bucket "${bucket}" ${versioning}`,
    otherwise,
  }
  return stepFailure(changed, bucket, step, context)
}

const hasVersions = (versioning: Versioning | undefined): boolean =>
  versioning !== undefined && versioning !== 'Disabled'

/** Whether the service is AWS, and not another one that speaks its protocol. */
const isAws = ({ endpoint }: ProbeContext): boolean => isAwsEndpoint(endpoint)
