/** Stores that can't work because of their connector, their Secrets or other stores. */
import { SECRETS, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { atAws, atMinio, entry, type Row } from './aws-world.ts'

const REFERENCE = 'spec.connectorRef'

/** A connector of another namespace that lends what every connector does. */
const lending: Row['arrange'] = ({ elsewhere }, name) =>
  elsewhere.connector(name, {}, { allowedNamespaces: { from: 'All' } })
const borrowing = (name: string) => ({
  path: `s3://bad/${name}`,
  connectorRef: { name, namespace: 'elsewhere' },
})

const references: Row[] = [
  {
    name: 'connector-missing',
    store: () => ({ connectorRef: { name: 'nowhere' } }),
    reason: 'ConnectorNotFound',
    says: [REFERENCE, 'create it, or name another'],
  },
  {
    name: 'connector-elsewhere-missing',
    store: () => ({ connectorRef: { name: 'nowhere', namespace: 'elsewhere' } }),
    reason: 'ConnectorNotAllowed',
    says: [REFERENCE, 'set spec.allowedNamespaces'],
  },
  {
    name: 'connector-elsewhere-closed',
    arrange: ({ elsewhere }) => elsewhere.connector('closed'),
    store: () => ({ connectorRef: { name: 'closed', namespace: 'elsewhere' } }),
    reason: 'ConnectorNotAllowed',
    says: [REFERENCE, 'set spec.allowedNamespaces'],
  },
  {
    name: 'connector-suspended',
    connector: () => atAws('alice', {}, { suspend: true }),
    store: () => ({}),
    reason: 'ConnectorSuspended',
    says: ['ServiceConnector "bad/connector-suspended"', 'set its spec.suspend to false'],
  },
  {
    name: 'connector-failing',
    connector: (_, name) => atAws(name),
    store: () => entry(),
    reason: 'ConnectorNotReady',
    says: ['ServiceConnector "bad/connector-failing"', 'SecretNotFound', 'spec.aws.auth.accessKey.secretName'],
  },
  {
    name: 'bucket-not-lent',
    connector: () => atAws('alice', {}, { resources: ['s3://ml-*'] }),
    store: () => ({}),
    reason: 'ResourceNotAllowed',
    says: ['spec.path', 'allows only s3://ml-*', 'add s3://data to its spec.resources'],
  },
  {
    name: 'bucket-not-lent-elsewhere',
    async arrange({ elsewhere }, name) {
      const spec = atAws('any', {}, { resources: ['s3://ml-*'], allowedNamespaces: { from: 'All' } })
      await elsewhere.secret('any', { aws_access_key_id: 'any', aws_secret_access_key: 'any' })
      await elsewhere.create(SERVICE_CONNECTORS, name, { spec })
    },
    store: (_, name) => ({ connectorRef: { name, namespace: 'elsewhere' } }),
    reason: 'ResourceNotAllowed',
    says: ['spec.path', 'have its owner add it to spec.resources'],
  },
  {
    name: 'identity-not-lent',
    arrange: lending,
    store: (_, name) => ({ ...borrowing(name), ...entry({ formats: ['WebIdentity'] }) }),
    reason: 'NotLent',
    says: ['spec.credentials[step].formats', 'have its owner set spec.lend.webIdentity: true'],
  },
  {
    name: 'bucket-setup-not-lent',
    arrange: lending,
    store: (_, name) => ({ ...borrowing(name), bucket: { versioning: 'Enabled' } }),
    reason: 'NotLent',
    says: ['spec.bucket', 'have its owner set spec.lend.bucketSetup: true, or remove spec.bucket'],
  },
]

const siblings: Row[] = [
  {
    name: 'second-default',
    store: () => ({ default: true }),
    reason: 'DefaultConflict',
    says: ['spec.default', 'ArtifactStore "good"', 'remove spec.default from one of the two'],
  },
  {
    name: 'secret-of-others',
    arrange: ({ tenant }, name) => tenant.create(SECRETS, `${name}-step`, { stringData: { mine: 'kept' } }),
    store: () => entry(),
    reason: 'SecretConflict',
    says: ['Secret "bad/secret-of-others-step"', 'delete it, or give the entry another secretName'],
  },
  {
    name: 'secret-of-another-store',
    store: () => entry({ secretName: 'good-step' }),
    reason: 'SecretConflict',
    says: ['Secret "bad/good-step"', 'give the entry another secretName'],
  },
  {
    name: 'secret-twice',
    store: (_, name) => ({
      credentials: [
        { name: 'step', formats: ['AwsProfile', 'Env'] },
        { name: 'other', secretName: `${name}-step-env`, formats: ['AwsProfile'] },
      ],
    }),
    reason: 'InvalidSpec',
    says: ['spec.credentials', 'entries "step" and "other"', 'another secretName'],
  },
  {
    name: 'usage-without-cloudwatch',
    connector: world => atMinio(world),
    store: () => ({ path: 's3://bad/any', usage: { source: 'CloudWatch' } }),
    condition: 'UsageMeasured',
    reason: 'CloudWatchUnavailable',
    says: ['spec.usage.source', 'use List'],
  },
]

export const storeRows: Row[] = [...references, ...siblings]
