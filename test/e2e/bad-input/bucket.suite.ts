/** Stores whose bucket does not exist, belongs to somebody else, or does not allow what the store needs. */
import { FULL_ACCOUNT, may, OTHER_ACCOUNT } from '../../cluster/moto-admin.ts'
import { allBut, atAws, atMinio, entry, type Row } from './aws-world.ts'

/** A user with these statements, and a connector with the user's key. */
const as = (...statements: object[]): Pick<Row, 'arrange' | 'connector'> => ({
  arrange: ({ user }, name) => user(name, statements),
  connector: (_, name) => atAws(name),
})

const PERMISSION = 'allow it in the policy of that identity'

const places: Row[] = [
  {
    name: 'bucket-missing',
    store: () => ({ path: 's3://not-there' }),
    reason: 'BucketNotFound',
    says: ['"not-there"', 'create it, or correct spec.path'],
  },
  {
    name: 'minio-bucket-missing',
    connector: world => atMinio(world),
    store: () => ({ path: 's3://not-there' }),
    reason: 'BucketNotFound',
    says: ['"not-there"', 'create it, or correct spec.path'],
  },
  {
    name: 'bucket-of-others',
    arrange: ({ admin }, name) => admin.createBucket(name, { account: OTHER_ACCOUNT }),
    store: (_, name) => ({ path: `s3://${name}` }),
    reason: 'PermissionDenied',
    says: ['s3:ListBucket', 's3://bucket-of-others', PERMISSION],
  },
  {
    name: 'bucket-in-capitals',
    store: () => ({ path: 's3://Data/any', bucket: { create: true } }),
    reason: 'InvalidBucketName',
    says: ['spec.path: "Data" is no bucket name'],
  },
  {
    name: 'bucket-elsewhere',
    store: () => ({ path: 's3://data/any', bucket: { create: true, region: 'eu-west-1' } }),
    reason: 'WrongRegion',
    says: ['"data" is in region "us-east-1"', 'correct spec.bucket.region'],
  },
]

const permissions: Row[] = [
  {
    name: 'prefix-denied',
    ...as(may('s3:*', ['arn:aws:s3:::data/other/*']), may('sts:*')),
    store: () => ({ path: 's3://data/prod' }),
    reason: 'PermissionDenied',
    says: ['s3:ListBucket', 's3:PutObject', 's3://data/prod', PERMISSION],
  },
  ...['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:DeleteObject'].map(
    (action): Row => ({
      name: `${action.slice(3).toLowerCase()}-denied`,
      ...as(...allBut(action)),
      store: () => entry(),
      reason: 'PermissionDenied',
      says: [`${action} denied on s3://data/`, PERMISSION],
    }),
  ),
  ...['s3:GetBucketVersioning', 's3:ListBucketVersions'].map(
    (action): Row => ({
      name: `${action.slice(3).toLowerCase()}-denied`,
      ...as(...allBut(action)),
      store: () => ({ ...entry(), verification: { require: [action] } }),
      reason: 'PermissionDenied',
      says: [`${action} denied on s3://data/`, PERMISSION],
    }),
  ),
  {
    name: 'permission-not-known',
    store: () => ({ verification: { require: ['s3:GetObjectTorrent'] } }),
    reason: 'PermissionUnknown',
    says: ['s3:GetObjectTorrent', 'spec.verification.require'],
  },
  {
    name: 'metrics-denied',
    ...as(may('s3:*'), may('sts:*')),
    store: () => ({ verification: { require: ['cloudwatch:GetMetricData'] } }),
    reason: 'PermissionDenied',
    says: ['cloudwatch:GetMetricData denied', PERMISSION],
  },
  {
    name: 'kms-key-missing',
    store: () => ({ encryption: { type: 'SSE-KMS', kmsKeyId: 'alias/none' } }),
    reason: 'PermissionDenied',
    says: ['s3:PutObject', 'KMS key "alias/none"'],
  },
  {
    name: 'minio-kms-key-missing',
    connector: world => atMinio(world),
    store: () => ({ path: 's3://bad/any', encryption: { type: 'SSE-KMS', kmsKeyId: 'none' } }),
    reason: 'PermissionDenied',
    says: ['s3:PutObject', 'KMS key "none"'],
  },
]

const preparations: Row[] = [
  {
    name: 'create-denied',
    ...as(...allBut('s3:CreateBucket')),
    store: () => ({ path: 's3://new-one', bucket: { create: true } }),
    reason: 'PermissionDenied',
    says: ['s3:CreateBucket denied on s3://new-one', 'remove spec.bucket.create'],
  },
  {
    name: 'create-taken',
    arrange: ({ admin }, name) => admin.createBucket(name, { account: OTHER_ACCOUNT }),
    store: (_, name) => ({ path: `s3://${name}`, bucket: { create: true } }),
    reason: 'BucketNameTaken',
    says: ['belongs to another account', 'choose another name in spec.path'],
  },
  {
    name: 'create-at-the-limit',
    async arrange({ admin, keySecret }, name) {
      await keySecret(name, await admin.createUser(name, [may('s3:*')], FULL_ACCOUNT))
    },
    connector: (_, name) => atAws(name),
    store: () => ({ path: 's3://one-more', bucket: { create: true } }),
    reason: 'BucketQuotaExceeded',
    says: ['"one-more"', 'have the quota raised'],
  },
  {
    name: 'versioning-denied',
    ...as(...allBut('s3:PutBucketVersioning')),
    store: () => ({ bucket: { versioning: 'Enabled' } }),
    reason: 'PermissionDenied',
    says: ['s3:PutBucketVersioning denied on s3://data', 'remove spec.bucket.versioning'],
  },
  {
    name: 'expiration-denied',
    ...as(...allBut('s3:PutLifecycleConfiguration')),
    store: () => ({ bucket: { expirationDays: 30 } }),
    reason: 'PermissionDenied',
    says: ['s3:PutLifecycleConfiguration denied on s3://data', 'remove spec.bucket.expirationDays'],
  },
]

export const bucketRows: Row[] = [...places, ...permissions, ...preparations]
