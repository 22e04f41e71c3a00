/** Listing of the buckets that an identity can use. */
import { type Failure, isFailure, stalled } from '../../../api/failures.ts'
import { matchesResource } from '../../../api/resource-pattern.ts'
import { noProgress } from '../../count-pages.ts'
import { isOk, isTooLarge } from '../../network/answer.ts'
import type { Resources, ResourcesRequest } from '../../provider.ts'
import { isRejection } from '../../rejection.ts'
import { type Answer, denial, isDenied, words } from '../answers/answer.ts'
import { failureOf } from '../answers/failures.ts'
import type { ProbeContext } from '../answers/judge.ts'
import type { BucketPage, ListingCalls } from '../calls/listing-calls.ts'
import type { ProbeCalls } from '../calls/probe-calls.ts'

export type ResourceCalls = Pick<ListingCalls, 'listBuckets'> & {
  /** Shows whether a bucket can be listed; on AWS the answer has its region. */
  listObjects(...question: Parameters<ProbeCalls['listObjects']>): Promise<Answer>
}
type Found = Resources['resources'][number]

const SCHEME = 's3://'
/** Pages to ask for, of 1000 buckets each. */
const PAGES_MAX = 20
/** What to do where the list of all buckets is of no use. */
const NAMES = 'name buckets without "*" in spec.resources'
/** How many named buckets are asked about at the same time. */
const AT_ONCE = 4

export async function listResources(
  calls: ResourceCalls,
  { patterns, max }: ResourcesRequest,
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Resources | Failure> {
  const found = await allBuckets(calls, patterns, context, signal)
  if (isFailure(found)) return found
  const { more } = found
  // A service may name a bucket twice, but status may not. Code units give the same order wherever the operator runs.
  const resources = [...new Map(found.resources.map(resource => [resource.uri, resource])).values()].sort((a, b) =>
    a.uri < b.uri ? -1 : 1,
  )
  return { kind: 'resources', resources: resources.slice(0, max), truncated: more || resources.length > max }
}

interface Listed {
  resources: Found[]
  /** Whether there are more buckets than were asked for. */
  more: boolean
}

async function allBuckets(
  calls: ResourceCalls,
  patterns: string[],
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Listed | Failure> {
  const resources: Found[] = []
  let next: string | undefined
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const answer = await calls.listBuckets(signal, next)
    const names = patterns.filter(pattern => !pattern.includes('*'))
    // Some services give all buckets in one page.
    const leadsBack = answer.value?.next !== undefined && answer.value.next === next
    if ((isTooLarge(answer) || leadsBack) && names.length > 0) return await namedBuckets(calls, names, context, signal)
    const failure = failureOf(answer, context)
    if (failure) return failure
    if (isDenied(answer)) {
      if (names.length > 0) return await namedBuckets(calls, names, context, signal)
      const cure = `allow it in the policy of that identity, or ${NAMES}`
      return stalled('PermissionDenied', `${denial({ action: 's3:ListAllMyBuckets' }, answer, context)}: ${cure}`)
    }
    if (!isOk(answer) || !answer.value) {
      return stalled('ListingFailed', `${context.endpoint.host} answered ${words(answer)} to ListBuckets`)
    }
    resources.push(...answer.value.buckets.map(resourceOf).filter(({ uri }) => isWanted(uri, patterns)))
    const { next: token } = answer.value
    if (!token) return { resources, more: false }
    if (token === next) return stalled('ListingFailed', `${noProgress(context.endpoint.host, 'its buckets')}: ${NAMES}`)
    next = token
  }
  return { resources, more: true }
}

/** Asks for each bucket that the connector names, for an identity that may not list all buckets. */
async function namedBuckets(
  calls: ResourceCalls,
  uris: string[],
  context: ProbeContext,
  signal: AbortSignal,
): Promise<Listed | Failure> {
  const resources: Found[] = []
  let failure: Failure | undefined
  const waiting = new Set(uris).values()
  const look = async () => {
    for (const uri of waiting) {
      if (failure) return
      const bucket = uri.slice(SCHEME.length)
      const answer = await calls.listObjects(bucket, '', signal)
      const trouble = failureOf(answer, { ...context, bucket })
      // Any other failure is about this bucket, which then simply is not one that can be listed.
      if (trouble && (trouble.intent === 'transient' || isRejection(trouble))) failure = trouble
      if (isOk(answer)) resources.push({ uri, ...(answer.region ? { region: answer.region } : {}) })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, look))
  return failure ?? { resources, more: false }
}

const isWanted = (uri: string, patterns: string[]): boolean =>
  patterns.length === 0 || patterns.some(pattern => matchesResource(pattern, uri))

const resourceOf = ({ name, region }: BucketPage['buckets'][number]): Found => ({
  uri: `${SCHEME}${name}`,
  ...(region ? { region } : {}),
})
