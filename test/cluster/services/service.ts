/** What the conformance suite needs of an S3 service that runs on this machine. */
import { S3 } from '@aws-sdk/client-s3'
import type { Service, Workspace } from '../processes.ts'

export interface Key {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The keys that every service has in the tests. */
export interface Keys {
  /** The administrator, who puts what tests find, and sees what they leave. */
  readonly root: Key
  /** A user who may do everything with buckets and objects, but is no administrator. */
  readonly user: Key
  /** A user who may list and read, and nothing else. */
  readonly reader: Key
}

export interface Roles {
  /** A role that trusts `Keys.user`. */
  readonly trusting?: string
  /** A role that trusts nobody who asks for it here. */
  readonly closed?: string
  /** A role that trusts the ServiceAccount `trustedSubject`. */
  readonly web?: string
  /** A role for web identities that trusts another ServiceAccount. */
  readonly webOfOthers?: string
}

export interface S3Service {
  readonly version: string
  /** Absent where clients find the service by their environment, as they find AWS. */
  readonly endpoint?: string
  readonly stsEndpoint?: string
  readonly region: string
  readonly caPem?: string
  readonly keys: Keys
  readonly roles: Roles
  /** Creates a bucket that `Keys.user` may use and `Keys.reader` may read. Default: the administrator creates it. */
  createBucket?(name: string): Promise<void>
  /** Starts to listen to the events of a bucket, where the service tells of them; `seen`: `type key` of each, oldest first. */
  watch?(bucket: string): { seen(): string[]; stop(): Promise<void> }
  stop(): Promise<void>
}

/** What services read of a cluster to trust its tokens. */
export interface Issuer {
  readonly issuer: string
  readonly caPem: string
}

export const trustedNamespace = 'services'
export const trustedAccount = 'runner'
export const trustedSubject = `system:serviceaccount:${trustedNamespace}:${trustedAccount}`
export const tokenAudience = 'sts.amazonaws.com'

/** Bounded by what the strictest service takes: VersityGW wants ids of 16 characters and more in its IAM service. */
const key = (name: string): Key => ({
  accessKeyId: `TEST${name.toUpperCase().padEnd(16, 'X')}`,
  secretAccessKey: `secret-of-${name}`.padEnd(40, '0'),
})
export const keys: Keys = { root: key('root'), user: key('user'), reader: key('reader') }

export const fullPolicy = policy(['s3:*'])
export const readPolicy = policy(['s3:ListBucket', 's3:GetObject', 's3:ListAllMyBuckets', 's3:GetBucketLocation'])

export function policy(actions: string[]) {
  const resources = ['arn:aws:s3:::*', 'arn:aws:s3:::*/*']
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: resources }] }
}

/** Creates a bucket as the administrator, with a policy for the two users as the service names them. */
export async function createSharedBucket(
  service: Pick<S3Service, 'endpoint' | 'region'>,
  name: string,
  users: { user: string; reader: string },
) {
  const s3 = new S3({
    endpoint: service.endpoint ?? '',
    region: service.region,
    credentials: keys.root,
    forcePathStyle: true,
  })
  const resources = [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`]
  const allow = (user: string, Action: string[]) => ({
    Effect: 'Allow',
    Principal: { AWS: [user] },
    Action,
    Resource: resources,
  })
  const statements = [allow(users.user, ['s3:*']), allow(users.reader, ['s3:ListBucket', 's3:GetObject'])]
  try {
    await s3.createBucket({ Bucket: name })
    await s3.putBucketPolicy({ Bucket: name, Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }) })
  } finally {
    s3.destroy()
  }
}

/** Starts a service with a workspace; stops what was started when that fails. */
export async function startIn(
  workspace: Workspace,
  start: (processes: Service[]) => Promise<Omit<S3Service, 'stop'>>,
): Promise<S3Service> {
  const processes: Service[] = []
  const stop = async () => {
    await Promise.all(processes.map(process => process.kill()))
    await workspace.remove()
  }
  try {
    return { ...(await start(processes)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
