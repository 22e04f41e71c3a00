/** Where a store is, at a cloud. */
export interface Location {
  bucket: string
  /** `''` or ends with `/`. */
  prefix: string
  /** `s3://bucket/prefix`, as the user wrote it; for messages. */
  uri: string
  /** The host, when the path names one: `account.dfs.core.windows.net`. */
  host?: string
  /** Calls accept that their account pays for them, which a bucket may demand. S3 only. */
  requesterPays?: true
}
