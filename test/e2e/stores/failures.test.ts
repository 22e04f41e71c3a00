/** Failures on real parts: status has the exact reason and message, and then nothing more is called or written. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SECRETS } from '../../../src/kube/resource.ts'
import { createCertificateAuthority } from '../../cluster/certificates.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { steady, until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
let operator: OperatorProcess
before(async () => {
  world = await World.start()
  operator = await world.startOperator([
    '--leader-elect=false',
    '--allowed-audiences=sts.amazonaws.com,api://AzureADTokenExchange,other',
  ])
})
after(() => world.stop())

const webIdentity = (overrides: object = {}) => ({
  auth: { webIdentity: { serviceAccountName: 'runner', roleArn: world.minio.roleArn, ...overrides } },
})
const OTHER_ROLE = 'arn:minio:iam:::role/AAAAAAAAAAAAAAAAAAAAAAAAAAA'

interface Case {
  name: string
  /** Creates the connector `minio` and what it needs. */
  arrange(tenant: Tenant): Promise<unknown>
  reason: string
  message(tenant: Tenant): string
}

/** How messages quote MinIO. */
const said = (words: string): string => ` (the service says: "${words}")`
const host = (): string => new URL(world.minio.endpoint).host

const connectorCases: Case[] = [
  {
    name: 'wrong-audience',
    arrange: tenant => tenant.connector('minio', webIdentity({ audience: 'api://AzureADTokenExchange' })),
    reason: 'AudienceNotTrusted',
    message: () =>
      `AssumeRoleWithWebIdentity of ${world.minio.roleArn} refused by ${host()} (InvalidParameterValue): it does not take the audience "api://AzureADTokenExchange": add it there for issuer "${world.controlPlane.issuer}", or set spec.aws.auth.webIdentity.audience to one that it takes${said('STS JWT Token has `azp` claim invalid, `azp` must match configured OpenID Client ID')}`,
  },
  {
    name: 'fenced-audience',
    // The flag allows this audience, but the ValidatingAdmissionPolicy does not.
    arrange: tenant => tenant.connector('minio', webIdentity({ audience: 'other' })),
    reason: 'TokenForbidden',
    message: ({ name }) =>
      `the operator may not request a token of ServiceAccount "${name}/runner" for "other": check its roles and its ValidatingAdmissionPolicy in deploy/`,
  },
  {
    name: 'api-server-audience',
    arrange: tenant => tenant.connector('minio', webIdentity({ audience: 'https://kubernetes.default.svc' })),
    reason: 'AudienceNotAllowed',
    message: () =>
      'spec.aws.auth.webIdentity: the operator may not request tokens for the audience "https://kubernetes.default.svc" (allowed: sts.amazonaws.com, api://AzureADTokenExchange, other): use one of these, or have an administrator add it to --allowed-audiences',
  },
  {
    name: 'wrong-role',
    arrange: tenant => tenant.connector('minio', webIdentity({ roleArn: OTHER_ROLE })),
    reason: 'RoleNotFound',
    message: () =>
      `AssumeRoleWithWebIdentity of ${OTHER_ROLE} refused by ${host()} (InvalidParameterValue): there is no such role: set spec.aws.auth.webIdentity.roleArn to a role of this service${said(`Error processing RoleArn parameter: RoleARN ${OTHER_ROLE} is not defined`)}`,
  },
  {
    name: 'no-service-account',
    arrange: tenant => tenant.connector('minio', webIdentity({ serviceAccountName: 'nobody' })),
    reason: 'ServiceAccountNotFound',
    message: ({ name }) =>
      `spec.aws.auth.webIdentity: there is no ServiceAccount "nobody" in namespace "${name}": create it, or name another`,
  },
  {
    name: 'no-secret',
    arrange: tenant => tenant.keyConnector('minio', 'keys'),
    reason: 'SecretNotFound',
    message: ({ name }) =>
      `spec.aws.auth.accessKey.secretName: there is no Secret "keys" in namespace "${name}": create it`,
  },
  {
    name: 'unlabelled-secret',
    async arrange(tenant) {
      await tenant.secret('keys', { aws_access_key_id: 'a', aws_secret_access_key: 'b' }, false)
      await tenant.keyConnector('minio', 'keys')
    },
    reason: 'SecretNotLabelled',
    message: ({ name }) =>
      `spec.aws.auth.accessKey.secretName: Secret "${name}/keys" is not labelled for use by connectors: run "kubectl label secret keys -n ${name} artifactstore.dev/credentials=true"`,
  },
  {
    name: 'missing-key',
    async arrange(tenant) {
      await tenant.secret('keys', { aws_access_key_id: 'a', secret: 'b' })
      await tenant.keyConnector('minio', 'keys')
    },
    reason: 'SecretKeyMissing',
    message: ({ name }) =>
      `spec.aws.auth.accessKey.secretName: Secret "${name}/keys" has no key "aws_secret_access_key" (it has: aws_access_key_id, secret): add the key, or name the right one in the connector`,
  },
  {
    name: 'wrong-key',
    async arrange(tenant) {
      await tenant.secret('keys', { aws_access_key_id: 'nobody', aws_secret_access_key: 'wrong' })
      await tenant.keyConnector('minio', 'keys')
    },
    reason: 'CredentialsRejected',
    message: ({ name }) =>
      `${host()} refused the key of Secret "${name}/keys" (InvalidAccessKeyId): check that the key exists, is enabled, and that its secret is the right one${said('The Access Key Id you provided does not exist in our records')}`,
  },
  {
    name: 'wrong-ca',
    async arrange(tenant) {
      const { certPem } = await createCertificateAuthority('somebody else')
      await tenant.create(
        { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
        'other-ca',
        { data: { 'ca.crt': certPem } },
        true,
      )
      await tenant.connector('minio', { caBundle: { configMapKeyRef: { name: 'other-ca' } } })
    },
    reason: 'TLSVerificationFailed',
    message: () =>
      `no TLS connection to ${host()} (spec.aws.endpoint): its certificate is not trusted (UNABLE_TO_GET_ISSUER_CERT_LOCALLY): set spec.aws.caBundle to the CA that signed it, or the intermediate CA that its server does not send`,
  },
  {
    name: 'metadata-endpoint',
    arrange: tenant => tenant.connector('minio', { endpoint: 'http://169.254.169.254' }),
    reason: 'EndpointRefused',
    message: () => 'spec.aws.endpoint: 169.254.169.254 is a link-local address: use the address of an S3 service',
  },
]

const storeCases: Case[] = [
  {
    name: 'missing-bucket',
    async arrange(tenant) {
      await tenant.connector('minio')
      await world.minio.admin.removeBucket(tenant.name)
    },
    reason: 'BucketNotFound',
    message: ({ name }) =>
      `there is no bucket "${name}" at ${host()}: create it, or correct spec.path${said('The specified bucket does not exist')}`,
  },
  {
    name: 'denied-put',
    async arrange(tenant) {
      const policy = {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: 's3:*', Resource: `arn:aws:s3:::${tenant.name}*` },
          { Effect: 'Deny', Action: 's3:PutObject', Resource: `arn:aws:s3:::${tenant.name}/*` },
        ],
      }
      await world.minio.admin.setPolicy('no-put', JSON.stringify(policy))
      await tenant.user('keys', 'no-put')
      await tenant.keyConnector('minio', 'keys')
    },
    reason: 'PermissionDenied',
    message: ({ name }) =>
      `s3:PutObject denied on s3://${name}/store/ for the key of Secret "${name}/keys": allow it in the policy of that identity`,
  },
  {
    name: 'secret-conflict',
    async arrange(tenant) {
      await tenant.connector('minio')
      await tenant.create(SECRETS, 'store-step', { stringData: { mine: 'kept' } })
    },
    reason: 'SecretConflict',
    message: ({ name }) =>
      `Secret "${name}/store-step" exists and was not made for this store: delete it, or give the entry another secretName`,
  },
]

