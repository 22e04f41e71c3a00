/** Credentials as data, on their way from a provider to a format. Secret: never logged, never in status. */

export interface AwsMaterial {
  cloud: 'aws'
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  region: string
  /** URL of the service. Absent: AWS's own endpoint in the region, of the kind that the two flags say. */
  endpoint?: string
  useDualstackEndpoint?: true
  useFipsEndpoint?: true
  /** URL for clients that can't derive one from the region: `endpoint`, or AWS's own. */
  url: string
  /** False for a service that only speaks the protocol of S3. An interface endpoint of a VPC is AWS. */
  isAws: boolean
  addressingStyle: 'path' | 'virtual'
  /** PEM roots that a client needs to trust `endpoint`. */
  caPem?: string
  bucket: string
  /** `''` or ends with `/`. */
  prefix: string
  /** `s3://bucket/prefix/` */
  uri: string
  /** The identity itself, not narrowed to the store, for SDKs that assume the role by themselves. Only on request. */
  webIdentity?: {
    roleArn: string
    /** Token of the ServiceAccount, for STS. */
    token: string
    /** Name of the user in the service's audit log. */
    sessionName: string
    /** URL of STS. Absent: the region's own. */
    stsEndpoint?: string
  }
}

export interface AzureMaterial {
  cloud: 'azure'
  accountName: string
  /** URL of the blob service, without final slash: `https://account.blob.core.windows.net`. */
  blobEndpoint: string
  container: string
  /** `''` or ends with `/`. */
  prefix: string
  /** The place in the scheme of `spec.path`, with the account where that names it: `abfss://c@acct.dfs.../prefix/`. */
  uri: string
  /** Parameters of a URL, without `?`. */
  sasToken: string
  /** PEM roots that a client needs to trust `blobEndpoint` and `authorityHost`, beside the well-known ones. */
  caPem?: string
  /** The identity itself, not narrowed to the store, for SDKs that get Entra tokens by themselves. Only on request. */
  workloadIdentity?: {
    clientId: string
    tenantId: string
    /** `https://login.microsoftonline.com` */
    authorityHost: string
    /** Token of the ServiceAccount, for Entra. */
    token: string
  }
}

/** Credentials of one cloud. Each format in formats/ says from which of them it can be made. */
export type CredentialMaterial = AwsMaterial | AzureMaterial
