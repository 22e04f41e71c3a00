/** Credentials as providers grant them, the context of a format, and the Secrets that formats make of both. */
import assert from 'node:assert/strict'
import type { Format } from '../../src/api/artifact-store.ts'
import type { AwsMaterial, AzureMaterial, CredentialMaterial } from '../../src/api/material.ts'
import { type RenderContext, render } from '../../src/formats/index.ts'

const caPem = '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n'

export const aws: AwsMaterial = {
  cloud: 'aws',
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'secret/with+every=char',
  sessionToken: 'token//==',
  region: 'eu-central-1',
  url: 'https://s3.eu-central-1.amazonaws.com',
  isAws: true,
  addressingStyle: 'virtual',
  bucket: 'ml',
  prefix: 'prod/',
  uri: 's3://ml/prod/',
}
/** AWS through its endpoints with IPv6 and FIPS 140. */
export const awsFips: AwsMaterial = {
  ...aws,
  useDualstackEndpoint: true,
  useFipsEndpoint: true,
  url: 'https://s3-fips.dualstack.eu-central-1.amazonaws.com',
}
const vpcEndpoint = 'https://bucket.vpce-0a1b2c3d-4e5f6a7b.s3.eu-central-1.vpce.amazonaws.com'
/** AWS through an interface endpoint of a VPC. */
export const awsVpc: AwsMaterial = { ...aws, endpoint: vpcEndpoint, url: vpcEndpoint, addressingStyle: 'path' }
export const minio: AwsMaterial = {
  ...aws,
  region: 'us-east-1',
  endpoint: 'https://minio.minio.svc:9000',
  url: 'https://minio.minio.svc:9000',
  isAws: false,
  addressingStyle: 'path',
  caPem,
}
const { sessionToken: _, ...key } = aws
/** A copy of a key for a whole bucket, which goes with the context `endless`. */
export const staticKey: AwsMaterial = { ...key, prefix: '', uri: 's3://ml' }

const webIdentity = {
  roleArn: 'arn:aws:iam::123456789012:role/ml',
  token: 'eyJ.eyJ.sig',
  sessionName: 'ml.prod.step',
}
export const awsIdentity: AwsMaterial = { ...aws, webIdentity }
export const awsFipsIdentity: AwsMaterial = { ...awsFips, webIdentity }
export const awsVpcIdentity: AwsMaterial = { ...awsVpc, webIdentity }
export const minioIdentity: AwsMaterial = {
  ...minio,
  webIdentity: { ...webIdentity, roleArn: 'arn:minio:iam:::role/x', stsEndpoint: 'https://minio.minio.svc:9000' },
}

export const azure: AzureMaterial = {
  cloud: 'azure',
  accountName: 'mlprod',
  blobEndpoint: 'https://mlprod.blob.core.windows.net',
  container: 'models',
  prefix: 'prod/',
  uri: 'az://models/prod/',
  sasToken: 'sv=2026-04-06&spr=https&se=2026-03-01T10%3A00%3A00Z&sr=c&sp=racwdl&sig=a%2Fb%2Bc%3D',
}
/** Azurite: the account is in the path, the CA is private, and the prefix is empty. */
export const azurite: AzureMaterial = {
  ...azure,
  blobEndpoint: 'https://azurite.azure.svc:10000/mlprod',
  prefix: '',
  uri: 'az://models',
  caPem,
}
/** An account with a hierarchical namespace, and a token for a directory of it. */
export const sovereign: AzureMaterial = {
  ...azure,
  blobEndpoint: 'https://mlprod.blob.core.usgovcloudapi.net',
  uri: 'abfss://models@mlprod.dfs.core.usgovcloudapi.net/prod/',
  sasToken: azure.sasToken.replace('sr=c', 'sr=d&sdd=1'),
}

const workloadIdentity = {
  clientId: '00000000-0000-0000-0000-000000000001',
  tenantId: '00000000-0000-0000-0000-000000000002',
  authorityHost: 'https://login.microsoftonline.com',
  token: 'eyJ.eyJ.sig',
}
export const azureIdentity: AzureMaterial = { ...azure, workloadIdentity }
export const sovereignIdentity: AzureMaterial = {
  ...sovereign,
  workloadIdentity: { ...workloadIdentity, authorityHost: 'https://login.microsoftonline.us' },
}

export const context: RenderContext = {
  expiresAt: new Date('2026-03-01T10:00:00.750Z'),
  mountPath: '/var/run/artifact-store',
  secretName: 'prod-step',
  encryption: { type: 'None' },
  keys: {
    ...({ KEY: 'accessKeyId', SECRET: 'secretAccessKey', TOKEN: 'sessionToken', REGION: 'region' } as const),
    ...({ ACCOUNT: 'accountName', SAS: 'sasToken', CONNECTION: 'connectionString' } as const),
    ...({ CONTAINER: 'containerUrl', END: 'expiration', ENDPOINT: 'endpoint', BUCKET: 'bucket' } as const),
    ...({ PREFIX: 'prefix', URI: 'uri', 'roots.pem': 'caBundle' } as const),
  },
}
/** Everything that `spec.clientOptions` can say, at S3 and at Azure. */
export const clientOptions = {
  ...({ checksums: 'WhenSupported', maxAttempts: 5, connectTimeout: '20s', readTimeout: '1m30s' } as const),
  ...({ maxPoolConnections: 64, acl: 'bucket-owner-full-control', storageClass: 'STANDARD_IA' } as const),
  ...({ requesterPays: true, signatureVersion: 'v2' } as const),
}
export const azureOptions = { maxAttempts: 5, connectTimeout: '20s', readTimeout: '1m30s' } as const
export const endless: RenderContext = { ...context, expiresAt: undefined }

/** The data of the only Secret of a format. */
export function dataOf(format: Format, material: CredentialMaterial, at = context): Record<string, string> {
  const [first, ...others] = secretsOf([format], material, at)
  assert.ok(first)
  assert.deepEqual(others, [])
  return first.data
}

/** What a format writes beside another in the same entry, without what that one has. */
export function dataBeside(
  other: 'AwsProfile' | 'WebIdentity',
  format: Format,
  material: CredentialMaterial,
  at = context,
): Record<string, string> {
  const alone = dataOf(other, material, at)
  const all = secretsOf([other, format], material, at).map(({ data }) => Object.entries(data))
  return Object.fromEntries(all.flat().filter(([key]) => !(key in alone) || key === 'ca.crt'))
}

function secretsOf(formats: Format[], material: CredentialMaterial, at: RenderContext) {
  const rendered = render(formats, material, at)
  assert.ok(Array.isArray(rendered), `expected Secrets, got ${JSON.stringify(rendered)}`)
  return rendered
}
