/** The lab of a service: the provider as the operator has it, and the administrator's view of buckets. */
import https from 'node:https'
import { GetBucketNotificationConfigurationCommand, S3, type S3ClientConfig } from '@aws-sdk/client-s3'
import { type Failure, isFailure } from '../../src/api/failures.ts'
import type { AwsMaterial } from '../../src/api/material.ts'
import type {
  Access,
  Grant,
  GrantRequest,
  Identity,
  Location,
  ProbeRequest,
  Resolved,
  Session,
} from '../../src/providers/provider.ts'
import { createS3Provider } from '../../src/providers/s3/provider.ts'
import {
  type Key,
  type S3Service,
  tokenAudience,
  trustedAccount,
  trustedNamespace,
} from '../cluster/services/service.ts'
import { type AwsSpec, none } from '../e2e/provider-s3/lab.ts'
import { awsMaterial } from '../support/granted.ts'
import type { WayName } from './found.ts'

/** The bucket in which each service is tried; names of others begin with it. */
export const BUCKET = 'conformance'
export const PREFIX = 'team/'
const INVENTED = 'arn:aws:iam::000000000000:role/invented'
const secretName = 'key'

export interface Lab {
  readonly service: S3Service
  readonly admin: Admin
  /** The members of `spec.aws` for a way. */
  aws(way: WayName, change?: Partial<AwsSpec>): AwsSpec
  open(way: WayName, change?: Change): Promise<Session | Failure>
  /** Opens a session, which must succeed. */
  session(way: WayName, change?: Change): Promise<Session>
  /** A client with granted credentials, or why none are granted. */
  consumer(session: Session, bucket: string, access: Access): Promise<S3 | Failure>
  stop(): void
}

export interface Change {
  key?: Key
  aws?: Partial<AwsSpec>
}

export interface LabOptions {
  service: S3Service
  /** A token of the ServiceAccount `trustedAccount`. */
  token(audience: string): Promise<string>
}

export function createLab({ service, token }: LabOptions): Lab {
  const provider = createS3Provider({ now: () => new Date(), onRequest: () => undefined })
  const agent = service.caPem === undefined ? undefined : new https.Agent({ ca: service.caPem, keepAlive: true })
  const clientOf = (credentials: S3ClientConfig['credentials'] & object) =>
    new S3(settings(service, credentials, agent))
  const root = clientOf(service.keys.root)

  const lab: Lab = {
    service,
    admin: createAdmin(root, service),
    aws: (way, change = {}) => ({ ...connection(service), ...ways(service)[way], ...change }),
    async open(way, { key = service.keys.user, aws = {} } = {}) {
      const spec = { aws: lab.aws(way, aws) }
      const identity: Identity | Failure = provider.identity(spec, resolved(service, key, token))
      return isFailure(identity) ? identity : provider.open(identity, none)
    },
    async session(way, change) {
      const session = await lab.open(way, change)
      if (isFailure(session)) throw new Error(`${session.reason}: ${session.message}`)
      return session
    },
    async consumer(session, bucket, access) {
      const grant: Grant | Failure = await session.grant(grantRequest(bucket, access), none)
      if (isFailure(grant)) return grant
      const { accessKeyId, secretAccessKey, sessionToken }: AwsMaterial = awsMaterial(grant)
      return clientOf({ accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) })
    },
    stop() {
      root.destroy()
      agent?.destroy()
      provider.close()
    },
  }
  return lab
}

const settings = ({ endpoint, region }: S3Service, credentials: object, httpsAgent?: https.Agent): S3ClientConfig => ({
  ...{ region, credentials: credentials as Key, forcePathStyle: true, maxAttempts: 1 },
  ...(endpoint ? { endpoint } : {}),
  ...(httpsAgent ? { requestHandler: { httpsAgent } } : {}),
})

