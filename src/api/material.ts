/** Credentials as data, on their way from a provider to a format. Secret: never logged, never in status. */

export interface AwsMaterial {
  cloud: 'aws'
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  region: string
  /** Absent: the region's AWS endpoint. */
  endpoint?: string
  addressingStyle: 'path' | 'virtual'
  /** PEM roots a client needs to trust `endpoint`. */
  caPem?: string
  bucket: string
  /** `''` or ends with `/`. */
  prefix: string
}

/** One member a cloud; formats/ say which of them they can be made from. */
export type CredentialMaterial = AwsMaterial
