/** Pure: values that several formats share. */
import type { Format } from '../api/artifact-store.ts'
import { type Failure, stalled } from '../api/failures.ts'
import type { AwsMaterial, AzureMaterial, CredentialMaterial } from '../api/material.ts'
import type { FormatContext, RenderContext, SecretData } from './format.ts'

/** Key of a Secret with the PEM roots of a private CA. */
export const CA_KEY = 'ca.crt'

/** Roots for every Secret whose consumers need them, also where a format has no place to name the file. */
export const caData = ({ caPem }: CredentialMaterial): SecretData => (caPem ? { [CA_KEY]: caPem } : {})

/** File in which consumers find the roots; undefined when the well-known ones are enough. */
export const caFile = ({ caPem }: CredentialMaterial, mountPath: string): string | undefined =>
  caPem && `${mountPath}/${CA_KEY}`

/**
 * Settings of the AwsProfile in the same entry, by the path at which its Secret is mounted; undefined without one. What
 * names it holds no keys of its own, which would win over it and end.
 */
export const profileOf = ({ formats, mountPath }: FormatContext): string | undefined =>
  formats.includes('AwsProfile') ? `${mountPath}/config` : undefined

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Endpoint for clients that derive it from the region; undefined when the region is enough. */
export const endpointBeyondRegion = (material: AwsMaterial): string | undefined =>
  material.endpoint ?? (material.useDualstackEndpoint || material.useFipsEndpoint ? material.url : undefined)

/** Variables that tell SDKs which kind of AWS's endpoints to use. */
export const endpointVariables = ({ useDualstackEndpoint, useFipsEndpoint }: AwsMaterial): SecretData => ({
  ...(useDualstackEndpoint && { AWS_USE_DUALSTACK_ENDPOINT: 'true' }),
  ...(useFipsEndpoint && { AWS_USE_FIPS_ENDPOINT: 'true' }),
})

/** Writes the place of the store as `spec.path` has it, without a final slash. */
export const storeUri = ({ uri }: CredentialMaterial): string => uri.replace(/\/$/, '')

/** Variables `BUCKET_*`, named as those of an ObjectBucketClaim. */
export function bucketVariables(material: CredentialMaterial): SecretData {
  const [name, endpoint] =
    material.cloud === 'aws' ? [material.bucket, material.url] : [material.container, material.blobEndpoint]
  const { protocol, hostname, port } = new URL(endpoint)
  return {
    BUCKET_NAME: name,
    BUCKET_PREFIX: material.prefix,
    BUCKET_URI: storeUri(material),
    ...(material.cloud === 'aws' && { BUCKET_REGION: material.region }),
    BUCKET_ENDPOINT: endpoint,
    BUCKET_HOST: hostname,
    BUCKET_PORT: port || (protocol === 'https:' ? '443' : '80'),
  }
}

/** Variables of the storage account: for the CLI, for adlfs and, with the endpoint, for the object stores of Rust. */
export const accountVariables = ({ accountName, blobEndpoint }: AzureMaterial): SecretData => ({
  AZURE_STORAGE_ACCOUNT: accountName,
  AZURE_STORAGE_ACCOUNT_NAME: accountName,
  AZURE_STORAGE_ENDPOINT: blobEndpoint,
})

/** Connection string with account and endpoint: some SDKs and tools read the one, others the other. */
export const connectionString = ({ accountName, blobEndpoint, sasToken }: AzureMaterial): string =>
  `BlobEndpoint=${blobEndpoint};AccountName=${accountName};SharedAccessSignature=${sasToken}`

/** URL of the container with the token, as tools take it that know no account. */
export const containerUrl = ({ blobEndpoint, container, sasToken }: AzureMaterial): string =>
  `${blobEndpoint}/${container}?${sasToken}`

/** Name of the encryption in S3; undefined when writers ask for none. */
export const sseAlgorithm = ({ type }: RenderContext['encryption']): 'AES256' | 'aws:kms' | undefined =>
  type === 'None' ? undefined : type === 'SSE-S3' ? 'AES256' : 'aws:kms'

/** A value in a message, which may be longer than anybody reads. */
export const shown = (value: string): string => (value.length > 100 ? `${value.slice(0, 100)}...` : value)

/** Failure of a format that can't be made. `why` completes a sentence about the format. */
export const formatNotAvailable = (format: Format, why: string, cure: string): Failure =>
  stalled('FormatNotAvailable', `spec.credentials[].formats: ${format} ${why}: ${cure}`)