const tenants = new Map<string, Tenant>()

describe('a connector that fails takes its stores along', () => {
  for (const { name, arrange, reason, message } of connectorCases) {
    test(`${name}: ${reason}`, async () => {
      const tenant = await world.tenant(name)
      tenants.set(name, tenant)
      await arrange(tenant)
      await tenant.store('store')
      const connector = await tenant.connectorCondition('minio', 'Ready', 'False', reason)
      assert.equal(messageOf(connector), message(tenant))
      const store = await tenant.storeCondition('store', 'Ready', 'False', 'ConnectorNotReady')
      assert.match(messageOf(store, 'ConnectorReady'), new RegExp(`^ServiceConnector "${name}/minio": `))
      assert.equal(await tenant.getSecret('store-step'), undefined)
    })
  }
})

describe('a store that fails says why', () => {
  for (const { name, arrange, reason, message } of storeCases) {
    test(`${name}: ${reason}`, async () => {
      const tenant = await world.tenant(name)
      tenants.set(name, tenant)
      await arrange(tenant)
      await tenant.store('store')
      const store = await tenant.storeCondition('store', 'Ready', 'False', reason)
      assert.equal(messageOf(store), message(tenant))
      assert.equal((await tenant.getConnector('minio')).status?.conditions?.[0]?.status, 'True')
    })
  }

  test('secret-conflict: the Secret of somebody else is untouched', async () => {
    const secret = await tenants.get('secret-conflict')?.getSecret('store-step')
    assert.deepEqual(secret?.data, { mine: Buffer.from('kept').toString('base64') })
    assert.deepEqual(secret?.metadata.labels, undefined)
  })
})

