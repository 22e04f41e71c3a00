/** The calls that each probe of a store is made of. */
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
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { Encryption } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import { type Call, named, nothing, type ProbeKey, type Versioning } from './call.ts'

export interface ProbeCalls {
  /** The value is the key of an object, when there is one. */
  listObjects(bucket: string, prefix: string, signal: AbortSignal): Promise<Answer<string | undefined>>
  headObject(at: ProbeKey, signal: AbortSignal): Promise<Answer>
  versioning(bucket: string, signal?: AbortSignal): Promise<Answer<Versioning>>
  /** Ids of the key's versions and delete markers. */
  listVersions(at: ProbeKey, signal: AbortSignal): Promise<Answer<string[]>>
  /** Ids of the key's unfinished uploads. */
  listUploads(at: ProbeKey, signal?: AbortSignal): Promise<Answer<string[]>>
  /** Not abortable: whoever starts an upload must learn its id. */
  createUpload(at: ProbeKey, encryption: Encryption): Promise<Answer<string>>
  abortUpload(at: ProbeKey, uploadId: string, signal: AbortSignal): Promise<Answer>
  /** Not abortable, as `createUpload`. The value is the version, when there is one. */
  putObject(at: ProbeKey, encryption: Encryption, options?: { contentMd5: string }): Promise<Answer<string | undefined>>
  /** Not abortable, as it may leave a delete marker: its version is the value. */
  deleteObject(at: ProbeKey, options?: { ifMatch?: string }): Promise<Answer<string | undefined>>
  deleteVersion(at: ProbeKey, versionId: string, signal: AbortSignal): Promise<Answer>
}

/** What a probe object holds, for people who find one. */
const PROBE_BODY = Buffer.from('artifact-store-operator: write probe, safe to delete\n')
/** Buckets with object lock insist on a digest. */
const PROBE_MD5 = createHash('md5').update(PROBE_BODY).digest('base64')

export function probeCalls(client: S3Client, call: Call): ProbeCalls {
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
        ({ Status }) => Status ?? 'Disabled',
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

    createUpload: (at, encryption) =>
      call(
        'CreateMultipartUpload',
        undefined,
        s =>
          client.send(new CreateMultipartUploadCommand({ ...named(at), ...encrypted(encryption) }), {
            abortSignal: s,
          }),
        ({ UploadId }) => UploadId ?? '',
      ),

    abortUpload: (at, UploadId, signal) =>
      call(
        'AbortMultipartUpload',
        signal,
        s => client.send(new AbortMultipartUploadCommand({ ...named(at), UploadId }), { abortSignal: s }),
        nothing,
      ),

    putObject: (at, encryption, options) =>
      call(
        'PutObject',
        undefined,
        s =>
          client.send(
            new PutObjectCommand({
              ...named(at),
              ...encrypted(encryption),
              Body: PROBE_BODY,
              ContentMD5: options?.contentMd5 ?? PROBE_MD5,
            }),
            { abortSignal: s },
          ),
        ({ VersionId }) => VersionId,
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

function encrypted({ type, kmsKeyId }: Encryption) {
  if (type === 'None') return {}
  if (type === 'SSE-S3') return { ServerSideEncryption: 'AES256' as const }
  return { ServerSideEncryption: 'aws:kms' as const, ...(kmsKeyId ? { SSEKMSKeyId: kmsKeyId } : {}) }
}
