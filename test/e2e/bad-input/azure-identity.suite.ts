/** Connectors whose Secret, key, client or ServiceAccount is not what it should be. */
import { newAccountKey } from '../../cluster/azurite.ts'
import {
  type AzureInputWorld,
  accountKey,
  asNode,
  atAzure,
  NOBODY,
  type Row,
  servicePrincipal,
  workloadIdentity,
} from './azure-world.ts'

const PRINCIPAL = 'spec.azure.auth.servicePrincipal.secretName'
const KEY = 'spec.azure.auth.accountKey.secretName'
const STRING = 'spec.azure.auth.connectionString.secretName'
const WORKLOAD = 'spec.azure.auth.workloadIdentity'
const MANAGED = 'spec.azure.auth.managedIdentity'

const asClient: NonNullable<Row['connector']> = (world, name) => atAzure(world, { auth: servicePrincipal(name) })
const withKey: NonNullable<Row['connector']> = (world, name) => atAzure(world, { auth: accountKey(name) })
const withString: NonNullable<Row['connector']> = (world, name) =>
  atAzure(world, { auth: { connectionString: { secretName: name } } })
const asAccount =
  (serviceAccount: string, more: object = {}): NonNullable<Row['connector']> =>
  world =>
    atAzure(world, { auth: workloadIdentity(serviceAccount, more) })

const secrets: Row[] = [
  { name: 'secret-missing', connector: asClient, reason: 'SecretNotFound', says: [PRINCIPAL, 'create it'] },
  {
    name: 'secret-unlabelled',
    arrange: ({ secret }, name) => secret(name, { client_secret: 'of-an-unlabelled-secret' }, false),
    connector: asClient,
    reason: 'SecretNotLabelled',
    says: [PRINCIPAL, 'kubectl label secret secret-unlabelled -n bad artifactstore.dev/credentials=true'],
  },
  {
    name: 'key-missing',
    arrange: ({ secret }, name) => secret(name, { client_id: NOBODY, tenant_id: NOBODY, secret: 'with-another-name' }),
    connector: asClient,
    reason: 'SecretKeyMissing',
    says: [PRINCIPAL, 'no key "client_secret"', 'add the key'],
  },
  {
    name: 'key-empty',
    arrange: ({ client }, name) => client(name, { client_secret: '' }),
    connector: asClient,
    reason: 'SecretKeyEmpty',
    says: [PRINCIPAL, '"client_secret"', 'fill it in'],
  },
  {
    name: 'key-with-line-break',
    arrange: ({ client }, name) => client(name, { client_secret: 'one-half\nother-half' }),
    connector: asClient,
    reason: 'InvalidCredentials',
    says: [PRINCIPAL, '"client_secret"', 'store the bare value'],
  },
  {
    name: 'client-id-malformed',
    arrange: ({ client }, name) => client(name, { client_id: '../common' }),
    connector: asClient,
    reason: 'InvalidCredentials',
    says: [PRINCIPAL, '"client_id"', 'copy it from the Azure portal'],
  },
]

const clients: Row[] = [
  {
    name: 'client-secret-wrong',
    arrange: ({ client }, name) => client(name, { client_secret: 'the-id-of-the-secret' }),
    connector: asClient,
    reason: 'CredentialsRejected',
    says: ['Secret "bad/client-secret-wrong"', 'AADSTS7000215', 'store the value of the secret, not its id'],
  },
  {
    name: 'client-secret-expired',
    arrange: ({ client }, name) =>
      client(name, {}, { secrets: [{ value: `client-secret-of-${name}`, expiresAt: new Date(0) }] }),
    connector: asClient,
    reason: 'CredentialsExpired',
    says: ['Secret "bad/client-secret-expired"', 'AADSTS7000222', 'create another'],
  },
  {
    name: 'client-unknown',
    arrange: ({ client }, name) => client(name, { client_id: NOBODY }),
    connector: asClient,
    reason: 'ClientNotFound',
    says: [NOBODY, 'AADSTS700016', 'correct the client id'],
  },
  {
    name: 'tenant-unknown',
    arrange: ({ client }, name) => client(name, { tenant_id: NOBODY }),
    connector: asClient,
    reason: 'TenantNotFound',
    says: [NOBODY, 'correct the tenant id, or spec.azure.authorityHost'],
  },
  {
    name: 'node-without-identity',
    connector: world => asNode(world, { clientId: NOBODY }),
    reason: 'ManagedIdentityNotFound',
    says: [MANAGED, NOBODY, 'assign that identity to the nodes'],
  },
  {
    name: 'node-as-another-client',
    connector: world => asNode(world, { clientId: 'kubelet' }),
    reason: 'ImplicitAuthNotAllowed',
    says: [`${MANAGED}.clientId`, '"kubelet"', '--implicit-auth-client-ids'],
  },
  {
    name: 'node-elsewhere',
    connector: world => asNode(world, {}, { endpoint: 'https://evil.example/acme', accountName: 'acme' }),
    reason: 'ImplicitAuthNotAllowed',
    says: ['spec.azure.endpoint', '"evil.example"', '--implicit-auth-endpoints'],
  },
  {
    name: 'node-with-a-ca',
    connector: world => atAzure(world, { auth: { managedIdentity: {} } }),
    reason: 'ImplicitAuthNotAllowed',
    says: ['spec.azure.caBundle', 'NODE_EXTRA_CA_CERTS'],
  },
]

