import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailure } from '../../../api/failures.ts'
import type { GrantRequest } from '../../provider.ts'
import type { Sts, TemporaryKey } from '../calls/sts.ts'
import type { Auth } from '../identity/auth.ts'
import type { S3Identity } from '../identity/identity.ts'
import { type Issued, issue, materialOf } from './grant.ts'

const none = new AbortController().signal
const KEY: Auth = {
  kind: 'accessKey',
  secret: 'ml/keys',
  temporary: false,
  key: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'hush' }),
}
const WEB: Auth = {
  kind: 'webIdentity',
  roleArn: 'arn:aws:iam::1:role/ml',
  audience: 'a',
  subject: 's',
  token: () => Promise.reject(new Error('unused')),
}
const identity = (change: Partial<S3Identity>): S3Identity => ({
  provider: 'aws',
  fingerprint: 'f',
  connector: 'ml/aws',
  sessionDurationMs: 3_600_000,
  cautions: [],
  region: 'eu-west-1',
  s3: { host: 's3.eu-west-1.amazonaws.com', field: 'spec.aws.region' },
  sts: { host: 'sts.eu-west-1.amazonaws.com', field: 'spec.aws.region' },
  addressingStyle: 'virtual',
  auth: KEY,
  ...change,
})
const OTHER = { s3: { url: 'https://minio:9000', host: 'minio:9000', field: 'spec.aws.endpoint' } }
const REQUEST: GrantRequest = {
  location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
  encryption: { type: 'None' },
  access: 'ReadOnly',
  durationMs: 1_800_000,
  sessionName: 'a-rather-long-namespace.a-store.orchestrator',
}

/** An STS that takes down what it is asked for. */
function recorder() {
  const asked: unknown[] = []
  const given: TemporaryKey = {
    key: { accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'token' },
    expiresAt: new Date(0),
    caller: {},
  }
  const take = (name: string, ...what: unknown[]) => {
    asked.push(name, ...what)
    return Promise.resolve(given)
  }
  const sts: Sts = {
    withWebIdentity: (_auth, { sessionName, policy }) => take('withWebIdentity', sessionName, policy !== undefined),
    assumeRole: (step, { sessionName, policy }) => take('assumeRole', step, sessionName, policy !== undefined),
    federationToken: ({ sessionName, policy }) => take('federationToken', sessionName, policy !== undefined),
    sessionToken: durationMs => take('sessionToken', durationMs),
    whoAmI: () => Promise.reject(new Error('unused')),
  }
  return { sts, asked, given }
}

describe('where credentials for consumers come from', () => {
  const NAME = REQUEST.sessionName
  const roles = [{ roleArn: 'arn:1' }, { roleArn: 'arn:2' }]
  const cases: [name: string, change: Partial<S3Identity>, expected: unknown[]][] = [
    ['AssumeRoleWithWebIdentity', { auth: WEB }, ['withWebIdentity', NAME, true]],
    ['AssumeRole of the last role of the chain', { auth: WEB, assumeRoles: roles }, ['assumeRole', 1, NAME, true]],
    ['AssumeRole of any role', OTHER, ['assumeRole', undefined, NAME, true]],
    ['GetFederationToken, whose names are short', {}, ['federationToken', 'a-rather-long-namespace-741590f5', true]],
    ['GetSessionToken, which takes no policy', { issue: 'SessionToken' }, ['sessionToken', 1_800_000]],
  ]
  for (const [name, change, expected] of cases) {
    test(`credentials for consumers come from ${name}`, async () => {
      const { sts, asked, given } = recorder()
      assert.equal(await issue(identity(change), sts, REQUEST, none), given)
      assert.deepEqual(asked, expected)
    })
  }

  test('with issue Static, credentials for consumers are the key itself', async () => {
    const { sts, asked } = recorder()
    const issued = await issue(identity({ issue: 'Static' }), sts, REQUEST, none)
    assert.deepEqual(issued, { key: { accessKeyId: 'AKIA', secretAccessKey: 'hush' } })
    assert.deepEqual(asked, [])
  })

  const failures: [name: string, change: Partial<S3Identity>, request: Partial<GrantRequest>, reason: string][] = [
    ['the connector has no way to issue any', { auth: { kind: 'implicit' } }, {}, 'CannotIssue'],
    [
      'no policy can name the prefix',
      {},
      { location: { bucket: 'ml', prefix: 'a*/', uri: 's3://ml/a*' } },
      'UnsupportedPrefix',
    ],
  ]
  for (const [name, change, request, reason] of failures) {
    test(`there are no credentials for consumers: ${name}`, async () => {
      const { sts, asked } = recorder()
      const failure = await issue(identity(change), sts, { ...REQUEST, ...request }, none)
      assert.ok(isFailure(failure))
      assert.deepEqual([failure.reason, asked], [reason, []])
    })
  }
})

describe('material', () => {
  const issued: Issued = { key: { accessKeyId: 'ASIA', secretAccessKey: 'secret', sessionToken: 'token' } }
  const place = { bucket: 'ml', prefix: 'prod/', uri: REQUEST.location.uri }
  const common = { cloud: 'aws', ...issued.key, region: 'eu-west-1', ...place }

  test('the material on AWS has the URL of the region', () =>
    assert.deepEqual(materialOf(identity({}), issued, REQUEST), {
      ...common,
      ...{ url: 'https://s3.eu-west-1.amazonaws.com', isAws: true, addressingStyle: 'virtual' },
    }))

  const variants: [name: string, change: Partial<S3Identity>, host: string][] = [
    ['FIPS', { useFipsEndpoint: true }, 's3-fips.eu-west-1.amazonaws.com'],
    ['dual-stack', { useDualstackEndpoint: true }, 's3.dualstack.eu-west-1.amazonaws.com'],
    ['another partition', { region: 'cn-north-1' }, 's3.cn-north-1.amazonaws.com.cn'],
    // The endpoint in the operator's environment is not for pods.
    [
      'the operator itself uses another endpoint',
      { s3: { host: 'localhost', field: 'AWS_ENDPOINT_URL' } },
      's3.eu-west-1.amazonaws.com',
    ],
  ]
  for (const [name, change, host] of variants) {
    test(`the material on AWS has the URL of S3: ${name}`, () => {
      const { url, endpoint, isAws, ...rest } = materialOf(identity(change), issued, REQUEST)
      assert.deepEqual([url, endpoint, isAws], [`https://${host}`, undefined, true])
      const { useFipsEndpoint, useDualstackEndpoint } = change
      assert.deepEqual([rest.useFipsEndpoint, rest.useDualstackEndpoint], [useFipsEndpoint, useDualstackEndpoint])
    })
  }

  test('the material on AWS by an interface endpoint of a VPC has that endpoint', () => {
    const url = 'https://bucket.vpce-0a1b2c3d.s3.eu-west-1.vpce.amazonaws.com'
    const { isAws, ...found } = materialOf(identity({ s3: { url, host: 'x', field: 'y' } }), issued, REQUEST)
    assert.deepEqual([found.url, found.endpoint, isAws], [url, url, true])
  })

  test('the material of another service has its endpoint', () =>
    assert.deepEqual(materialOf(identity({ ...OTHER, addressingStyle: 'path', caPem: 'PEM' }), issued, REQUEST), {
      ...common,
      addressingStyle: 'path',
      endpoint: 'https://minio:9000',
      url: 'https://minio:9000',
      isAws: false,
      caPem: 'PEM',
    }))
})
