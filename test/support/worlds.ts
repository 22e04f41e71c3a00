/** Stores and connectors that are well, one for each way to authenticate. */
import type { AwsSpec } from '../../src/api/aws-connector.ts'
import type { AzureSpec } from '../../src/api/azure-connector.ts'
import type { CredentialsEntry } from '../../src/api/credentials-entry.ts'
import { REQUESTED_AT_ANNOTATION } from '../../src/api/names.ts'
import { SECRET, type World } from './hostile-world.ts'

export const FAKE_ROLE = 'arn:aws:iam::1:role/ml'

const token = `x.${Buffer.from(JSON.stringify({ sub: SECRET })).toString('base64url')}.${SECRET}`
const requests = { [REQUESTED_AT_ANNOTATION]: '2026-03-01T09:00:00Z' }
const encoded = Buffer.from(SECRET).toString('base64')

const entry = (name: string, formats: CredentialsEntry['formats']): CredentialsEntry => ({
  ...{ name, formats, access: 'ReadWrite', subPath: 'run', duration: '30m', mountPath: '/mnt/ml' },
})

const awsWorld = (aws: AwsSpec): World => ({
  connector: {
    aws: { region: 'eu-west-1', endpoint: 'https://minio.test:9000', ...aws },
    sessionDuration: '1h',
    resources: ['s3://data*'],
  },
  store: {
    path: 's3://data/team',
    connectorRef: { name: 'minio' },
    displayName: 'Models',
    bucket: { create: true, versioning: 'Enabled', expirationDays: 7 },
    encryption: { type: 'SSE-KMS', kmsKeyId: 'alias/ml' },
    verification: { interval: '10m', writeProbe: 'Multipart', require: ['s3:GetObject'] },
    usage: { source: 'List', interval: '6h' },
    credentials: [
      entry('step', ['AwsProfile', 'Env', 'ZenML', 'Rclone']),
      entry('jobs', ['Hadoop', 'ArgoWorkflows', 'OpenMetadata', 'Turborepo']),
      ...('webIdentity' in aws.auth ? [entry('pods', ['WebIdentity'])] : []),
    ],
  },
  values: {
    ...{ aws_access_key_id: 'AKIA1', aws_secret_access_key: SECRET, aws_session_token: SECRET },
  },
  annotations: { 'eks.amazonaws.com/role-arn': FAKE_ROLE },
  ...{ requests, token },
})

const KEY: AwsSpec['auth'] = { accessKey: { secretName: 'keys' } }

export const AWS_WORLDS: World[] = [
  awsWorld({ auth: KEY }),
  awsWorld({ auth: KEY, issue: 'Static' }),
  awsWorld({
    auth: KEY,
    assumeRoles: [{ roleArn: FAKE_ROLE, externalId: 'ml', sessionName: 'ml', tags: { team: 'ml' } }],
  }),
  awsWorld({ auth: { webIdentity: { serviceAccountName: 'pipelines' } } }),
]

const azureWorld = (auth: AzureSpec['auth']): World => ({
  connector: {
    azure: { endpoint: 'https://localhost:10000/acme', authorityHost: 'https://localhost:10001', auth },
    ...{ sessionDuration: '1h', resources: ['az://data*'] },
  },
  store: {
    path: 'az://data/team',
    connectorRef: { name: 'azure' },
    bucket: { create: true },
    verification: { interval: '10m', writeProbe: 'Object' },
    usage: { source: 'List', interval: '6h' },
    credentials: [
      entry('step', ['Env', 'ZenML', 'Rclone']),
      entry('jobs', ['ArgoWorkflows']),
      ...('workloadIdentity' in auth ? [entry('pods', ['WebIdentity'])] : []),
    ],
  },
  values: {
    ...{
      account_name: 'acme',
      account_key: encoded,
      client_id: 'client-1',
      tenant_id: 'tenant-1',
      client_secret: SECRET,
    },
    connection_string: `AccountName=acme;AccountKey=${encoded}`,
    sas_token: `sv=1&ss=b&srt=sco&sp=racwdlt&se=2099-01-01T00:00:00Z&sig=${SECRET}`,
  },
  annotations: {
    'azure.workload.identity/client-id': 'client-1',
    'azure.workload.identity/tenant-id': 'tenant-1',
  },
  ...{ requests, token },
})

export const AZURE_WORLDS: World[] = (
  [
    { accountKey: { secretName: 'keys' } },
    { connectionString: { secretName: 'keys' } },
    { sasToken: { secretName: 'keys' } },
    { servicePrincipal: { secretName: 'keys' } },
    { workloadIdentity: { serviceAccountName: 'pipelines' } },
  ] satisfies AzureSpec['auth'][]
).map(azureWorld)
