/** Calls that each probe of a store makes. */
import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ObjectCannedACL,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { Encryption } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import { type Call, named, nothing, type ProbeKey, type Sender, type Versioning } from './call.ts'

/** What the answer to a write says of what was written. */
export interface Written {
  /** Id of the upload, or of the version, if there is one. */
  id?: string
  /** How the service says that it encrypts it: `AES256`, `aws:kms`. Absent: it does not say. */
  encryption?: string
}

/** How something is written. */
type Writing = Encryption & { acl?: ObjectCannedACL | undefined }

export interface ProbeCalls {
  /** The value is the key of one object; undefined when there is none. */
  listObjects(bucket: string, prefix: string, signal: AbortSignal): Promise<Answer<string | undefined>>
  headObject(at: ProbeKey, signal: AbortSignal): Promise<Answer>
  versioning(bucket: string, signal?: AbortSignal): Promise<Answer<Versioning>>
  /** Lists the ids of the key's versions and delete markers. */
  listVersions(at: ProbeKey, signal: AbortSignal): Promise<Answer<string[]>>
  /** Lists the ids of the key's unfinished uploads. */
  listUploads(at: ProbeKey, signal?: AbortSignal): Promise<Answer<string[]>>
  /** Has no signal: a caller that starts an upload must learn its id, to abort it. */
  createUpload(at: ProbeKey, writing: Writing): Promise<Answer<Written>>
  abortUpload(at: ProbeKey, uploadId: string, signal: AbortSignal): Promise<Answer>
  /** Has no signal, like `createUpload`. */
  putObject(at: ProbeKey, writing: Writing, options?: { contentMd5: string }): Promise<Answer<Written>>
  /** Has no signal, as it may leave a delete marker, whose version id is the value. */
  deleteObject(at: ProbeKey, options?: { ifMatch?: string }): Promise<Answer<string | undefined>>
  deleteVersion(at: ProbeKey, versionId: string, signal: AbortSignal): Promise<Answer>
}

/** Content of a probe object, for people who find one. */
const PROBE_BODY = Buffer.from('artifact-store-operator: write probe, safe to delete\n')
/** Digest of the content, which buckets with object lock require. */
const PROBE_MD5 = createHash('md5').update(PROBE_BODY).digest('base64')

export function probeCalls(client: Sender, call: Call): ProbeCalls {
  return {
    listObjects: (Bucket, Prefix, signal) =>
      call(
        'ListObjectsV2',
        signal,
        s => client.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }), { abortSignal: s }),
        ({ Contents = [] }) => Contents[0]?.Key,
      ),

    headObject: (at, signal) =>
      call('HeadObject', signal, s => client.send(new HeadObjectCommand(named(at)), { abortSignal: s }), nothing),

    versioning: (Bucket, signal) =>
      call(
        'GetBucketVersioning',
        signal,
        s => client.send(new GetBucketVersioningCommand({ Bucket }), { abortSignal: s }),
        ({ Status }) => (Status === 'Enabled' || Status === 'Suspended' ? Status : 'Disabled'),
      ),

    listVersions: (at, signal) =>
      call(
        'ListObjectVersions',
        signal,
        s =>
          client.send(new ListObjectVersionsCommand({ Bucket: at.bucket, Prefix: at.key, MaxKeys: 10 }), {
            abortSignal: s,
          }),
        ({ Versions = [], DeleteMarkers = [] }) =>
          [...Versions, ...DeleteMarkers].flatMap(({ Key, VersionId }) =>
            Key === at.key && VersionId ? [VersionId] : [],
          ),
      ),

    listUploads: (at, signal) =>
      call(
        'ListMultipartUploads',
        signal,
        s =>
          client.send(new ListMultipartUploadsCommand({ Bucket: at.bucket, Prefix: at.key, MaxUploads: 10 }), {
            abortSignal: s,
          }),
        ({ Uploads = [] }) => Uploads.flatMap(({ Key, UploadId }) => (Key === at.key && UploadId ? [UploadId] : [])),
      ),

    createUpload: (at, writing) =>
      call(
        'CreateMultipartUpload',
        undefined,
        s =>
          client.send(new CreateMultipartUploadCommand({ ...named(at), ...asked(writing) }), {
            abortSignal: s,
          }),
        ({ UploadId, ServerSideEncryption }) => written(UploadId, ServerSideEncryption),
      ),

    abortUpload: (at, UploadId, signal) =>
      call(
        'AbortMultipartUpload',
        signal,
        s => client.send(new AbortMultipartUploadCommand({ ...named(at), UploadId }), { abortSignal: s }),
        nothing,
      ),

    putObject: (at, writing, options) =>
      call(
        'PutObject',
        undefined,
        s =>
          client.send(
            new PutObjectCommand({
              ...named(at),
              ...asked(writing),
              Body: PROBE_BODY,
              ContentMD5: options?.contentMd5 ?? PROBE_MD5,
            }),
            { abortSignal: s },
          ),
        ({ VersionId, ServerSideEncryption }) => written(VersionId, ServerSideEncryption),
      ),

    deleteObject: (at, options) =>
      call(
        'DeleteObject',
        undefined,
        s =>
          client.send(
            new DeleteObjectCommand({ ...named(at), ...(options?.ifMatch ? { IfMatch: options.ifMatch } : {}) }),
            { abortSignal: s },
          ),
        ({ DeleteMarker, VersionId }) => (DeleteMarker ? VersionId : undefined),
      ),

    deleteVersion: (at, VersionId, signal) =>
      call(
        'DeleteObject',
        signal,
        s => client.send(new DeleteObjectCommand({ ...named(at), VersionId }), { abortSignal: s }),
        nothing,
      ),
  }
}

const written = (id: string | undefined, encryption: string | undefined): Written => ({
  ...(id ? { id } : {}),
  ...(encryption ? { encryption } : {}),
})

const asked = ({ acl, ...encryption }: Writing) => ({ ...(acl ? { ACL: acl } : {}), ...encrypted(encryption) })

function encrypted({ type, kmsKeyId }: Encryption) {
  if (type === 'None') return {}
  if (type === 'SSE-S3') return { ServerSideEncryption: 'AES256' as const }
  return { ServerSideEncryption: 'aws:kms' as const, ...(kmsKeyId ? { SSEKMSKeyId: kmsKeyId } : {}) }
}
