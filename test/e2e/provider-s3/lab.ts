/** The lab of the S3 provider: a MinIO that trusts a cluster's tokens, and identities for it. */

import https from 'node:https'
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { type Failure, isFailure } from '../../../src/api/failures.ts'
import type { AwsMaterial } from '../../../src/api/material.ts'
import type { ServiceConnectorSpec } from '../../../src/api/service-connector.ts'
import type { RequestRecord } from '../../../src/providers/network/gate.ts'
import type { Permission, Probe, ProbeRequest, Resolved, Session } from '../../../src/providers/provider.ts'
import { createS3Provider } from '../../../src/providers/s3/provider.ts'
import { type Environment, startEnvironment } from '../../cluster/environment.ts'
import { tokenAudience } from '../../cluster/minio.ts'

export type AwsSpec = NonNullable<ServiceConnectorSpec['aws']>

/** Values of the Secret and the CA bundle that a connector names. */
export interface Values {
  accessKeyId?: string
  secretAccessKey?: string
  sessionToken?: string
  ca?: string
}

export interface Lab extends Environment {
  /** Calls of the provider so far, as `Operation status`. */
  calls: string[]
  onCall: (record: RequestRecord) => void
  open(aws?: Partial<AwsSpec>, values?: Values): Promise<Session | Failure>
  /** Opens a session, which must succeed, with the role of web identities unless `aws.auth` says otherwise. */
  session(aws?: Partial<AwsSpec>, values?: Values): Promise<Session>
  /** Replaces the policy of the role of web identities. */
  setRole(...statements: object[]): Promise<void>
}

export const none = new AbortController().signal
export const accessKey: AwsSpec['auth'] = { accessKey: { secretName: 'minio' } }
export const allow = (...actions: string[]) => ({ Effect: 'Allow', Action: actions, Resource: 'arn:aws:s3:::*' })
export const deny = (...actions: string[]) => ({ Effect: 'Deny', Action: actions, Resource: 'arn:aws:s3:::*' })

export async function startLab(): Promise<Lab> {
  const environment = await startEnvironment({ controllers: false })
  const { controlPlane, minio } = environment
  const accounts = '/api/v1/namespaces/default/serviceaccounts'
  await controlPlane.request('POST', accounts, { metadata: { name: 'pipelines' } })
  const token = async (audience: string): Promise<string> => {
    const spec = { audiences: [audience], expirationSeconds: 600 }
    return (await controlPlane.request('POST', `${accounts}/pipelines/token`, { spec })).json.status.token
  }
  const provider = createS3Provider({
    now: () => new Date(),
    onRequest(record) {
      lab.calls.push(`${record.operation} ${record.result}`)
      lab.onCall(record)
    },
  })

  const lab: Lab = {
    ...environment,
    calls: [],
    onCall: () => undefined,
    async open(aws = {}, values = {}) {
      const spec: ServiceConnectorSpec = {
        aws: {
          endpoint: minio.endpoint,
          // The operator's own identity takes no CA of a connector.
          ...(aws.auth?.implicit ? {} : { caBundle: { configMapKeyRef: { name: 'minio-ca' } } }),
          auth: { webIdentity: { serviceAccountName: 'pipelines', roleArn: minio.roleArn } },
          ...aws,
        },
      }
      const {
        accessKeyId = minio.rootUser,
        secretAccessKey = minio.rootPassword,
        sessionToken,
        ca = minio.caPem,
      } = values
      const keys: Record<string, string | undefined> = {
        aws_access_key_id: accessKeyId,
        aws_secret_access_key: secretAccessKey,
        aws_session_token: sessionToken,
        'ca.crt': ca,
      }
      const audience = provider.references(spec).serviceAccount?.audience ?? tokenAudience
      const resolved: Resolved = {
        connector: { namespace: 'default', name: 'minio', uid: 'uid' },
        value: ({ key }) => keys[key],
        serviceAccount: { name: 'pipelines', annotations: {}, token: () => token(audience) },
        operatorIdentity: { cluster: 'cluster-uid', endpoints: [new URL(minio.endpoint).hostname], clientIds: [] },
      }
      const identity = provider.identity(spec, resolved)
      return isFailure(identity) ? identity : provider.open(identity, none)
    },
    async session(aws, values) {
      const session = await lab.open(aws, values)
      if (isFailure(session)) throw new Error(`${session.reason}: ${session.message}`)
      return session
    },
    setRole: (...Statement) => minio.admin.setPolicy('irsa', JSON.stringify({ Version: '2012-10-17', Statement })),
    async stop() {
      provider.close()
      await environment.stop()
    },
  }
  return lab
}

export function probeRequest(bucket: string, change: Partial<ProbeRequest> = {}): ProbeRequest {
  const location = { bucket, prefix: 'team/', uri: `s3://${bucket}/team` }
  return { location, encryption: { type: 'None' }, writeProbe: 'Multipart', probeId: 'uid-1', required: [], ...change }
}

export async function probed(session: Session, request: ProbeRequest): Promise<Probe> {
  const result = await session.probe(request, none)
  if (isFailure(result)) throw new Error(`${result.reason}: ${result.message}`)
  return result
}

/** Results by action: `{ ListBucket: 'Allowed', ... }`. */
export const results = (permissions: Permission[]): Record<string, string> =>
  Object.fromEntries(permissions.map(({ action, result }) => [action.replace('s3:', ''), result]))

/** Calls of a consumer with granted credentials, each of which returns an HTTP status. */
export function consumer({ bucket, endpoint, region, caPem, ...credentials }: AwsMaterial) {
  const client = new S3Client({
    ...{ region, credentials, endpoint: endpoint ?? '', forcePathStyle: true, maxAttempts: 1 },
    requestHandler: { httpsAgent: new https.Agent({ ca: caPem ?? '' }) },
  })
  const status = async (call: Promise<{ $metadata: { httpStatusCode?: number } }>): Promise<number> =>
    (await call.catch(error => error)).$metadata.httpStatusCode ?? 0
  const at = (Key: string) => ({ Bucket: bucket, Key })
  return {
    put: (key: string) => status(client.send(new PutObjectCommand({ ...at(key), Body: 'x' }))),
    get: (key: string) => status(client.send(new GetObjectCommand(at(key)))),
    head: (key: string) => status(client.send(new HeadObjectCommand(at(key)))),
    remove: (key: string) => status(client.send(new DeleteObjectCommand(at(key)))),
    copy: (from: string, to: string) =>
      status(client.send(new CopyObjectCommand({ ...at(to), CopySource: `${bucket}/${from}` }))),
    list: (prefix?: string) =>
      status(
        client.send(new ListObjectsV2Command({ Bucket: bucket, ...(prefix === undefined ? {} : { Prefix: prefix }) })),
      ),
    close: () => client.destroy(),
  }
}
