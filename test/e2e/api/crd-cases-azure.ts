/** Cases of ServiceConnectors for Azure, valid and invalid ones. */
import { type Case, casesOf } from './crd-cases.ts'

const workload = (change = {}) => ({ auth: { workloadIdentity: { serviceAccountName: 'reader', ...change } } })

const { accepts, refuses, refusesUpdate } = casesOf('ServiceConnector', {
  azure: { accountName: 'account1', ...workload() },
})

const azure = (change: object) => ({ azure: { accountName: 'account1', ...change } })
const workloadIdentity = (change = {}) => azure(workload(change))

const RESOURCE_ID = '/subscriptions/a/resourceGroups/b'

const service: Case[] = [
  accepts('azure', {}),
  accepts('resources', { resources: ['az://*', 'abfss://*@account1.dfs.core.windows.net'] }),
  refuses('resource of the other cloud', { resources: ['s3://mlx'] }, 'resources has a URI of another cloud'),
  refuses(
    'two ways to authenticate',
    azure({ auth: { accountKey: { secretName: 'a' }, sasToken: { secretName: 'b' } } }),
    'auth needs exactly one of workloadIdentity, managedIdentity',
  ),
  refusesUpdate(
    'method',
    azure({ auth: { accountKey: { secretName: 'a' } } }),
    azure({ auth: { sasToken: { secretName: 'a' } } }),
    "auth can't change its method",
  ),
  accepts(
    'workload identity',
    workloadIdentity({ clientId: '8d0e5e5e-0000-4000-8000-000000000000', tenantId: 'contoso.onmicrosoft.com' }),
  ),
  accepts('managed identity', azure({ auth: { managedIdentity: {} } })),
  accepts('service principal', azure({ auth: { servicePrincipal: { secretName: 'sp', clientIdKey: 'id' } } })),
  accepts(
    'account named by the Secret',
    azure({ accountName: undefined, auth: { connectionString: { secretName: 'cs' } } }),
  ),
  accepts(
    'Azurite',
    azure({
      endpoint: 'https://127.0.0.1:10000/devstoreaccount1',
      authorityHost: 'https://localhost:8443',
      auth: { accountKey: { secretName: 'k' } },
    }),
  ),
  accepts('caBundle', azure({ ...workload(), caBundle: { secretKeyRef: { name: 'ca', key: 'root.pem' } } })),
  refuses(
    'caBundle without reference',
    azure({ ...workload(), caBundle: {} }),
    'caBundle needs exactly one of configMapKeyRef, secretKeyRef',
  ),
  refuses(
    'workload identity without account',
    { azure: workload() },
    'accountName is needed by workloadIdentity and managedIdentity',
  ),
  refuses(
    'account in upper case',
    azure({ accountName: 'Account', auth: { accountKey: { secretName: 'k' } } }),
    'accountName must be the name of a storage account',
  ),
  refuses(
    'two managed identities',
    azure({ auth: { managedIdentity: { clientId: 'a', resourceId: '/subscriptions/a/b' } } }),
    'managedIdentity takes clientId or resourceId',
  ),
  refuses(
    'resource id without subscription',
    azure({ auth: { managedIdentity: { resourceId: 'identity' } } }),
    'resourceId must be the id of an identity',
  ),
  refuses('tenant with a slash', workloadIdentity({ tenantId: 'a/b' }), 'tenantId must be an id'),
  refuses('client with a space', workloadIdentity({ clientId: 'a b' }), 'clientId must be an id'),
  refuses(
    'blob endpoint with SAS',
    azure({ endpoint: 'https://a.blob.core.windows.net/?sig=x', auth: { accountKey: { secretName: 'k' } } }),
    'endpoint must be an http(s) URL of a blob service',
  ),
  refuses(
    'authority over http',
    azure({ authorityHost: 'http://login', auth: { accountKey: { secretName: 'k' } } }),
    'authorityHost must be an https URL',
  ),
  refusesUpdate(
    'account',
    workloadIdentity(),
    azure({ accountName: 'account2', ...workload() }),
    'accountName is immutable',
  ),
  refusesUpdate(
    'client',
    workloadIdentity({ clientId: 'a' }),
    workloadIdentity({ clientId: 'b' }),
    'clientId is immutable',
  ),
  refusesUpdate('added tenant', workloadIdentity(), workloadIdentity({ tenantId: 'b' }), 'tenantId is immutable'),
  refusesUpdate(
    'managed identity',
    azure({ auth: { managedIdentity: { clientId: 'a' } } }),
    azure({ auth: { managedIdentity: {} } }),
    'clientId is immutable',
  ),
  refusesUpdate(
    'managed resource',
    azure({ auth: { managedIdentity: { resourceId: RESOURCE_ID } } }),
    azure({ auth: { managedIdentity: { resourceId: `${RESOURCE_ID}2` } } }),
    'resourceId is immutable',
  ),
]

/** Members of `auth` that name a key of a Secret, for each way to authenticate. */
const SECRET_KEYS = {
  servicePrincipal: ['clientIdKey', 'clientSecretKey', 'tenantIdKey', 'accountNameKey'],
  accountKey: ['accountKeyKey', 'accountNameKey'],
  sasToken: ['sasTokenKey', 'accountNameKey'],
  connectionString: ['connectionStringKey'],
}

const secretKeys: Case[] = [
  ...Object.entries(SECRET_KEYS).flatMap(([method, members]) =>
    members.map(member =>
      refuses(
        `${member} of ${method} as a path`,
        azure({ auth: { [method]: { secretName: 'a', [member]: 'a/b' } } }),
        `${member} must be the key of a Secret`,
      ),
    ),
  ),
]

export const azureCases: Case[] = [...service, ...secretKeys]
