/** Administration of moto's accounts: users, roles and buckets. Nothing here needs credentials. */
import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'

export const ACCOUNT = '123456789012'
export const OTHER_ACCOUNT = '210987654321'
/** An account that may create no bucket because it has reached its quota. */
export const FULL_ACCOUNT = '444444444444'

export interface Key {
  accessKeyId: string
  secretAccessKey: string
}

export interface RoleOptions {
  /** Statements of the trust policy without Effect, which say who may assume the role and on what condition. */
  trust: object[]
  /** Statements that say what the role may do. */
  may: object[]
  account?: string
  /** In seconds. Default: an hour, as in IAM. */
  maxSessionDuration?: number
}

/** The request for credentials that STS has issued. The members are those of the request. */
export interface IssuedSession {
  arn: string
  accessKeyId: string
  operation: string
  /** The ARN of the caller, or the subject of the caller's token. */
  by: string
  Tags: Record<string, string>
  RoleSessionName?: string
  ExternalId?: string
  SourceIdentity?: string
  DurationSeconds?: string
  Name?: string
  Policy?: string
}

export interface MotoAdmin {
  /** Creates a user with these statements; returns the user's key. */
  createUser(name: string, may: object[], account?: string): Promise<Key>
  setUserPolicy(name: string, may: object[], account?: string): Promise<void>
  setKeyEnabled(user: string, accessKeyId: string, enabled: boolean, account?: string): Promise<void>
  /** Creates a role; returns its ARN. */
  createRole(name: string, options: RoleOptions): Promise<string>
  /** Makes an account trust the tokens of an issuer. */
  createIssuer(url: string, audience: string, account?: string): Promise<void>
  /** Replaces the statements that say what the role may do. */
  setRolePolicy(name: string, may: object[], account?: string): Promise<void>
  /** Creates a KMS key; returns its ARN. */
  createKey(options?: { alias?: string; region?: string; account?: string }): Promise<string>
  sessions(): Promise<IssuedSession[]>
  createBucket(name: string, options?: { region?: string; versioning?: boolean; account?: string }): Promise<void>
  putObject(bucket: string, key: string, body: string): Promise<void>
  /** The keys of versions, delete markers and unfinished uploads, which a probe must not leave. */
  traces(bucket: string): Promise<string[]>
  /** A client of the account's administrator. */
  s3(region?: string, account?: string): Promise<S3Client>
  close(): void
}

const version = '2012-10-17'
export const policyOf = (...Statement: object[]): string => JSON.stringify({ Version: version, Statement })
export const may = (actions: string | string[], resource: string | string[] = '*') => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resource,
})