/** What each way has in `spec.aws`, with roles that do not exist where the service has none. */
const ways = ({ roles }: S3Service): Record<WayName, AwsSpec> => {
  const auth = { accessKey: { secretName } }
  return {
    accessKey: { auth },
    'accessKey, SessionToken': { auth, issue: 'SessionToken' },
    'accessKey, FederationToken': { auth, issue: 'FederationToken' },
    'accessKey, Static': { auth, issue: 'Static' },
    assumeRoles: { auth, assumeRoles: [{ roleArn: roles.trusting ?? INVENTED }] },
    webIdentity: { auth: { webIdentity: { serviceAccountName: trustedAccount, roleArn: roles.web ?? INVENTED } } },
  }
}

function connection({ endpoint, stsEndpoint, region, caPem }: S3Service): Partial<AwsSpec> {
  return {
    ...{ region, addressingStyle: 'Path' },
    ...(endpoint ? { endpoint } : {}),
    ...(stsEndpoint ? { stsEndpoint } : {}),
    ...(caPem ? { caBundle: { configMapKeyRef: { name: 'ca' } } } : {}),
  }
}

function resolved({ caPem }: S3Service, key: Key, token: LabOptions['token']): Resolved {
  const values: Record<string, string | undefined> = {
    aws_access_key_id: key.accessKeyId,
    aws_secret_access_key: key.secretAccessKey,
    'ca.crt': caPem,
  }
  return {
    connector: { namespace: trustedNamespace, name: 'connector', uid: 'uid' },
    value: ({ key: name }) => values[name],
    serviceAccount: { name: trustedAccount, annotations: {}, token: () => token(tokenAudience) },
  }
}

export const location = (bucket: string): Location => ({ bucket, prefix: PREFIX, uri: `s3://${bucket}/team` })

const grantRequest = (bucket: string, access: Access): GrantRequest => ({
  ...{ location: location(bucket), encryption: { type: 'None' }, access },
  ...{ durationMs: 20 * 60_000, sessionName: 'services.store.step' },
})

export const probeRequest = (bucket: string, change: Partial<ProbeRequest> = {}): ProbeRequest => ({
  ...{ location: location(bucket), encryption: { type: 'None' }, writeProbe: 'Multipart', probeId: 'uid-1' },
  required: [],
  ...change,
})

export interface Admin {
  readonly s3: S3
  createBucket(name: string): Promise<void>
  put(bucket: string, key: string, body?: string): Promise<void>
  buckets(): Promise<string[]>
  /** Everything in a bucket: objects, versions, delete markers, open uploads, and who is told of events. */
  traces(bucket: string): Promise<string[]>
}

function createAdmin(s3: S3, service: S3Service): Admin {
  return {
    s3,
    async createBucket(name) {
      await (service.createBucket?.(name) ?? s3.createBucket({ Bucket: name }))
    },
    async put(bucket, key, body = 'theirs') {
      await s3.putObject({ Bucket: bucket, Key: key, Body: body })
    },
    buckets: async () => ((await s3.listBuckets()).Buckets ?? []).map(({ Name = '' }) => Name).sort(),
    async traces(Bucket) {
      const { Contents = [] } = await s3.listObjectsV2({ Bucket })
      // Not every service has versions and notifications.
      const { Versions = [], DeleteMarkers = [] } = await s3.listObjectVersions({ Bucket }).catch(() => ({}) as never)
      const { Uploads = [] } = await s3.listMultipartUploads({ Bucket })
      const { $metadata: _, ...told } = await s3
        .send(new GetBucketNotificationConfigurationCommand({ Bucket }))
        .catch(() => ({ $metadata: {} }))
      return [
        ...Contents.map(({ Key }) => `object ${Key}`),
        ...Versions.map(({ Key, VersionId }) => `version ${Key} ${VersionId}`),
        ...DeleteMarkers.map(({ Key }) => `delete marker ${Key}`),
        ...Uploads.map(({ Key, UploadId }) => `upload ${Key} ${UploadId}`),
        `told: ${JSON.stringify(told)}`,
      ]
    },
  }
}
