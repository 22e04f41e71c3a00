/** Objects for table tests, which are complete and small enough to be read at a glance. */
import type { ArtifactStore, ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import type { AwsMaterial } from '../../src/api/material.ts'
import { API_VERSION, TARGET_ANNOTATION } from '../../src/api/names.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { ServiceConnector, ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import type { Identity, OperatorIdentityLoan, Probe, Provider, SharedSession } from '../../src/providers/provider.ts'
import {
  ownerLabels,
  type ProjectedSecret,
  type Stamp,
  stampAnnotations,
} from '../../src/stores/plan/projected-secret.ts'
import type { StoreView } from '../../src/stores/plan/view.ts'

const metadata = (name: string, namespace = 'ml'): KubeObject['metadata'] => ({
  name,
  namespace,
  uid: `uid-of-${namespace}-${name}`,
  resourceVersion: '1',
  generation: 1,
})

export const KEY_SPEC: ServiceConnectorSpec = {
  aws: { endpoint: 'https://minio.test:9000', auth: { accessKey: { secretName: 'keys' } } },
}

export const connector = (overrides: Partial<ServiceConnector> = {}, name = 'minio'): ServiceConnector => ({
  apiVersion: API_VERSION,
  kind: 'ServiceConnector',
  metadata: metadata(name),
  spec: KEY_SPEC,
  ...overrides,
})

export const store = (
  spec: Partial<ArtifactStoreSpec> = {},
  overrides: Partial<ArtifactStore> = {},
): ArtifactStore => ({
  apiVersion: API_VERSION,
  kind: 'ArtifactStore',
  metadata: metadata('prod'),
  spec: { path: 's3://bucket/team', connectorRef: { name: 'minio' }, ...spec },
  ...overrides,
})

export const NOW = new Date('2026-03-01T10:00:00Z')
export const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000)

/** The view of a cluster with only the connector `ml/minio` and its key. */
export const fakeView = (overrides: Partial<StoreView> = {}): StoreView => ({
  keyValues: () => ({ values: { id: 'AKIA' } }),
  serviceAccount: () => undefined,
  allowedAudiences: [],
  operatorIdentity: () => undefined,
  token: async () => '',
  tokenRefused() {},
  connector: key => (key === 'ml/minio' ? connector() : undefined),
  namespaceLabels: () => undefined,
  isRecipient: () => true,
  recipientLabels: {},
  maxTargets: 500,
  namespacesMatching: () => [],
  operatorNamespace: 'artifact-store-system',
  isTerminating: () => false,
  storesIn: () => [],
  secret: () => undefined,
  secretsOf: () => [],
  ...overrides,
})

/** A Secret of the store `ml/prod` as the cache keeps it, unedited. */
export const projectedSecret = (name: string, stamp: Stamp, namespace = 'ml'): ProjectedSecret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name,
    namespace,
    uid: `uid-of-${name}`,
    resourceVersion: '1',
    labels: ownerLabels(store(), 'step'),
    annotations: { ...stampAnnotations(stamp, 'content'), [TARGET_ANNOTATION]: `${namespace}/${name}` },
  },
  contentHash: 'content',
  sealed: true,
})

export const fakeMaterial: AwsMaterial = {
  ...{ cloud: 'aws', accessKeyId: 'a', secretAccessKey: 's', region: 'r' },
  ...{ url: 'https://minio.test:9000', isAws: false, addressingStyle: 'path', bucket: 'b', prefix: '', uri: 's3://b' },
}

/** The probe of a bucket in which everything is allowed that `fakeProvider` requires. */
export const goodProbe: Probe = {
  kind: 'probe',
  bucket: { name: 'bucket', prefix: 'team/' },
  permissions: ['s3:GetObject', 's3:PutObject'].map(action => ({ action, result: 'Allowed' })),
}

/** What an administrator has lent, where nothing is said of it. */
export const LOAN: OperatorIdentityLoan = { cluster: 'cluster-uid', endpoints: [], clientIds: ['default'] }

/** A provider whose identity consists of one key of a Secret. */
export const fakeProvider: Provider = {
  name: 'aws',
  references: () => ({ keys: [{ kind: 'Secret', name: 'keys', key: 'id', field: 'spec.aws.auth' }] }),
  identity: (_spec, resolved): Identity => ({
    provider: 'aws',
    fingerprint: `print-of-${resolved.value({ kind: 'Secret', name: 'keys', key: 'id' })}`,
    connector: `${resolved.connector.namespace}/${resolved.connector.name}`,
    sessionDurationMs: 3_600_000,
    cautions: [],
  }),
  open: async () => fakeSession(),
  group: () => 'endpoint',
  requiredPermissions: () => ['s3:GetObject', 's3:PutObject'],
  versionPermissions: [],
}

export const fakeSession = (overrides: Partial<SharedSession> = {}): SharedSession => ({
  caller: { arn: 'arn:aws:iam::1:role/x', accountId: '1' },
  principal: 'arn:aws:iam::1:role/x',
  expiresAt: minutes(60),
  probe: async () => {
    throw new Error('unexpected probe')
  },
  grant: async () => {
    throw new Error('unexpected grant')
  },
  tryIssued: async () => ({ kind: 'isolation', result: 'True', holdsFor: 'bucket', identityReaches: {} }),
  prepare: async () => {
    throw new Error('unexpected prepare')
  },
  resources: async () => ({ kind: 'resources', resources: [], truncated: false }),
  measure: async () => {
    throw new Error('unexpected measure')
  },
  close() {},
  ...overrides,
})
