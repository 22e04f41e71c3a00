/** The lab of the S3 provider at AWS: moto in place of AWS, its users and roles, clients with granted credentials. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { type Failure, isFailure } from '../../../src/api/failures.ts'
import type { AwsMaterial } from '../../../src/api/material.ts'
import type { ServiceConnectorSpec } from '../../../src/api/service-connector.ts'
import type { Grant, GrantRequest, Location, Resolved, Session } from '../../../src/providers/provider.ts'
import { createS3Provider } from '../../../src/providers/s3/provider.ts'
import { type Moto, startMoto } from '../../cluster/moto.ts'
import { ACCOUNT, type Key, type MotoAdmin } from '../../cluster/moto-admin.ts'
import { pythonWithMoto } from '../../cluster/tools.ts'
import { awsMaterial } from '../../support/granted.ts'
import { type AwsSpec, accessKey, none } from './lab.ts'

/** Values of the Secret that a connector names, or the subject of its ServiceAccount's token. */
export type Who = (Key & { sessionToken?: string }) | { subject: string; audience?: string }

export interface AwsLab {
  moto: Moto
  admin: MotoAdmin
  /** Calls of the provider so far, as `Operation status`. */
  calls: string[]
  /** Opens a session of a connector without an endpoint, which is for AWS itself. */
  open(who: Who, aws?: Partial<AwsSpec>): Promise<Session | Failure>
  /** Opens a session, which must succeed. */
  session(who: Who, aws?: Partial<AwsSpec>): Promise<Session>
  stop(): Promise<void>
}

export const ISSUER = 'https://oidc.test/id/1'
export const webIdentity = (roleArn: string): Partial<AwsSpec> => ({
  auth: { webIdentity: { serviceAccountName: 'runner', roleArn } },
})
export const userArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:user/${name}`
export const location = (bucket: string, prefix = 'prod/'): Location => ({
  bucket,
  prefix,
  uri: `s3://${bucket}/${prefix}`,
})

export async function startAwsLab(options?: Parameters<typeof startMoto>[0]): Promise<AwsLab> {
  const moto = await startMoto(options)
  const before = { ...process.env }
  // The environment of an operator may have these variables, too.
  Object.assign(process.env, moto.environment, { AWS_EC2_METADATA_DISABLED: 'true' })
  const provider = createS3Provider({
    now: () => new Date(),
    onRequest: ({ operation, result }) => lab.calls.push(`${operation} ${result}`),
  })

  const lab: AwsLab = {
    moto,
    admin: moto.admin,
    calls: [],
    async open(who, aws = {}) {
      const spec: ServiceConnectorSpec = { aws: { auth: accessKey, addressingStyle: 'Path', ...aws } }
      const identity = provider.identity(spec, resolved(who))
      return isFailure(identity) ? identity : provider.open(identity, none)
    },
    async session(who, aws) {
      const session = await lab.open(who, aws)
      if (isFailure(session)) throw new Error(`${session.reason}: ${session.message}`)
      return session
    },
    async stop() {
      provider.close()
      process.env = before
      await moto.stop()
    },
  }
  return lab
}

function resolved(who: Who): Resolved {
  const connector = { namespace: 'ml', name: 'aws', uid: 'uid' }
  if ('subject' in who) {
    const { subject, audience = 'sts.amazonaws.com' } = who
    const token = tokenOf({ iss: ISSUER, aud: [audience], sub: `system:serviceaccount:ml:${subject}` })
    return {
      connector,
      value: () => undefined,
      serviceAccount: { name: subject, annotations: {}, token: async () => token },
    }
  }
  const keys: Record<string, string | undefined> = {
    aws_access_key_id: who.accessKeyId,
    aws_secret_access_key: who.secretAccessKey,
    aws_session_token: who.sessionToken,
  }
  return { connector, value: ({ key }) => keys[key] }
}

/** A token without a signature, which moto does not check. Other tests check it with MinIO. */
const tokenOf = (claims: object): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.e30`

/** Has credentials granted, which must succeed. */
export async function granted(
  session: Session,
  change: Partial<GrantRequest> = {},
): Promise<Grant & { material: AwsMaterial }> {
  const grant = await session.grant(grantRequest(change), none)
  if (isFailure(grant)) throw new Error(`${grant.reason}: ${grant.message}`)
  return { ...grant, material: awsMaterial(grant) }
}

export const grantRequest = (change: Partial<GrantRequest> = {}): GrantRequest => ({
  location: location('data'),
  encryption: { type: 'None' },
  access: 'ReadWrite',
  durationMs: 20 * 60_000,
  sessionName: 'ml.prod.step',
  ...change,
})

const optionsOf = ({ region, accessKeyId, secretAccessKey, sessionToken }: AwsMaterial) => ({
  region,
  credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
  maxAttempts: 1,
})

/** The ARN of the identity that the credentials belong to. */
export async function whoHas(material: AwsMaterial): Promise<string | undefined> {
  const sts = new STSClient(optionsOf(material))
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Arn
  } finally {
    sts.destroy()
  }
}

/** HTTP statuses of a consumer's attempts, with a key and with its folder. */
export async function attempts(material: AwsMaterial, key: string): Promise<Record<string, number>> {
  const s3 = new S3Client({ ...optionsOf(material), forcePathStyle: true })
  const at = { Bucket: material.bucket, Key: key }
  const Prefix = key.slice(0, key.lastIndexOf('/') + 1)
  const status = async (call: Promise<{ $metadata: { httpStatusCode?: number } }>): Promise<number> =>
    (await call.catch(error => error)).$metadata.httpStatusCode ?? 0
  try {
    return {
      put: await status(s3.send(new PutObjectCommand({ ...at, Body: 'x' }))),
      get: await status(s3.send(new GetObjectCommand(at))),
      list: await status(s3.send(new ListObjectsV2Command({ Bucket: at.Bucket, Prefix }))),
      remove: await status(s3.send(new DeleteObjectCommand({ ...at, Key: `${key}-absent` }))),
    }
  } finally {
    s3.destroy()
  }
}

const BOTO = `
import boto3, sys
bucket, key = sys.argv[1:]
s3 = boto3.client("s3")
s3.put_object(Bucket=bucket, Key=key, Body=b"by boto3")
print(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode())
`

/** Writes and reads with boto3, which finds credentials and endpoint in `env`. Returns what it has read. */
export async function boto3(env: NodeJS.ProcessEnv, bucket: string, key: string): Promise<string> {
  const { stdout } = await promisify(execFile)(await pythonWithMoto(), ['-c', BOTO, bucket, key], { env })
  return stdout.trim()
}

export const withBoto3 = ({ bucket, region, ...key }: AwsMaterial, name: string): Promise<string> =>
  boto3(
    {
      ...process.env,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      ...(key.sessionToken ? { AWS_SESSION_TOKEN: key.sessionToken } : {}),
    },
    bucket,
    name,
  )
