/** Connectors to Azure for unit tests: specs for each way to authenticate, and the values that they name. */
import type { AzureSpec } from '../../src/api/azure-connector.ts'
import type { Resolved } from '../../src/providers/provider.ts'
import { ACCOUNT_KEY } from './azure.ts'
import { LOAN } from './objects.ts'

export const SAS = 'sv=2022-11-02&sr=c&sp=rl&se=2031-01-01&sig=hush'
export const ANNOTATIONS = {
  'azure.workload.identity/client-id': 'client-1',
  'azure.workload.identity/tenant-id': 'tenant-1',
}

export const workload: AzureSpec['auth'] = { workloadIdentity: { serviceAccountName: 'reader' } }
export const managed: AzureSpec['auth'] = { managedIdentity: { clientId: 'client-1' } }
export const principal: AzureSpec['auth'] = { servicePrincipal: { secretName: 'client' } }
export const accountKey: AzureSpec['auth'] = { accountKey: { secretName: 'account' } }
export const sasToken: AzureSpec['auth'] = { sasToken: { secretName: 'sas' } }
export const connectionString: AzureSpec['auth'] = { connectionString: { secretName: 'cs' } }

const VALUES = {
  ...{ client_id: 'client-1', tenant_id: 'tenant-1', client_secret: 'hush' },
  ...{ account_key: ACCOUNT_KEY, sas_token: SAS },
  connection_string: `AccountName=acme;AccountKey=${ACCOUNT_KEY}`,
}

export const resolved = (
  values: Record<string, string> = {},
  annotations: Record<string, string> = ANNOTATIONS,
): Resolved => ({
  connector: { namespace: 'ml', name: 'azure', uid: 'u' },
  value: ({ key }) => ({ ...VALUES, ...values })[key as keyof typeof VALUES],
  serviceAccount: { name: 'reader', annotations, token: async () => 'assertion' },
  operatorIdentity: { ...LOAN, clientIds: ['client-1'] },
})
export const spec = (auth: AzureSpec['auth'], change: Partial<AzureSpec> = {}) => ({
  azure: { accountName: 'acme', auth, ...change },
})
