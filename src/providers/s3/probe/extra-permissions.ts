/**
 * Permissions beside those that each probe shows anyway, and how to see them. No call leaves a trace: what it is about
 * is not there.
 */
import type { Answer } from '../answers/answer.ts'
import type { ListPermission } from '../answers/judge.ts'
import type { ProbeKey } from '../calls/call.ts'
import { type CloudWatchCalls, OBJECT_COUNT } from '../calls/cloudwatch-calls.ts'
import type { ListingCalls } from '../calls/listing-calls.ts'
import type { PermissionCalls } from '../calls/permission-calls.ts'
import type { ProbeCalls } from '../calls/probe-calls.ts'
import type { BucketMemory } from './bucket-memory.ts'

export interface Asking {
  calls: PermissionCalls & Pick<ListingCalls, 'listBuckets'> & Pick<ProbeCalls, 'listUploads'>
  memory: BucketMemory
  /** Present where the service is AWS itself. */
  cloudWatch: CloudWatchCalls | undefined
  /** Nobody ever puts an object here. */
  absent: ProbeKey
  required: string[]
  signal: AbortSignal
}

export interface ExtraPermission {
  action: string
  /** The call that shows it. */
  probe: string
  /** Undefined: can't be asked here. */
  ask(asking: Asking): Promise<Answer> | undefined
  /** Asked once for all stores of a session; the others cost a call a store, and only stores that require them pay. */
  shared?: boolean
  /** It is about no bucket. */
  accountWide?: boolean
  /** Why only AWS itself can be asked. */
  awsOnly?: string
  /** Permission to list what may be absent: without it a service does not tell absent from forbidden. */
  list?: ListPermission
  /** Statuses that, like success, come only after the permission was checked. */
  proofs?: number[]
  /** Its refusals have no body. */
  bodiless?: boolean
}

type Traits = Omit<ExtraPermission, 'action' | 'probe' | 'ask'>

/** Any id will do: a service refuses who may not ask before it looks for the upload. */
const NO_UPLOAD = 'none'
/** The version that objects have in a bucket without versions. */
const NULL_VERSION = 'null'

const ABSENT_KEY: Traits = { proofs: [404], list: 's3:ListBucket' }
const ABSENT_VERSION: Traits = { proofs: [404], list: 's3:ListBucketVersions' }
const ACLS: Traits = { awsOnly: 'S3-compatible services check other permissions for ACLs, so no call shows it' }
const METRICS: Traits = { accountWide: true, awsOnly: 'only AWS has CloudWatch' }

export const EXTRA_PERMISSIONS: readonly ExtraPermission[] = [
  {
    action: 's3:GetBucketLocation',
    probe: 'GetBucketLocation',
    shared: true,
    ask: ({ calls, absent: { bucket }, ...asking }) =>
      once(asking, 's3:GetBucketLocation', bucket, () => calls.location(bucket)),
  },
  {
    action: 's3:ListAllMyBuckets',
    probe: 'ListBuckets',
    shared: true,
    accountWide: true,
    ask: ({ calls, ...asking }) => once(asking, 's3:ListAllMyBuckets', '', () => calls.listBuckets()),
  },
  {
    action: 's3:ListBucketMultipartUploads',
    probe: 'ListMultipartUploads',
    shared: true,
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

/** Asked once for the session; again when a store is not Ready without it, and it was refused. */
function once(
  { memory, required, signal }: Pick<Asking, 'memory' | 'required' | 'signal'>,
  action: string,
  bucket: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  return memory.once(`${action} ${bucket}`, ask, required.includes(action), signal)
}

/** The answers by action; without those that were not asked for. */
export async function askExtras(asking: Asking): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>()
  await Promise.all(
    EXTRA_PERMISSIONS.map(async ({ action, shared, ask }) => {
      if (!shared && !asking.required.includes(action)) return
      const answer = await ask(asking)
      if (answer) answers.set(action, answer)
    }),
  )
  return answers
}
