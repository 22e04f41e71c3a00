/** The promises of provider.ts, on a storage account and Entra. */
import { createCertificateAuthority } from '../../../test/cluster/certificates.ts'
import {
  DELEGATION_KEY,
  ENTRA_TOKEN_PART,
  FAKE_ACCOUNT,
  FAKE_TENANT,
  startFakeBlobs,
} from '../../../test/support/clouds/fake-blobs.ts'
import { azureMaterial } from '../../../test/support/granted.ts'
import type { AzureSpec } from '../../api/azure-connector.ts'
import { type Given, PREFIX, type ProviderLab, type Rights, type Way } from '../lab.contract.ts'
import { describeProviderContract } from '../provider.contract.ts'
import type { Grant } from '../provider.ts'
import { READ_TAGS } from './permissions.ts'
import { createAzureProvider } from './provider.ts'

interface AzureWay extends Way {
  auth: AzureSpec['auth']
  /** Keys of its Secret that are part of the identity, and others of their kind. */
  keys?: Record<string, string>
}

const OTHER_KEY = Buffer.from('other').toString('base64')
const OTHER_SAS = 'sv=1&ss=b&srt=sco&sp=r&se=2099-01-01T00:00:00Z&sig=other'

const OPTIONAL = ['account_name']

const WAYS: AzureWay[] = [
  {
    name: 'an account key',
    auth: { accountKey: { secretName: 'keys' } },
    optional: OPTIONAL,
    keys: { account_key: OTHER_KEY },
  },
  {
    name: 'a connection string',
    auth: { connectionString: { secretName: 'keys' } },
    keys: { connection_string: `AccountName=${FAKE_ACCOUNT};AccountKey=${OTHER_KEY}` },
  },
  {
    name: 'a SAS token',
    auth: { sasToken: { secretName: 'keys' } },
    optional: OPTIONAL,
    keys: { sas_token: OTHER_SAS },
    ...{ ends: true, unprovable: true },
  },
  {
    name: 'a service principal',
    auth: { servicePrincipal: { secretName: 'keys' } },
    optional: OPTIONAL,
    keys: { client_id: 'client-2', tenant_id: 'tenant-2', client_secret: 'other' },
    ends: true,
  },
  {
    name: 'a workload identity',
    auth: { workloadIdentity: { serviceAccountName: 'pipelines' } },
    ...{ ends: true, token: true },
  },
  { name: 'the identity of the operator', auth: { managedIdentity: {} }, pureOnly: true },
]

const authority = await createCertificateAuthority('test')
const otherAuthority = await createCertificateAuthority('other')
const { certPem: cert, keyPem: key } = await authority.issueServer('azure')

const ACCOUNT_KEY = Buffer.from('account-key-hush').toString('base64')

const VALUES = {
  account_name: FAKE_ACCOUNT,
  account_key: ACCOUNT_KEY,
  connection_string: `AccountName=${FAKE_ACCOUNT};AccountKey=${ACCOUNT_KEY}`,
  sas_token: 'sv=1&ss=b&srt=sco&sp=racwdlt&se=2099-01-01T00:00:00Z&sig=sas-hush',
  client_id: 'client-1',
  tenant_id: FAKE_TENANT,
  client_secret: 'secret-hush',
  'ca.crt': authority.certPem,
}

const CLIENT_ID = 'azure.workload.identity/client-id'
const TENANT_ID = 'azure.workload.identity/tenant-id'

