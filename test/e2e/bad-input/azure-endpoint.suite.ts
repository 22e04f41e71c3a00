/** Connectors whose endpoint is no storage account or no Entra, or is one that can't be trusted. */
import { CONFIG_MAPS } from '../../../src/kube/resource.ts'
import { newAccountKey } from '../../cluster/azurite.ts'
import type { AzureSpec } from '../../support/azure-world.ts'
import { type AzureInputWorld, accountKey, atAzure, type Row } from './azure-world.ts'

const ENDPOINT = 'spec.azure.endpoint'
const AUTHORITY = 'spec.azure.authorityHost'
const CA = 'spec.azure.caBundle'
const CHECK_ADDRESS = 'check the address'

type Change = Partial<AzureSpec> | ((world: AzureInputWorld) => Partial<AzureSpec>)

const at =
  (change: Change): NonNullable<Row['connector']> =>
  world =>
    atAzure(world, typeof change === 'function' ? change(world) : change)

/** A connector with the right key of the account, so that only the change is wrong. */
const withKey = {
  arrange: ({ secret, azure }: AzureInputWorld, name: string) =>
    secret(name, { account_key: azure.azurite.accountKey }),
  at:
    (change: Change): NonNullable<Row['connector']> =>
    (world, name) => ({
      ...at(change)(world, name),
      azure: { ...world.tenant.azure(), ...at(change)(world, name).azure, auth: accountKey(name) },
    }),
}

const trusting = (configMap: string, key = 'ca.crt') => at({ caBundle: { configMapKeyRef: { name: configMap, key } } })

const unreachable: Row[] = [
  {
    name: 'port-closed',
    connector: at({ endpoint: 'https://127.0.0.1:1' }),
    reason: 'EndpointUnreachable',
    says: ['127.0.0.1:1', ENDPOINT, 'connection refused', CHECK_ADDRESS],
  },
  {
    name: 'account-unknown',
    arrange: withKey.arrange,
    connector: withKey.at({ accountName: 'nobodys', endpoint: 'https://nobodys.blob.invalid' }),
    reason: 'AccountNotFound',
    says: ['nobodys.blob.invalid', ENDPOINT, 'check that storage account "nobodys" exists'],
  },
  {
    name: 'account-unknown-there',
    arrange: withKey.arrange,
    connector: withKey.at(({ azure }) => ({
      accountName: 'nobodys',
      endpoint: azure.storage.endpoint.replace(/[^/]+$/, 'nobodys'),
    })),
    reason: 'AccountNotFound',
    says: ['"nobodys"', 'check the name and spec.azure.endpoint'],
  },
  {
    name: 'entra-port-closed',
    connector: at({ authorityHost: 'https://127.0.0.1:1' }),
    reason: 'EndpointUnreachable',
    says: ['127.0.0.1:1', AUTHORITY, 'connection refused', CHECK_ADDRESS],
  },
  {
    name: 'website',
    arrange: withKey.arrange,
    connector: withKey.at(({ servers }) => ({ endpoint: servers.website })),
    reason: 'UnexpectedAnswer',
    says: [ENDPOINT, 'does not answer like a blob service', CHECK_ADDRESS],
  },
  {
    name: 'entra-at-the-storage-account',
    connector: at(({ azure }) => ({ authorityHost: new URL(azure.storage.endpoint).origin })),
    reason: 'UnexpectedAnswer',
    says: [AUTHORITY, 'does not answer like Entra', CHECK_ADDRESS],
  },
  {
    name: 'http-to-tls-port',
    arrange: withKey.arrange,
    connector: withKey.at(({ azure }) => ({ endpoint: azure.storage.endpoint.replace('https', 'http') })),
    reason: 'EndpointUnreachable',
    says: [ENDPOINT, 'connection reset', CHECK_ADDRESS],
  },
  {
    name: 'tls-to-http-port',
    connector: at(({ servers }) => ({ endpoint: servers.website.replace('http', 'https') })),
    reason: 'TLSVerificationFailed',
    says: [ENDPOINT, 'the port does not speak TLS', 'write http://127.0.0.1:'],
  },
]

const forbidden: Row[] = [
  {
    name: 'link-local',
    arrange: withKey.arrange,
    connector: withKey.at({ endpoint: 'http://169.254.169.254/metadata' }),
    reason: 'EndpointRefused',
    says: [ENDPOINT, 'use the address of a service of Azure'],
  },
  {
    name: 'api-server',
    arrange: withKey.arrange,
    connector: withKey.at(({ azure }) => ({ endpoint: azure.controlPlane.server })),
    reason: 'EndpointRefused',
    says: [ENDPOINT, 'is the API server of the cluster', 'use the address of a service of Azure'],
  },
  {
    name: 'entra-at-the-api-server',
    connector: at(({ azure }) => ({ authorityHost: azure.controlPlane.server })),
    reason: 'EndpointRefused',
    says: [AUTHORITY, 'is the API server of the cluster'],
  },
  {
    name: 'string-at-a-kubelet',
    arrange: ({ secret }, name) =>
      secret(name, {
        connection_string: `AccountName=acme;AccountKey=${newAccountKey()};BlobEndpoint=https://node-1:10250/acme`,
      }),
    connector: (_, name) => ({ azure: { auth: { connectionString: { secretName: name } } } }),
    reason: 'EndpointRefused',
    says: ['BlobEndpoint of the connection string', '10250 is a port of kubelets'],
  },
  {
    name: 'entra-link-local',
    connector: at({ authorityHost: 'https://169.254.169.254' }),
    reason: 'EndpointRefused',
    says: [AUTHORITY, 'use the address'],
  },
  {
    name: 'token-over-http',
    connector: at(({ servers }) => ({ endpoint: servers.website })),
    reason: 'InsecureEndpoint',
    says: [ENDPOINT, 'use an https URL'],
  },
  {
    name: 'cloud-unknown',
    connector(world) {
      const { endpoint: _, ...azure } = world.tenant.azure()
      return { azure }
    },
    reason: 'EndpointNotSet',
    says: [ENDPOINT, 'belongs to no known cloud', 'set it'],
  },
]

const trust: Row[] = [
  {
    name: 'ca-untrusted',
    connector: trusting('other-ca'),
    reason: 'TLSVerificationFailed',
    says: [AUTHORITY, `set ${CA} to the CA that signed it`],
  },
  {
    name: 'host-misnamed',
    connector: at(({ servers }) => ({
      authorityHost: servers.misnamed,
      caBundle: { configMapKeyRef: { name: 'other-ca' } },
    })),
    reason: 'TLSVerificationFailed',
    says: [AUTHORITY, 'use the name that the certificate has'],
  },
  {
    name: 'ca-missing',
    connector: trusting('nowhere'),
    reason: 'ConfigMapNotFound',
    says: [`${CA}.configMapKeyRef`, 'create it'],
  },
  {
    name: 'ca-key-missing',
    connector: trusting('azure-ca', 'root.pem'),
    reason: 'ConfigMapKeyMissing',
    says: [`${CA}.configMapKeyRef`, 'no key "root.pem"', 'add the key'],
  },
  {
    name: 'ca-not-pem',
    arrange: ({ tenant }, name) => tenant.create(CONFIG_MAPS, name, { data: { 'ca.crt': 'MIIB' } }, true),
    connector: (world, name) => trusting(name)(world, name),
    reason: 'InvalidCABundle',
    says: [CA, 'put PEM certificates of CAs into it'],
  },
]

export const endpointRows: Row[] = [...unreachable, ...forbidden, ...trust]