export function createMotoAdmin(endpoint: string): MotoAdmin {
  const clients = new Map<string, Promise<S3Client>>()
  /** The region and account of each bucket. */
  const homes = new Map<string, [region: string, account: string]>()

  async function iam(account: string, action: string, parameters: Record<string, string>): Promise<string> {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-moto-account-id': account,
        // The header says which service is meant; its signature is not checked.
        authorization: 'AWS4-HMAC-SHA256 Credential=ADMIN/20300101/us-east-1/iam/aws4_request, Signature=none',
      },
      body: new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`moto: ${action}: ${text}`)
    return text
  }

  async function createUser(name: string, statements: object[], account = ACCOUNT): Promise<Key> {
    await iam(account, 'CreateUser', { UserName: name })
    if (statements.length > 0) await setUserPolicy(name, statements, account)
    const answer = await iam(account, 'CreateAccessKey', { UserName: name })
    const member = (tag: string): string => new RegExp(`<${tag}>([^<]*)<`).exec(answer)?.[1] ?? ''
    return { accessKeyId: member('AccessKeyId'), secretAccessKey: member('SecretAccessKey') }
  }

  async function setUserPolicy(name: string, statements: object[], account = ACCOUNT): Promise<void> {
    const PolicyDocument = policyOf(...statements)
    await iam(account, 'PutUserPolicy', { UserName: name, PolicyName: 'may', PolicyDocument })
  }

  async function setRolePolicy(name: string, statements: object[], account = ACCOUNT): Promise<void> {
    const policy = { RoleName: name, PolicyName: 'may', PolicyDocument: policyOf(...statements) }
    await iam(account, 'PutRolePolicy', policy)
  }

  async function kms(account: string, region: string, call: string, parameters: object) {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `TrentService.${call}`,
        'x-moto-account-id': account,
        authorization: `AWS4-HMAC-SHA256 Credential=ADMIN/20300101/${region}/kms/aws4_request, Signature=none`,
      },
      body: JSON.stringify(parameters),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`moto: ${call}: ${text}`)
    return text === '' ? {} : (JSON.parse(text) as { KeyMetadata?: { Arn: string; KeyId: string } })
  }

  async function open(region: string, account: string): Promise<S3Client> {
    const credentials = await createUser(`administrator-${region}`, [may('*')], account)
    return new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  }

  function s3(region = 'us-east-1', account = ACCOUNT): Promise<S3Client> {
    const name = `${account} ${region}`
    const client = clients.get(name) ?? open(region, account)
    clients.set(name, client)
    return client
  }

  const clientFor = (bucket: string): Promise<S3Client> => s3(...(homes.get(bucket) ?? []))

  return {
    s3,
    createUser,
    setUserPolicy,
    async setKeyEnabled(user, accessKeyId, enabled, account = ACCOUNT) {
      const Status = enabled ? 'Active' : 'Inactive'
      await iam(account, 'UpdateAccessKey', { UserName: user, AccessKeyId: accessKeyId, Status })
    },
    async createRole(name, { trust, may: statements, account = ACCOUNT, maxSessionDuration = 3600 }) {
      const trusted = trust.map(statement => ({ Effect: 'Allow', Action: 'sts:*', ...statement }))
      await iam(account, 'CreateRole', {
        RoleName: name,
        AssumeRolePolicyDocument: policyOf(...trusted),
        MaxSessionDuration: `${maxSessionDuration}`,
      })
      if (statements.length > 0) await setRolePolicy(name, statements, account)
      return `arn:aws:iam::${account}:role/${name}`
    },
    async createIssuer(url, audience, account = ACCOUNT) {
      const parameters = { Url: url, 'ClientIDList.member.1': audience, 'ThumbprintList.member.1': 'a'.repeat(40) }
      await iam(account, 'CreateOpenIDConnectProvider', parameters)
    },
    setRolePolicy,
    async createKey({ alias, region = 'us-east-1', account = ACCOUNT } = {}) {
      const { Arn = '', KeyId = '' } = (await kms(account, region, 'CreateKey', {})).KeyMetadata ?? {}
      if (alias) await kms(account, region, 'CreateAlias', { AliasName: alias, TargetKeyId: KeyId })
      return Arn
    },
    async sessions() {
      return (await fetch(`${endpoint}/sessions`)).json() as Promise<IssuedSession[]>
    },
    async createBucket(name, { region = 'us-east-1', versioning = false, account = ACCOUNT } = {}) {
      homes.set(name, [region, account])
      const client = await s3(region, account)
      const LocationConstraint = region as BucketLocationConstraint
      const elsewhere = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } }
      await client.send(new CreateBucketCommand({ Bucket: name, ...elsewhere }))
      if (!versioning) return
      const enabled = { Status: 'Enabled' } as const
      await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: enabled }))
    },
    async putObject(bucket, key, body) {
      await (await clientFor(bucket)).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
    },
    async traces(bucket) {
      const client = await clientFor(bucket)
      const [{ Versions = [], DeleteMarkers = [] }, { Uploads = [] }] = await Promise.all([
        client.send(new ListObjectVersionsCommand({ Bucket: bucket })),
        client.send(new ListMultipartUploadsCommand({ Bucket: bucket })),
      ])
      return [...Versions, ...DeleteMarkers, ...Uploads].map(({ Key = '' }) => Key)
    },
    close() {
      for (const client of clients.values()) void client.then(opened => opened.destroy())
    },
  }
}
