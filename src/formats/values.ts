/** Pure: what several formats say in the same words. */
import type { Format } from '../api/artifact-store.ts'
import { type Failure, stalled } from '../api/failures.ts'
import type { AwsMaterial, AzureMaterial, CredentialMaterial } from '../api/material.ts'
import type { RenderContext, SecretData } from './format.ts'

/** Key of the PEM roots of a private CA. */
export const CA_KEY = 'ca.crt'

/** The roots, in every Secret whose consumers need them, also where a format has no place to name the file. */
export const caData = ({ caPem }: CredentialMaterial): SecretData => (caPem ? { [CA_KEY]: caPem } : {})

/** Where consumers find them; undefined when the well-known roots are enough. */
export const caFile = ({ caPem }: CredentialMaterial, mountPath: string): string | undefined =>
  caPem && `${mountPath}/${CA_KEY}`

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** For clients that know of regions only; undefined when the region says it all. */
export const endpointBeyondRegion = (material: AwsMaterial): string | undefined =>
  material.endpoint ?? (material.useDualstackEndpoint || material.useFipsEndpoint ? material.url : undefined)

/** The kinds of AWS's endpoints, as SDKs read them from their environment. */
export const endpointVariables = ({ useDualstackEndpoint, useFipsEndpoint }: AwsMaterial): SecretData => ({
  ...(useDualstackEndpoint && { AWS_USE_DUALSTACK_ENDPOINT: 'true' }),
  ...(useFipsEndpoint && { AWS_USE_FIPS_ENDPOINT: 'true' }),
})

/** `s3://bucket/prefix` or `az://container/prefix`, without final slash. */
export function storeUri(material: CredentialMaterial): string {
  const { prefix } = material
  const place = material.cloud === 'aws' ? `s3://${material.bucket}` : `az://${material.container}`
  return `${place}/${prefix}`.replace(/\/$/, '')
}

/** `BUCKET_*` as an ObjectBucketClaim names them. */
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

/** The storage account as the CLI, as adlfs, and with the endpoint as the object stores of Rust know it. */
export const accountVariables = ({ accountName, blobEndpoint }: AzureMaterial): SecretData => ({
  AZURE_STORAGE_ACCOUNT: accountName,
  AZURE_STORAGE_ACCOUNT_NAME: accountName,
  AZURE_STORAGE_ENDPOINT: blobEndpoint,
})

/** Some SDKs and tools take the account from its name, others from the endpoint. */
export const connectionString = ({ accountName, blobEndpoint, sasToken }: AzureMaterial): string =>
  `BlobEndpoint=${blobEndpoint};AccountName=${accountName};SharedAccessSignature=${sasToken}`

/** As S3 names them; undefined when writers ask for nothing. */
export const sseAlgorithm = ({ type }: RenderContext['encryption']): 'AES256' | 'aws:kms' | undefined =>
  type === 'None' ? undefined : type === 'SSE-S3' ? 'AES256' : 'aws:kms'

/** `why` completes a sentence about the format. */
export const formatNotAvailable = (format: Format, why: string, cure: string): Failure =>
  stalled('FormatNotAvailable', `spec.credentials[].formats: ${format} ${why}: ${cure}`)
