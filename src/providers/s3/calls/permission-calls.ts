/** Calls that only show whether they are allowed: they ask for objects that are absent. */
import {
  GetBucketLocationCommand,
  GetObjectAclCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectAclCommand,
} from '@aws-sdk/client-s3'
import type { Answer } from '../answers/answer.ts'
import { type Call, named, nothing, type ProbeKey, type Sender } from './call.ts'

/** `versionId`: asks for that version, which takes another permission. */
export interface PermissionCalls {
  location(bucket: string, signal?: AbortSignal): Promise<Answer>
  headVersion(at: ProbeKey, versionId: string, signal: AbortSignal): Promise<Answer>
  listParts(at: ProbeKey, uploadId: string, signal: AbortSignal): Promise<Answer>
  getAcl(at: ProbeKey, versionId: string | undefined, signal: AbortSignal): Promise<Answer>
  /** Makes an object private: must never be called for an object that may exist. */
  putAcl(at: ProbeKey, versionId: string | undefined, signal: AbortSignal): Promise<Answer>
}

export function permissionCalls(client: Sender, call: Call, wired: Sender = client): PermissionCalls {
  return {
    location: (Bucket, signal) =>
      call(
        'GetBucketLocation',
        signal,
        s => wired.send(new GetBucketLocationCommand({ Bucket }), { abortSignal: s }),
        nothing,
      ),

    headVersion: (at, VersionId, signal) =>
      call(
        'HeadObject',
        signal,
        s => wired.send(new HeadObjectCommand({ ...named(at), VersionId }), { abortSignal: s }),
        nothing,
      ),

    listParts: (at, UploadId, signal) =>
      call(
        'ListParts',
        signal,
        s => wired.send(new ListPartsCommand({ ...named(at), UploadId, MaxParts: 1 }), { abortSignal: s }),
        nothing,
      ),

    getAcl: (at, versionId, signal) =>
      call(
        'GetObjectAcl',
        signal,
        s => wired.send(new GetObjectAclCommand({ ...named(at), ...version(versionId) }), { abortSignal: s }),
        nothing,
      ),

    putAcl: (at, versionId, signal) =>
      call(
        'PutObjectAcl',
        signal,
        s =>
          // The SDK's own way, for the checksum that this call must have.
          client.send(new PutObjectAclCommand({ ...named(at), ...version(versionId), ACL: 'private' }), {
            abortSignal: s,
          }),
        nothing,
      ),
  }
}

const version = (versionId: string | undefined) => (versionId === undefined ? {} : { VersionId: versionId })
