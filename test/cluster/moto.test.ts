/** The strictness of moto that other tests rely on: it is as strict as AWS where the operator depends on it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {
  AssumeRoleCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import { type Moto, startMoto } from './moto.ts'
import { ACCOUNT, FULL_ACCOUNT, type Key, may, OTHER_ACCOUNT, policyOf } from './moto-admin.ts'

type Identity = Key & { sessionToken?: string }

describe('moto', () => {
  let moto: Moto
  let alice: Key
  let role: string

  before(async () => {
    moto = await startMoto()
    const { admin } = moto
    await admin.createBucket('data')
    await admin.createBucket('ireland', { region: 'eu-west-1' })
    await admin.createBucket('milan', { region: 'eu-south-1' })
    await admin.createBucket('theirs', { account: OTHER_ACCOUNT })
    await admin.putObject('data', 'a/x', 'hello')
    alice = await admin.createUser('alice', [may('s3:*', 'arn:aws:s3:::*'), may('sts:*')])
    role = await admin.createRole('reader', {
      trust: [{ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/alice` }, Condition: external('1234') }],
      may: [may('s3:GetObject'), may('sts:AssumeRole')],
    })
  })
  after(() => moto.stop())

  const options = (credentials: Identity, region: string) => ({
    ...{ credentials, region, endpoint: moto.endpoint, maxAttempts: 1 },
  })
  const s3 = (identity: Identity = alice, region = 'us-east-1') =>
    new S3Client({ ...options(identity, region), forcePathStyle: true })
  const sts = (identity: Identity = alice) => new STSClient(options(identity, 'us-east-1'))
  const assume = (parameters: object = {}, identity?: Identity) =>
    sts(identity).send(
      new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'test', ExternalId: '1234', ...parameters }),
    )
  const list = (identity: Identity, Prefix?: string) =>
    s3(identity).send(new ListObjectsV2Command({ Bucket: 'data', ...(Prefix ? { Prefix } : {}) }))

  it('refuses an unknown key, a wrong secret and a disabled key', async () => {
    await assert.rejects(list({ ...alice, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' }), { name: 'InvalidAccessKeyId' })
    await assert.rejects(list({ ...alice, secretAccessKey: 'wrong' }), { name: 'SignatureDoesNotMatch' })
    const bob = await moto.admin.createUser('bob', [may('s3:*')])
    await moto.admin.setKeyEnabled('bob', bob.accessKeyId, false)
    await assert.rejects(list(bob), { name: 'InvalidAccessKeyId' })
    await assert.rejects(sts(bob).send(new GetCallerIdentityCommand({})), { name: 'InvalidClientTokenId' })
  })

  it('a role must exist, trust the caller, and see the external id', async () => {
    for (const parameters of [{ RoleArn: `${role}-absent` }, { ExternalId: '4321' }, { ExternalId: undefined }]) {
      await assert.rejects(assume(parameters), { name: 'AccessDenied' })
    }
    const issued = identityOf(
      (await assume({ SourceIdentity: 'me', Tags: [{ Key: 'team', Value: 'ml' }] })).Credentials,
    )
    const { Arn } = await sts(issued).send(new GetCallerIdentityCommand({}))
    assert.equal(Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/reader/test`)
    const [session] = (await moto.admin.sessions()).filter(({ accessKeyId }) => accessKeyId === issued.accessKeyId)
    assert.deepEqual(
      [session?.RoleSessionName, session?.ExternalId, session?.SourceIdentity, session?.Tags],
      ['test', '1234', 'me', { team: 'ml' }],
    )
  })

  it('sessions last as long as the role allows, and an hour in a chain', async () => {
    await assert.rejects(assume({ DurationSeconds: 7200 }), { name: 'ValidationError', message: /MaxSessionDuration/ })
    const first = identityOf((await assume()).Credentials)
    const next = await moto.admin.createRole('next', {
      trust: [{ Principal: { AWS: role } }],
      may: [],
      maxSessionDuration: 43_200,
    })
    await assert.rejects(assume({ RoleArn: next, DurationSeconds: 7200 }, first), { message: /role chaining/ })
    await assume({ RoleArn: next }, first)
  })

  it('session policies narrow, and a federated user has nothing but its own', async () => {
    const inA = { ...may('s3:ListBucket'), Condition: { StringLike: { 's3:prefix': 'a/*' } } }
    const Policy = policyOf(inA, may('s3:GetObject', 'arn:aws:s3:::data/a/*'))
    const federated = await sts().send(new GetFederationTokenCommand({ Name: 'step', Policy }))
    const step = identityOf(federated.Credentials)
    await list(step, 'a/')
    await s3(step).send(new GetObjectCommand({ Bucket: 'data', Key: 'a/x' }))
    await assert.rejects(list(step), { name: 'AccessDenied' })
    await assert.rejects(s3(step).send(new PutObjectCommand({ Bucket: 'data', Key: 'a/x', Body: 'x' })), {
      name: 'AccessDenied',
    })
    const none = await sts().send(new GetFederationTokenCommand({ Name: 'none' }))
    await assert.rejects(list(identityOf(none.Credentials)), { name: 'AccessDenied' })
  })

  it('of several deletions, each is allowed by itself', async () => {
    const erin = await moto.admin.createUser('erin', [may('s3:DeleteObject', 'arn:aws:s3:::data/mine/*')])
    const Objects = ['mine/x', 'theirs/x'].map(Key => ({ Key }))
    const deletion = new DeleteObjectsCommand({ Bucket: 'data', Delete: { Objects } })
    const { Deleted, Errors } = await s3(erin).send(deletion)
    assert.deepEqual([Deleted?.map(({ Key }) => Key), Errors?.map(({ Key }) => Key)], [['mine/x'], ['theirs/x']])
    const other = { ...erin, secretAccessKey: 'wrong' }
    await assert.rejects(s3(other).send(deletion), { name: 'SignatureDoesNotMatch' })
  })

  it('a session token is the user, but makes no other', async () => {
    const { Credentials: issued } = await sts().send(new GetSessionTokenCommand({}))
    const session = identityOf(issued)
    await list(session)
    await assert.rejects(sts(session).send(new GetSessionTokenCommand({})), { name: 'AccessDenied' })
    await assert.rejects(list({ ...session, sessionToken: 'other' }), { name: 'InvalidToken' })
  })

  it('buckets are in one region', async () => {
    const head = (Bucket: string) => s3().send(new HeadBucketCommand({ Bucket }))
    for (const [bucket, region, status] of [
      ['ireland', 'eu-west-1', 301],
      ['milan', 'eu-south-1', 400],
    ] as const) {
      await assert.rejects(head(bucket), ({ $metadata, $response }) => {
        assert.equal($metadata.httpStatusCode, status)
        return $response.headers['x-amz-bucket-region'] === region
      })
      await s3(alice, region).send(new HeadBucketCommand({ Bucket: bucket }))
    }
  })

  it('buckets belong to one account, which may have only so many', async () => {
    const create = (Bucket: string, identity?: Identity) => s3(identity).send(new CreateBucketCommand({ Bucket }))
    await assert.rejects(s3().send(new ListObjectsV2Command({ Bucket: 'theirs' })), { name: 'AccessDenied' })
    await assert.rejects(create('theirs'), { name: 'BucketAlreadyExists' })
    const full = await moto.admin.createUser('full', [may('s3:*')], FULL_ACCOUNT)
    await assert.rejects(create('one-more', full), { name: 'TooManyBuckets' })
  })

  it('pages of buckets name regions', async () => {
    const page = await s3().send(new ListBucketsCommand({ MaxBuckets: 2 }))
    const { ContinuationToken } = page
    const rest = await s3().send(new ListBucketsCommand({ MaxBuckets: 2, ContinuationToken }))
    const seen = [...(page.Buckets ?? []), ...(rest.Buckets ?? [])].map(({ Name, BucketRegion }) => [
      Name,
      BucketRegion,
    ])
    assert.deepEqual(seen, [
      ['data', 'us-east-1'],
      ['ireland', 'eu-west-1'],
      ['milan', 'eu-south-1'],
    ])
  })

  it('a caller without list permission gets 403 for what is absent', async () => {
    const reader = identityOf((await assume()).Credentials)
    await s3(reader).send(new HeadObjectCommand({ Bucket: 'data', Key: 'a/x' }))
    const absent = new HeadObjectCommand({ Bucket: 'data', Key: 'absent' })
    await assert.rejects(s3(reader).send(absent), ({ $metadata }) => $metadata.httpStatusCode === 403)
    await assert.rejects(s3().send(absent), ({ $metadata }) => $metadata.httpStatusCode === 404)

    // For this decision, AWS takes the name of the object as the prefix that is listed.
    const inA = { ...may('s3:ListBucket'), Condition: { StringLike: { 's3:prefix': 'a/*' } } }
    const narrow = await moto.admin.createUser('narrow', [may('s3:GetObject'), inA])
    const status = (Key: string) =>
      s3(narrow)
        .send(new HeadObjectCommand({ Bucket: 'data', Key }))
        .catch(({ $metadata }) => $metadata.httpStatusCode)
    assert.deepEqual([await status('a/absent'), await status('a'), await status('b/absent')], [404, 403, 403])
  })

  it('checks digests, and keeps markers of what was never there', async () => {
    const put = new PutObjectCommand({ Bucket: 'data', Key: 'x', Body: 'x', ContentMD5: `${'A'.repeat(22)}==` })
    await assert.rejects(s3().send(put), { name: 'BadDigest' })
    await moto.admin.createBucket('versioned', { versioning: true })
    await s3().send(new DeleteObjectCommand({ Bucket: 'versioned', Key: 'never' }))
    assert.deepEqual(await moto.admin.traces('versioned'), ['never'])
  })
})

const external = (id: string) => ({ StringEquals: { 'sts:ExternalId': id } })

const identityOf = (issued: Credentials | undefined): Identity => ({
  accessKeyId: issued?.AccessKeyId ?? '',
  secretAccessKey: issued?.SecretAccessKey ?? '',
  sessionToken: issued?.SessionToken ?? '',
})
