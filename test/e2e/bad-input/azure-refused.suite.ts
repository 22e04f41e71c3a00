/** Inputs that the API server refuses; the full tables of these are in api/crd-cases-*.ts. */
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { RefusedInput } from './run.ts'

const KEY = { accountKey: { secretName: 'account' } }
const connector = (name: string, azure: object, says: string, rest: object = {}): RefusedInput => ({
  name,
  resource: SERVICE_CONNECTORS,
  spec: { azure: { accountName: 'acme', auth: KEY, ...azure }, ...rest },
  says,
})
const store = (name: string, spec: object, says: string): RefusedInput => ({
  name,
  resource: ARTIFACT_STORES,
  spec: { path: 'az://data/any', connectorRef: { name: 'azure' }, ...spec },
  says,
})

export const refusedRows: RefusedInput[] = [
  connector('two-clouds', {}, 'spec needs exactly one of', { aws: { auth: { implicit: {} } } }),
  connector('two-ways', { auth: { ...KEY, managedIdentity: {} } }, 'auth needs exactly one of'),
  connector('account-in-capitals', { accountName: 'Acme' }, 'accountName must be the name of a storage account'),
  connector(
    'endpoint-with-sas',
    { endpoint: 'https://a.blob.core.windows.net/?sig=x' },
    'without user, query or final',
  ),
  connector(
    'authority-over-http',
    { authorityHost: 'http://login.example.com' },
    'must be an https URL of a host only',
  ),
  connector('bucket-of-s3', {}, 'use s3:// with aws, and az://', { resources: ['s3://data'] }),
  store('container-in-capitals', { path: 'az://Data' }, 'path names no valid container'),
  store('account-missing', { path: 'abfss://data/prod' }, 'use abfss://container@account.dfs.core.windows.net/prefix'),
  store('lifecycle', { bucket: { expirationDays: 30 } }, 'set them on the storage account'),
  store('encryption', { encryption: { type: 'SSE-S3' } }, 'Azure encrypts with the key of the storage account'),
  store('cloudwatch', { usage: { source: 'CloudWatch' } }, 'use List'),
  store(
    'profile-of-aws',
    { credentials: [{ name: 'a', formats: ['AwsProfile'] }] },
    'use another format with an Azure',
  ),
]
