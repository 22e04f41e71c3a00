/** Everything that a holder of credentials for a prefix may try, and for which accesses it must work. */
import type { S3 } from '@aws-sdk/client-s3'
import type { Access } from '../../../src/providers/provider.ts'
import { NOBODY, type Attempt as Of, OWNER, READERS, WRITERS } from './attempts.ts'

type Attempt = Of<S3>

export interface Field {
  bucket: string
  otherBucket: string
  /** The prefix of the credentials, below which there is an object `a`. */
  prefix: string
  /** Objects of the bucket that are not below the prefix. */
  outside: string[]
}

const attempt = (name: string, allowed: readonly Access[], send: Attempt['send']): Attempt => ({ name, allowed, send })

export const attempts = (field: Field): Attempt[] => [
  ...inside(field),
  ...listing(field),
  ...field.outside.flatMap(key => elsewhere(field.bucket, key)),
  ...elsewhere(field.otherBucket, `${field.prefix}a`),
  ...copying(field),
  ...ofBucket(field),
]

function inside({ bucket, prefix }: Field): Attempt[] {
  const theirs = { Bucket: bucket, Key: `${prefix}a` }
  const mine = { Bucket: bucket, Key: `${prefix}mine` }
  return [
    attempt('get', READERS, s3 => s3.getObject(theirs)),
    attempt('head', READERS, s3 => s3.headObject(theirs)),
    attempt('put', WRITERS, s3 => s3.putObject({ ...mine, Body: 'x' })),
    attempt('upload in parts', WRITERS, s3 => uploadInParts(s3, mine)),
    attempt('copy', OWNER, s3 => s3.copyObject({ ...mine, CopySource: `${bucket}/${theirs.Key}` })),
    attempt('delete', OWNER, s3 => s3.deleteObject(mine)),
    attempt('delete many', OWNER, s3 => s3.deleteObjects({ Bucket: bucket, Delete: { Objects: [{ Key: mine.Key }] } })),
    attempt('tag', NOBODY, s3 => s3.putObjectTagging({ ...theirs, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })),
  ]
}

async function uploadInParts(s3: S3, at: { Bucket: string; Key: string }): Promise<void> {
  const { UploadId = '' } = await s3.createMultipartUpload(at)
  const upload = { ...at, UploadId }
  await s3.uploadPart({ ...upload, PartNumber: 1, Body: 'x' })
  await s3.abortMultipartUpload(upload)
}

function listing({ bucket, prefix, outside, otherBucket }: Field): Attempt[] {
  const list = (Prefix?: string) => (s3: S3) => s3.listObjectsV2({ Bucket: bucket, ...(Prefix && { Prefix }) })
  const folders = new Set(outside.map(key => key.slice(0, key.lastIndexOf('/') + 1)))
  return [
    attempt('list', READERS, list(prefix)),
    attempt('list deeper', READERS, list(`${prefix}deeper/`)),
    attempt('list versions', READERS, s3 => s3.listObjectVersions({ Bucket: bucket, Prefix: prefix })),
    attempt('list everything', NOBODY, list()),
    attempt('list what only begins like it', NOBODY, list(prefix.slice(0, -1))),
    ...[...folders].map(folder => attempt(`list "${folder}"`, NOBODY, list(folder))),
    attempt('list versions of everything', NOBODY, s3 => s3.listObjectVersions({ Bucket: bucket })),
    attempt('list uploads', NOBODY, s3 => s3.listMultipartUploads({ Bucket: bucket, Prefix: prefix })),
    attempt('list the other bucket', NOBODY, s3 => s3.listObjectsV2({ Bucket: otherBucket, Prefix: prefix })),
  ]
}

function elsewhere(Bucket: string, Key: string): Attempt[] {
  const there = { Bucket, Key }
  const at = `${Bucket}/${Key}`
  return [
    attempt(`get ${at}`, NOBODY, s3 => s3.getObject(there)),
    attempt(`head ${at}`, NOBODY, s3 => s3.headObject(there)),
    attempt(`put ${at}`, NOBODY, s3 => s3.putObject({ ...there, Body: 'x' })),
    attempt(`begin to upload ${at}`, NOBODY, s3 => s3.createMultipartUpload(there)),
    attempt(`delete ${at}`, NOBODY, s3 => s3.deleteObject(there)),
    attempt(`delete many: ${at}`, NOBODY, s3 => s3.deleteObjects({ Bucket, Delete: { Objects: [{ Key }] } })),
  ]
}

function copying({ bucket, prefix, outside: [key = ''], otherBucket }: Field): Attempt[] {
  const mine = { Bucket: bucket, Key: `${prefix}mine` }
  const theirs = { Bucket: bucket, Key: key }
  return [
    attempt('copy in', NOBODY, s3 => s3.copyObject({ ...mine, CopySource: `${bucket}/${key}` })),
    attempt('copy out', NOBODY, s3 => s3.copyObject({ ...theirs, CopySource: `${bucket}/${prefix}a` })),
    attempt('copy from the other bucket', NOBODY, s3 =>
      s3.copyObject({ ...mine, CopySource: `${otherBucket}/${prefix}a` }),
    ),
  ]
}

function ofBucket({ bucket: Bucket }: Field): Attempt[] {
  const anybody = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [anybody] })
  const rule = { ID: 'x', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } } as const
  const encryption = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } } as const
  return [
    attempt('see its region', ['ReadWrite', 'ReadOnly', 'WriteOnly'], s3 => s3.getBucketLocation({ Bucket })),
    attempt('see its versioning', READERS, s3 => s3.getBucketVersioning({ Bucket })),
    attempt('see its policy', NOBODY, s3 => s3.getBucketPolicy({ Bucket })),
    attempt('see its lifecycle', NOBODY, s3 => s3.getBucketLifecycleConfiguration({ Bucket })),
    attempt('open it to anybody', NOBODY, s3 => s3.putBucketPolicy({ Bucket, Policy })),
    attempt('remove its policy', NOBODY, s3 => s3.deleteBucketPolicy({ Bucket })),
    attempt('have it emptied', NOBODY, s3 =>
      s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: [rule] } }),
    ),
    attempt('version it', NOBODY, s3 =>
      s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
    ),
    attempt('encrypt it', NOBODY, s3 =>
      s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: { Rules: [encryption] } }),
    ),
    attempt('tag it', NOBODY, s3 => s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })),
    attempt('be told of what happens in it', NOBODY, s3 =>
      s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration: {} }),
    ),
    attempt('delete it', NOBODY, s3 => s3.deleteBucket({ Bucket })),
    attempt('create another', NOBODY, s3 => s3.createBucket({ Bucket: `${Bucket}-mine` })),
  ]
}

/** `refused` for HTTP 403; any other failure is returned as it is. */
export async function outcomeOf({ send }: Attempt, s3: S3): Promise<string> {
  try {
    const answer = (await send(s3)) as { Errors?: { Code?: string }[] } | undefined
    // A request for several deletions has an answer for each of them.
    const code = answer?.Errors?.[0]?.Code
    return code === undefined ? 'done' : code === 'AccessDenied' ? 'refused' : code
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } }
    return $metadata?.httpStatusCode === 403 ? 'refused' : `${$metadata?.httpStatusCode} ${name}`
  }
}
