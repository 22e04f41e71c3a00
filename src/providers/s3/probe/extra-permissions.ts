/**
 * Permissions beside those that each probe shows anyway, and the calls that show them. No call leaves a trace, as each
 * is about an object that is absent.
 */
import type { Answer } from '../answers/answer.ts'
import type { ListPermission } from '../answers/judge.ts'
import { VERSION_PERMISSIONS } from '../answers/version-permissions.ts'
import type { ProbeKey } from '../calls/call.ts'
import { type CloudWatchCalls, OBJECT_COUNT } from '../calls/cloudwatch-calls.ts'
import type { ListingCalls } from '../calls/listing-calls.ts'
import type { PermissionCalls } from '../calls/permission-calls.ts'
import type { ProbeCalls } from '../calls/probe-calls.ts'
import type { BucketMemory } from './bucket-memory.ts'

export interface Asking {
  calls: PermissionCalls & Pick<ListingCalls, 'listBuckets'> & Pick<ProbeCalls, 'listUploads'>
  memory: BucketMemory
  /** Undefined where the service is not AWS itself. */
  cloudWatch: CloudWatchCalls | undefined
  /** A key at which nobody ever puts an object. */
  absent: ProbeKey
  required: string[]
  signal: AbortSignal
}

export interface ExtraPermission {
  action: string
  /** Name of the call that shows the permission. */
  probe: string
  /** Makes the call; undefined when the service can't be asked. */
  ask(asking: Asking): Promise<Answer> | undefined
  /** The permission is not about a bucket. */
  accountWide?: boolean
  /** Why only AWS itself can be asked; absent when any service can. */
  awsOnly?: string
  /** Permission to list, without which a service does not tell an absent object from a forbidden one. */
  list?: ListPermission
  /** Statuses that a service, as for success, answers only after it has checked the permission. */
  proofs?: number[]
  /** Refusals of the call have no body. */
  bodiless?: boolean
}

type Traits = Omit<ExtraPermission, 'action' | 'probe' | 'ask'>

/** Id of no upload: a service that refuses the call does so before it looks for the upload. */
const NO_UPLOAD = 'none'
/** Id of the version that objects have in a bucket without versions. */
const NULL_VERSION = 'null'

const ABSENT_KEY: Traits = { proofs: [404], list: 's3:ListBucket' }
const ABSENT_VERSION: Traits = { proofs: [404], list: 's3:ListBucketVersions' }
const ACLS: Traits = { awsOnly: 'S3-compatible services check other permissions for ACLs, so no call shows it' }
const METRICS: Traits = { accountWide: true, awsOnly: 'only AWS has CloudWatch' }

export const EXTRA_PERMISSIONS: readonly ExtraPermission[] = [
  {
    action: 's3:GetBucketLocation',
    probe: 'GetBucketLocation',
    ask: ({ calls, absent: { bucket }, ...asking }) =>
      once(asking, 's3:GetBucketLocation', bucket, () => calls.location(bucket)),
  },
  {
    action: 's3:ListAllMyBuckets',
    probe: 'ListBuckets',
    accountWide: true,
    ask: ({ calls, ...asking }) => once(asking, 's3:ListAllMyBuckets', '', () => calls.listBuckets()),
  },
  {
    action: 's3:ListBucketMultipartUploads',
    probe: 'ListMultipartUploads',
    ask: ({ calls, absent, ...asking }) =>
      once(asking, 's3:ListBucketMultipartUploads', absent.bucket, () => calls.listUploads(absent)),
  },
  {
    action: 's3:ListMultipartUploadParts',
    probe: 'ListParts of an absent upload',
    proofs: [404],
    ask: ({ calls, absent, signal }) => calls.listParts(absent, NO_UPLOAD, signal),
  },
  {
    action: 's3:GetObjectVersion',
    probe: 'HeadObject of an absent version',
    ...ABSENT_VERSION,
    bodiless: true,
    ask: ({ calls, absent, signal }) => calls.headVersion(absent, NULL_VERSION, signal),
  },
  {
    action: 's3:GetObjectAcl',
    probe: 'GetObjectAcl of an absent key',
    ...{ ...ACLS, ...ABSENT_KEY },
    ask: ({ calls, absent, signal, cloudWatch }) => cloudWatch && calls.getAcl(absent, undefined, signal),
  },
  {
    action: 's3:PutObjectAcl',
    probe: 'PutObjectAcl of an absent key',
    ...{ ...ACLS, ...ABSENT_KEY },
    ask: ({ calls, absent, signal, cloudWatch }) => cloudWatch && calls.putAcl(absent, undefined, signal),
  },
  {
    action: 's3:GetObjectVersionAcl',
    probe: 'GetObjectAcl of an absent version',
    ...{ ...ACLS, ...ABSENT_VERSION },
    ask: ({ calls, absent, signal, cloudWatch }) => cloudWatch && calls.getAcl(absent, NULL_VERSION, signal),
  },
  {
    action: 's3:PutObjectVersionAcl',
    probe: 'PutObjectAcl of an absent version',
    ...{ ...ACLS, ...ABSENT_VERSION },
    ask: ({ calls, absent, signal, cloudWatch }) => cloudWatch && calls.putAcl(absent, NULL_VERSION, signal),
  },
  {
    action: 'cloudwatch:GetMetricData',
    probe: 'GetMetricData',
    ...METRICS,
    ask: ({ cloudWatch, absent: { bucket }, ...asking }) =>
      cloudWatch && once(asking, 'cloudwatch:GetMetricData', '', () => cloudWatch.newest(bucket, [OBJECT_COUNT])),
  },
  {
    action: 'cloudwatch:ListMetrics',
    probe: 'ListMetrics',
    ...METRICS,
    ask: ({ cloudWatch, absent: { bucket }, ...asking }) =>
      cloudWatch && once(asking, 'cloudwatch:ListMetrics', '', () => cloudWatch.storageTypes(bucket)),
  },
]

/** Asks once for all stores of a session that require the permission. The others cost each store a call. */
function once(
  { memory, signal }: Pick<Asking, 'memory' | 'signal'>,
  action: string,
  bucket: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  return memory.once(`${action} ${bucket}`, ask, signal)
}

/** Asks for the permissions that are required; returns the answers by action. */
export async function askExtras(asking: Asking): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>()
  await Promise.all(
    EXTRA_PERMISSIONS.map(async ({ action, ask }) => {
      if (!asking.required.includes(action)) return
      const answer = await ask(asking)
      if (answer) answers.set(action, answer)
    }),
  )
  return answers
}

/** Whether a permission is one for versions, or can't be judged without one. */
export const needsVersions = (permission: string): boolean =>
  VERSION_PERMISSIONS.includes(permission) ||
  EXTRA_PERMISSIONS.some(({ action, list }) => action === permission && list === 's3:ListBucketVersions')
