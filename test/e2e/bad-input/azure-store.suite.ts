/** Stores whose path, container, role or format is not what it should be. */
import type { BlobRole } from '../../cluster/blob-roles.ts'
import { accountKey, atAzure, entry, type Row, workloadIdentity } from './azure-world.ts'

/** A ServiceAccount whose client has these roles, and a connector with that identity. */
const as = (...roles: [role: BlobRole, container?: string][]): Pick<Row, 'arrange' | 'connector'> => ({
  async arrange({ federated, register, tenant }, name) {
    const federatedCredentials = [federated('bad', name)]
    const assigned = roles.map(([role, container]) => ({ role, ...(container ? { container } : {}) }))
    await tenant.serviceAccount(name, register({ federatedCredentials }, ...assigned))
  },
  connector: (world, name) => atAzure(world, { auth: workloadIdentity(name) }),
})

const withKey: Pick<Row, 'arrange' | 'connector'> = {
  arrange: ({ secret, azure }, name) => secret(name, { account_key: azure.azurite.accountKey }),
  connector: (world, name) => atAzure(world, { auth: accountKey(name) }),
}

const places: Row[] = [
  {
    name: 'container-missing',
    ...withKey,
    store: () => ({ path: 'az://not-there' }),
    reason: 'ContainerNotFound',
    says: ['"not-there"', 'create it, set spec.bucket.create, or correct spec.path'],
  },
  {
    name: 'container-not-ours-to-create',
    ...as(['Storage Blob Delegator'], ['Storage Blob Data Reader']),
    store: () => ({ path: 'az://not-there', bucket: { create: true } }),
    reason: 'PermissionDenied',
    says: ['containers/write', 'assign it the role "Storage Blob Data Contributor" on storage account'],
  },
  {
    name: 'path-of-another-account',
    store: () => ({ path: 'abfss://bad@elsewhere.dfs.core.windows.net/data' }),
    reason: 'AccountMismatch',
    says: ['spec.path', 'elsewhere.dfs.core.windows.net', 'use a connector of that account, or correct the path'],
  },
  {
    name: 'path-of-another-cloud',
    store: () => ({ path: 's3://bad/data' }),
    reason: 'CloudMismatch',
    says: ['spec.path', 'use another connector, or correct the path'],
  },
  {
    name: 'container-not-lent',
    connector: world => atAzure(world, {}, { resources: ['az://ml-*'] }),
    store: () => ({}),
    reason: 'ResourceNotAllowed',
    says: ['spec.path', 'allows only az://ml-*', 'add az://bad to its spec.resources'],
  },
  {
    name: 'connector-elsewhere-closed',
    arrange: ({ elsewhere }) => elsewhere.connector('closed'),
    store: () => ({ connectorRef: { name: 'closed', namespace: 'elsewhere' } }),
    reason: 'ConnectorNotAllowed',
    says: ['spec.connectorRef', 'set spec.allowedNamespaces'],
  },
  {
    name: 'connector-failing',
    connector: world => atAzure(world, { auth: workloadIdentity('nobody') }),
    store: () => entry(),
    reason: 'ConnectorNotReady',
    says: ['ServiceConnector "bad/connector-failing"', 'ServiceAccountNotFound'],
  },
]

const CONTRIBUTOR = 'assign it the role "Storage Blob Data Contributor" on container "bad"'

const permissions: Row[] = [
  {
    name: 'no-role',
    ...as(),
    store: () => entry(),
    reason: 'PermissionDenied',
    says: [
      'blobs/read',
      'blobs/write',
      'assign it the role "Storage Blob Data Reader" on container "bad"',
      CONTRIBUTOR,
    ],
  },
  {
    name: 'reader-shall-write',
    ...as(['Storage Blob Data Reader']),
    store: () => entry(),
    reason: 'PermissionDenied',
    says: ['blobs/write', 'blobs/delete', CONTRIBUTOR],
  },
  {
    name: 'role-elsewhere',
    ...as(['Storage Blob Delegator'], ['Storage Blob Data Contributor', 'another']),
    store: () => entry(),
    reason: 'PermissionDenied',
    says: ['az://bad/role-elsewhere', CONTRIBUTOR],
  },
  {
    name: 'no-delegator',
    ...as(['Storage Blob Data Contributor', 'bad']),
    store: () => entry(),
    reason: 'PermissionDenied',
    says: ['generateUserDelegationKey', 'assign it the role "Storage Blob Delegator" on storage account'],
  },
  {
    name: 'tags-not-ours',
    store: () => ({
      verification: { require: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/write'] },
    }),
    reason: 'PermissionDenied',
    says: ['blobs/tags/write', 'assign it the role "Storage Blob Data Owner"'],
  },
  {
    name: 'permission-of-another-cloud',
    store: () => ({ verification: { require: ['s3:GetObject'] } }),
    reason: 'PermissionUnknown',
    says: ['s3:GetObject', 'leave s3:GetObject out of spec.verification.require'],
  },
]

const formats: Row[] = [
  {
    name: 'web-identity-of-a-key',
    ...withKey,
    store: () => entry({ formats: ['WebIdentity'] }),
    reason: 'FormatNotAvailable',
    says: ['WebIdentity', 'spec.azure.auth.workloadIdentity'],
  },
  {
    name: 'hadoop-at-another-host',
    store: () => entry({ formats: ['Hadoop'] }),
    reason: 'FormatNotAvailable',
    says: ['Hadoop', 'use another format such as Env'],
  },
  {
    name: 'secret-of-another-store',
    arrange: ({ tenant }) => tenant.store('first', { path: 'az://bad/first', credentials: [] }),
    store: (_, name) => ({
      credentials: [
        { name: 'step', formats: ['Env'] },
        { name: 'other', secretName: `${name}-step`, formats: ['Env'] },
      ],
    }),
    reason: 'InvalidSpec',
    says: ['entries "step" and "other"', 'another secretName'],
  },
]

export const storeRows: Row[] = [...places, ...permissions, ...formats]
