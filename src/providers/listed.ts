/** What listings of a cloud give: buckets, and how much is in one. */
import type { Location } from './location.ts'

/** Buckets that the identity can list. */
export interface Resources {
  kind: 'resources'
  /** Sorted by uri; at most as many as were asked for. */
  resources: { uri: string; region?: string | undefined }[]
  truncated: boolean
}

export interface ResourcesRequest {
  /** `spec.resources` of the connector: only resources that match one are returned. Empty: all are. */
  patterns: string[]
  max: number
}

export interface UsageRequest {
  location: Location
  source: 'CloudWatch' | 'List'
  /** Count of an earlier call that did not reach the end. */
  progress?: UsageProgress | undefined
}

/** How far a count by listing has come: one call only lists so many pages. */
export interface UsageProgress {
  objects: number
  bytes: number
  /** Where to go on, in the cloud's own terms: the last key that was counted, or a marker. */
  after: string
}

export interface Usage {
  kind: 'usage'
  objects: number
  bytes: number
  /** What was counted: CloudWatch only has numbers of whole buckets. */
  scope: 'Bucket' | 'Prefix'
  /** Present when not everything is counted yet: the next call goes on from here. */
  progress?: UsageProgress | undefined
}
