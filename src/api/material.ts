/** Credentials as data, on their way from a provider to a format. Secret: never logged, never in status. */

export interface AwsMaterial {
  cloud: 'aws'
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  region: string
  /** Absent: AWS's own in the region, of the kinds that the two flags say. */
  endpoint?: string
  useDualstackEndpoint?: true
  useFipsEndpoint?: true
  /** The URL for clients that find none by themselves: `endpoint`, or AWS's. */
  url: string
  /** Not a service that only speaks its protocol; an interface endpoint of a VPC is AWS. */
  isAws: boolean
  addressingStyle: 'path' | 'virtual'
  /** PEM roots a client needs to trust `endpoint`. */
  caPem?: string
  bucket: string
  /** `''` or ends with `/`. */
  prefix: string
  /** The identity itself, for SDKs that assume the role by themselves: not narrowed. Only where it was asked for. */
  webIdentity?: {
    roleArn: string
    /** Of the ServiceAccount, for STS. */
    token: string
    /** Who uses it, for the service's audit log. */
    sessionName: string
    /** Absent: the region's STS. */
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
  /** Parameters of a URL, without `?`. */
  sasToken: string
  /** PEM roots a client needs to trust `blobEndpoint` and `authorityHost`, beside the well-known ones. */
  caPem?: string
  /** The identity itself, for SDKs that get Entra tokens by themselves: not narrowed. Only where it was asked for. */
  workloadIdentity?: {
    clientId: string
    tenantId: string
    /** `https://login.microsoftonline.com` */
    authorityHost: string
    /** Of the ServiceAccount, for Entra. */
    token: string
  }
}

/** One member a cloud; formats/ say which of them they can be made from. */
export type CredentialMaterial = AwsMaterial | AzureMaterial