const keys: Row[] = [
  {
    name: 'account-key-malformed',
    arrange: ({ secret }, name) => secret(name, { account_key: 'not-an-account-key!' }),
    connector: withKey,
    reason: 'InvalidCredentials',
    says: [KEY, '"account_key"', 'copy the whole key from the Azure portal'],
  },
  {
    name: 'account-key-wrong',
    arrange: ({ secret }, name) => secret(name, { account_key: newAccountKey() }),
    connector: withKey,
    reason: 'CredentialsRejected',
    says: ['Secret "bad/account-key-wrong"', 'check that it is a key of the account and was not regenerated'],
  },
  {
    name: 'account-not-named',
    arrange: ({ secret }, name) => secret(name, { account_key: newAccountKey() }),
    connector: (_, name) => ({ azure: { auth: accountKey(name) } }),
    reason: 'AccountNotSet',
    says: ['spec.azure.accountName', 'set it, or name it in Secret "bad/account-not-named"'],
  },
  {
    name: 'string-malformed',
    arrange: ({ secret }, name) => secret(name, { connection_string: 'DefaultEndpointsProtocol' }),
    connector: withString,
    reason: 'InvalidCredentials',
    says: [STRING, '"connection_string"', 'no list of Name=value parts'],
  },
  {
    name: 'string-of-an-emulator',
    arrange: ({ secret }, name) => secret(name, { connection_string: 'UseDevelopmentStorage=true' }),
    connector: withString,
    reason: 'InvalidCredentials',
    says: [STRING, 'write its AccountName, AccountKey and BlobEndpoint'],
  },
  {
    name: 'string-without-key',
    arrange: ({ secret }, name) =>
      secret(name, { connection_string: 'AccountName=acme;EndpointSuffix=core.windows.net' }),
    connector: withString,
    reason: 'InvalidCredentials',
    says: [STRING, 'neither AccountKey nor SharedAccessSignature'],
  },
  {
    name: 'string-of-another-account',
    arrange: ({ secret }, name) =>
      secret(name, {
        connection_string: `AccountName=acme;AccountKey=${newAccountKey()};EndpointSuffix=core.windows.net`,
      }),
    connector: withString,
    reason: 'AccountMismatch',
    says: ['spec.azure.accountName', 'correct one of them'],
  },
]

/** Creates a ServiceAccount of that name, whose annotations have these ids. */
const annotated =
  (clientId: string, tenantId: string): NonNullable<Row['arrange']> =>
  ({ tenant }: AzureInputWorld, name) =>
    tenant.serviceAccount(name, { clientId, tenantId })

const accounts: Row[] = [
  {
    name: 'service-account-missing',
    connector: asAccount('nobody'),
    reason: 'ServiceAccountNotFound',
    says: [WORKLOAD, 'create it, or name another'],
  },
  {
    name: 'audience-not-allowed',
    connector: asAccount('runner', { audience: 'vault' }),
    reason: 'AudienceNotAllowed',
    says: [WORKLOAD, '"vault"', '--allowed-audiences'],
  },
  {
    name: 'audience-fenced',
    connector: asAccount('runner', { audience: 'other' }),
    reason: 'TokenForbidden',
    says: ['ServiceAccount "bad/runner"', 'ValidatingAdmissionPolicy'],
  },
  {
    name: 'client-id-not-set',
    arrange: annotated('', NOBODY),
    connector: (world, name) => asAccount(name)(world, name),
    reason: 'ClientIdNotSet',
    says: [
      WORKLOAD,
      'set spec.azure.auth.workloadIdentity.clientId, or annotate ServiceAccount "bad/client-id-not-set"',
    ],
  },
  {
    name: 'tenant-id-not-set',
    arrange: annotated(NOBODY, ''),
    connector: (world, name) => asAccount(name)(world, name),
    reason: 'TenantIdNotSet',
    says: [WORKLOAD, 'azure.workload.identity/tenant-id'],
  },
  {
    name: 'client-id-annotation-malformed',
    arrange: annotated('my client', NOBODY),
    connector: (world, name) => asAccount(name)(world, name),
    reason: 'InvalidClientId',
    says: ['annotation azure.workload.identity/client-id', 'copy it from the Azure portal'],
  },
  {
    name: 'account-not-trusted',
    async arrange({ register, tenant }, name) {
      await tenant.serviceAccount(name, register())
    },
    connector: (world, name) => asAccount(name)(world, name),
    reason: 'FederatedCredentialMismatch',
    says: ['federated credential with issuer', 'subject "system:serviceaccount:bad:account-not-trusted"', 'audience'],
  },
]

export const identityRows: Row[] = [...secrets, ...clients, ...keys, ...accounts]