async function createLab(name: string): Promise<ProviderLab> {
  const way = WAYS.find(way => way.name === name)
  if (!way) throw new Error(`no way ${name}`)
  const service = await startFakeBlobs({ cert, key })
  const provider = createAzureProvider({ now: () => new Date() })
  const azure: AzureSpec = {
    auth: way.auth,
    endpoint: `${service.url}/${FAKE_ACCOUNT}`,
    authorityHost: service.url,
    // The operator itself trusts no CAs of connectors.
    ...(way.pureOnly ? {} : { caBundle: { configMapKeyRef: { name: 'ca', key: 'ca.crt' } } }),
  }
  const given: Given = {
    spec: { azure },
    values: VALUES,
    annotations: { [CLIENT_ID]: 'client-1', [TENANT_ID]: FAKE_TENANT },
    token: `x.${Buffer.from('{"sub":"token-hush"}').toString('base64url')}.token-hush`,
  }
  return {
    ...{ provider, service, given },
    others: othersOf(way, given, azure),
    elsewhere: { azure: { ...azure, endpoint: 'https://127.0.0.2:9000/acme' } },
    secrets: ['hush', ACCOUNT_KEY, 'sig=', given.token, ENTRA_TOKEN_PART, DELEGATION_KEY],
    locationOf: (bucket, prefix) => ({ bucket, prefix, uri: `az://${bucket}/${prefix}`.replace(/\/$/, '') }),
    rightsOf,
    issued: {
      ...{ cloud: 'azure', accountName: FAKE_ACCOUNT, blobEndpoint: `${service.url}/${FAKE_ACCOUNT}` },
      ...{
        container: 'data',
        prefix: PREFIX,
        uri: `az://data/${PREFIX}`,
        sasToken: 'sv=1&sr=d&sdd=2&sp=racwdl&sig=issued-hush',
      },
    },
    extraPermission: READ_TAGS,
    wishes: [{}],
    settings: {},
    shared: /comp=userdelegationkey/,
    async close() {
      provider.close()
      await service.close()
    },
  }
}

function othersOf({ auth, keys = {}, pureOnly }: AzureWay, { values, annotations }: Given, azure: AzureSpec) {
  const specified = (change: Partial<AzureSpec>) => ({ spec: { azure: { ...azure, ...change } } })
  const { workloadIdentity, managedIdentity } = auth
  const [method = ''] = Object.keys(auth)
  return {
    endpoint: specified({ endpoint: 'https://127.0.0.2:9000/acme' }),
    account: {
      ...specified({ endpoint: 'https://127.0.0.2:9000/other', accountName: 'other' }),
      values: { ...values, connection_string: `AccountName=other;AccountKey=${ACCOUNT_KEY}` },
    },
    authority: specified({ authorityHost: 'https://127.0.0.2:9001' }),
    ...(pureOnly ? {} : { CAs: { values: { ...values, 'ca.crt': otherAuthority.certPem } } }),
    ...Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, { values: { ...values, [key]: value } }])),
    ...('secretName' in (auth[method as keyof typeof auth] ?? {}) && {
      secret: specified({ auth: { [method]: { secretName: 'other' } } }),
    }),
    ...(managedIdentity && {
      'client id': specified({ auth: { managedIdentity: { clientId: 'other' } } }),
      'resource id': specified({ auth: { managedIdentity: { resourceId: '/subscriptions/other' } } }),
    }),
    ...(workloadIdentity && {
      'client id': { annotations: { ...annotations, [CLIENT_ID]: 'client-2' } },
      'tenant id': { annotations: { ...annotations, [TENANT_ID]: 'tenant-2' } },
      audience: specified({ auth: { workloadIdentity: { ...workloadIdentity, audience: 'other' } } }),
      ServiceAccount: specified({ auth: { workloadIdentity: { serviceAccountName: 'other' } } }),
    }),
  }
}

/** What a SAS token says. It contains the depth of its directory, not its name. */
function rightsOf(grant: Grant): Rights {
  const { sasToken, container, prefix } = azureMaterial(grant)
  const parameters = new URLSearchParams(sasToken)
  const allows = (letter: string) => parameters.get('sp')?.includes(letter) ?? false
  const depth = Number(parameters.get('sdd') ?? 0)
  return {
    ...{ bucket: container, prefix: prefix.split('/').length - 1 === depth ? prefix : '' },
    ...{ reads: allows('r'), writes: allows('w'), extra: allows('t') },
  }
}

describeProviderContract({ cloud: 'azure', ways: WAYS, createLab })
