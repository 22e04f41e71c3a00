/** All calls of S3 that a session makes. */
import type { S3Client } from '@aws-sdk/client-s3'
import type { Gate } from '../../network/gate.ts'
import { type BucketCalls, bucketCalls } from './bucket-calls.ts'
import { callThrough, type Sender } from './call.ts'
import { type ListingCalls, listingCalls } from './listing-calls.ts'
import { type PermissionCalls, permissionCalls } from './permission-calls.ts'
import { type ProbeCalls, probeCalls } from './probe-calls.ts'

export interface S3Calls extends ProbeCalls, PermissionCalls, BucketCalls, ListingCalls {}

/** `wired`: sends the calls that are made for each store. */
export function s3Calls(client: S3Client, wired: Sender, gate: Gate): S3Calls {
  const call = callThrough(gate)
  return {
    ...probeCalls(wired, call),
    ...permissionCalls(client, call, wired),
    ...bucketCalls(client, call, wired),
    ...listingCalls(client, call, wired),
  }
}