test('nothing is written while nothing changes, and few calls look for what clouds may see late', async () => {
  const requests = () => operator.metric('artifactstore_provider_requests_total')
  const writes = async () => ({
    status: await operator.metric('artifactstore_status_writes_total'),
    secrets: await operator.metric('artifactstore_secret_writes_total'),
    events: await operator.metric('artifactstore_events_total'),
  })
  for (const tenant of tenants.values()) {
    const counted = async () => (await tenant.getConnector('minio')).status?.stores === 1
    await until(`${tenant.name}/minio has counted its store`, counted)
  }
  const before = { writes: await steady('all is written', writes), requests: await requests() }
  await sleep(10_000)
  assert.deepEqual(await writes(), before.writes)
  const looks = (await requests()) - before.requests
  assert.ok(looks < 60, `${looks} requests`)
})

test('a person acts, and the store recovers at once', async () => {
  const labelled = tenants.get('missing-key')
  assert.ok(labelled)
  const { accessKeyId, secretAccessKey } = await labelled.user('good', 'readwrite')
  await world.client.jsonPatch(SECRETS, { namespace: labelled.name, name: 'keys' }, [
    {
      op: 'replace',
      path: '/data',
      value: base64({ aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey }),
    },
  ])
  await labelled.storeReady('store')
  await labelled.connectorReady('minio')
})

test('no key or token is in logs, status or events', async () => {
  const texts = [operator.raw.join('\n')]
  for (const tenant of tenants.values()) {
    texts.push(
      JSON.stringify([
        await tenant.getStore('store'),
        await tenant.getConnector('minio'),
        await tenant.events('store'),
      ]),
    )
  }
  const ready = tenants.get('missing-key')
  assert.ok(ready)
  const { accessKeyId, secretAccessKey, sessionToken } = await ready.credentials('store-step')
  for (const secret of [secretAccessKey, sessionToken, accessKeyId]) {
    assert.ok(secret)
    for (const text of texts) assert.ok(!text.includes(secret))
  }
  for (const text of texts) assert.doesNotMatch(text, /eyJ[A-Za-z0-9_-]{20,}/)
})

const base64 = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]))
