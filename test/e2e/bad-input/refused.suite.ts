/** Inputs that the API server refuses; the full tables of these are in api/crd-cases-*.ts. */
import { ARTIFACT_STORES, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { RefusedInput } from './run.ts'

const KEY = { accessKey: { secretName: 'alice' } }
const connector = (name: string, aws: object, says: string, rest: object = {}): RefusedInput => ({
  name,
  resource: SERVICE_CONNECTORS,
  spec: { aws: { auth: KEY, ...aws }, ...rest },
  says,
})
const store = (name: string, spec: object, says: string): RefusedInput => ({
  name,
  resource: ARTIFACT_STORES,
  spec: { path: 's3://data/any', connectorRef: { name: 'aws' }, ...spec },
  says,
})

export const refusedRows: RefusedInput[] = [
  connector('two-ways-to-authenticate', { auth: { ...KEY, implicit: {} } }, 'auth needs exactly one of'),
  connector('endpoint-with-path', { endpoint: 'https://minio/s3' }, 'without user, path, query or final slash'),
  connector('region-with-a-name', { region: 'Ireland' }, 'write for example eu-west-1'),
  connector('role-by-name', { assumeRoles: [{ roleArn: 'artifacts' }] }, 'write for example arn:aws:iam::'),
  connector(
    'external-id-with-space',
    { assumeRoles: [{ externalId: 'a b', roleArn: 'arn:aws:iam::1:role/x' }] },
    'externalId must have',
  ),
  connector(
    'external-id-of-the-operator',
    { assumeRoles: [{ externalId: 'artifactstore.dev/a/b/c', roleArn: 'arn:aws:iam::1:role/x' }] },
    "externalId can't begin with artifactstore.dev/",
  ),
  connector(
    'implicit-with-an-external-id',
    { auth: { implicit: {} }, assumeRoles: [{ externalId: 'mine', roleArn: 'arn:aws:iam::1:role/x' }] },
    'remove its externalId, sessionName and sourceIdentity',
  ),
  connector(
    'static-web-identity',
    { auth: { webIdentity: { serviceAccountName: 'runner' } }, issue: 'Static' },
    'use auth.accessKey without assumeRoles, or remove issue',
  ),
  connector('unknown-issue', { issue: 'Best' }, 'Unsupported value'),
  connector('lasting-five-minutes', {}, 'sessionDuration must be a duration from 15m to 12h', {
    sessionDuration: '5m',
  }),
  connector('resource-with-prefix', {}, 'without a prefix', { resources: ['s3://ml/prod'] }),
  store('bucket-of-one-letter', { path: 's3://d' }, 'path names no valid S3 bucket'),
  store('prefix-with-dots', { path: 's3://data/a/../b' }, "path has a prefix that can't be used"),
  store('kms-without-key', { encryption: { type: 'SSE-KMS' } }, 'encryption.kmsKeyId belongs to type SSE-KMS'),
  store('expiration-at-once', { bucket: { expirationDays: 0 } }, 'should be greater than or equal to 1'),
  store(
    'expiration-of-everything',
    { path: 's3://data', bucket: { expirationDays: 30 } },
    'confirm it by bucket.expirationOfWholeBucket: true',
  ),
  store('permission-without-service', { verification: { require: ['GetObject'] } }, 'write for example s3:GetObject'),
  store(
    'secret-name-twice',
    {
      credentials: [
        { name: 'a', secretName: 's', formats: ['Env'] },
        { name: 'b', secretName: 's', formats: ['Env'] },
      ],
    },
    'give each entry a Secret of its own',
  ),
  store('unknown-format', { credentials: [{ name: 'step', formats: ['Yaml'] }] }, 'Unsupported value'),
]
