import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { rootCertificates } from 'node:tls'
import { inspect } from 'node:util'
import { LOAN } from '../../../../test/support/objects.ts'
import { isFailure } from '../../../api/failures.ts'
import type { ServiceConnectorSpec } from '../../../api/service-connector.ts'
import type { Resolved } from '../../provider.ts'
import { identity, inRegion, references, type S3Identity } from './identity.ts'

type Aws = NonNullable<ServiceConnectorSpec['aws']>

const CA = `${rootCertificates[0]}\n`
const ROLE = 'arn:aws:iam::123456789012:role/ml'
const accessKey: Aws['auth'] = { accessKey: { secretName: 'minio' } }
const webIdentity: Aws['auth'] = { webIdentity: { serviceAccountName: 'pipelines' } }
const implicit: Aws['auth'] = { implicit: {} }

const spec = (aws: Partial<Aws> = {}): ServiceConnectorSpec => ({ aws: { auth: accessKey, ...aws } })

function resolved(values: Record<string, string | undefined> = {}, annotations: Record<string, string> = {}): Resolved {
  const all: Record<string, string | undefined> = {
    aws_access_key_id: 'AKIAEXAMPLE',
    aws_secret_access_key: 'hush-hush',
    'ca.crt': CA,
    ...values,
  }
  return {
    connector: { namespace: 'ml', name: 'minio', uid: 'uid' },
    value: ({ key }) => all[key],
    serviceAccount: { name: 'pipelines', annotations, token: () => Promise.resolve('token') },
    operatorIdentity: LOAN,
  }
}

function made(aws?: Partial<Aws>, from = resolved()): S3Identity {
  const result = identity(spec(aws), from)
  assert.ok(!isFailure(result), JSON.stringify(result))
  return result
}

describe('references', () => {
  const secret = (key: string, optional = false) => ({
    kind: 'Secret',
    name: 'minio',
    key,
    field: 'spec.aws.auth.accessKey.secretName',
    ...(optional ? { optional } : {}),
  })
  const cases: [name: string, aws: Partial<Aws>, expected: object][] = [
    [
      'an access key',
      {},
      { keys: [secret('aws_access_key_id'), secret('aws_secret_access_key'), secret('aws_session_token', true)] },
    ],
    [
      'keys with names of their own',
      {
        auth: {
          accessKey: { secretName: 'minio', accessKeyIdKey: 'id', secretAccessKeyKey: 'key', sessionTokenKey: 'token' },
        },
      },
      { keys: [secret('id'), secret('key'), secret('token', true)] },
    ],
    [
      'a web identity, with the default audience and a CA',
      { auth: webIdentity, caBundle: { configMapKeyRef: { name: 'ca' } } },
      {
        keys: [
          {
            ...{ kind: 'ConfigMap', name: 'ca', key: 'ca.crt', field: 'spec.aws.caBundle.configMapKeyRef' },
            bytesMax: 262_144,
          },
        ],
        serviceAccount: { name: 'pipelines', audience: 'sts.amazonaws.com', field: 'spec.aws.auth.webIdentity' },
      },
    ],
    [
      'an audience of its own and a CA in a Secret',
      {
        auth: { webIdentity: { serviceAccountName: 'pipelines', audience: 'minio' } },
        caBundle: { secretKeyRef: { name: 'ca', key: 'root.pem' } },
      },
      {
        keys: [
          {
            ...{ kind: 'Secret', name: 'ca', key: 'root.pem', field: 'spec.aws.caBundle.secretKeyRef' },
            bytesMax: 262_144,
          },
        ],
        serviceAccount: { name: 'pipelines', audience: 'minio', field: 'spec.aws.auth.webIdentity' },
      },
    ],
  ]
  cases.push([
    "the operator's own identity",
    { auth: implicit, assumeRoles: [{ roleArn: ROLE }] },
    { keys: [], operatorIdentity: { field: 'spec.aws.auth.implicit' } },
  ])
  for (const [name, aws, expected] of cases) {
    test(`references of a connector: ${name}`, () => assert.deepEqual(references(spec(aws)), expected))
  }
})

describe('identity', () => {
  test('an identity on AWS has defaults for what the spec leaves open', () => {
    const { region, s3, sts, addressingStyle, sessionDurationMs, connector, caPem } = made()
    assert.deepEqual(
      { region, s3, sts, addressingStyle, sessionDurationMs, connector, caPem },
      {
        region: 'us-east-1',
        s3: { host: 's3.us-east-1.amazonaws.com', field: 'spec.aws.region' },
        sts: { host: 'sts.us-east-1.amazonaws.com', field: 'spec.aws.region' },
        addressingStyle: 'virtual',
        sessionDurationMs: 3_600_000,
        connector: 'ml/minio',
        caPem: undefined,
      },
    )
  })

  test('an endpoint of the connector is also the STS, and takes buckets in the path', () => {
    const { s3, sts, addressingStyle } = made({ endpoint: 'https://minio:9000' })
    const endpoint = { url: 'https://minio:9000', host: 'minio:9000', field: 'spec.aws.endpoint' }
    assert.deepEqual({ s3, sts, addressingStyle }, { s3: endpoint, sts: endpoint, addressingStyle: 'path' })
  })

  test('an identity can have an STS endpoint of its own', () => {
    const { s3, sts } = made({ endpoint: 'https://s3.example', stsEndpoint: 'https://sts.example' })
    assert.deepEqual([s3.host, sts.host, sts.field], ['s3.example', 'sts.example', 'spec.aws.stsEndpoint'])
  })

  test('keys of a Secret are trimmed', () => {
    const { auth } = made(
      {},
      resolved({ aws_access_key_id: ' AKIA\n', aws_secret_access_key: 'hush\r\n', aws_session_token: 'token\n' }),
    )
    assert.ok(auth.kind === 'accessKey')
    assert.deepEqual(auth.key(), { accessKeyId: 'AKIA', secretAccessKey: 'hush', sessionToken: 'token' })
    assert.equal(auth.temporary, true)
  })

  test('the role is that of the ServiceAccount’s annotation, unless the spec names one', () => {
    const annotated = resolved({}, { 'eks.amazonaws.com/role-arn': ROLE })
    const other = 'arn:minio:iam:::role/x'
    const { auth } = made({ auth: webIdentity }, annotated)
    const { auth: named } = made(
      { auth: { webIdentity: { serviceAccountName: 'pipelines', roleArn: other } } },
      annotated,
    )
    assert.ok(auth.kind === 'webIdentity' && named.kind === 'webIdentity')
    assert.deepEqual([auth.roleArn, auth.subject], [ROLE, 'system:serviceaccount:ml:pipelines'])
    assert.equal(named.roleArn, other)
  })

  test('a connector that can issue nothing has an identity all the same', () => {
    const { auth } = made({}, resolved({ aws_session_token: 'token' }))
    assert.ok(auth.kind === 'accessKey' && auth.temporary)
    assert.equal(made({ auth: implicit }).auth.kind, 'implicit')
  })

  test('an identity says what people must know of its credentials', () => {
    const { maxDuration, cautions } = made({ auth: implicit, assumeRoles: [{ roleArn: ROLE }] })
    assert.deepEqual([maxDuration?.ms, cautions], [3_600_000, []])
    assert.match(made({ issue: 'Static' }).cautions.join(), /^spec\.aws\.issue: Static copies the key itself/)
  })

  test('an identity in another region has the endpoint of that region', () => {
    const other = inRegion(made({ useDualstackEndpoint: true }), 'eu-west-1')
    assert.deepEqual([other.region, other.s3.host], ['eu-west-1', 's3.dualstack.eu-west-1.amazonaws.com'])
    assert.equal(other.sts.host, 'sts.us-east-1.api.aws')
    const { s3 } = inRegion(made({ endpoint: 'https://minio:9000' }), 'eu-west-1')
    assert.equal(s3.host, 'minio:9000')
  })

  test('a printed identity shows no secret', () => {
    const printed = inspect(made({}, resolved({ aws_session_token: 'secret-token' })), { depth: 10, showHidden: true })
    assert.doesNotMatch(printed + JSON.stringify(made()), /hush|secret-token|AKIA/)
  })

  const failures: [name: string, aws: Partial<Aws>, from: Resolved, reason: string, message: RegExp][] = [
    [
      'white space inside a key',
      {},
      resolved({ aws_secret_access_key: 'hush hush' }),
      'InvalidCredentials',
      /key "aws_secret_access_key" of Secret "ml\/minio"/,
    ],
    [
      'a line break inside a key',
      {},
      resolved({ aws_access_key_id: 'AKIA\nAKIA' }),
      'InvalidCredentials',
      /key "aws_access_key_id"/,
    ],
    ['a key of white space', {}, resolved({ aws_access_key_id: ' \n' }), 'InvalidCredentials', /is blank/],
    [
      'there is no role',
      { auth: webIdentity },
      resolved(),
      'RoleNotSet',
      /set roleArn, or annotate ServiceAccount "ml\/pipelines" with eks\.amazonaws\.com\/role-arn/,
    ],
    [
      'an annotation that is no role',
      { auth: webIdentity },
      resolved({}, { 'eks.amazonaws.com/role-arn': 'ml' }),
      'InvalidRoleArn',
      /ServiceAccount "ml\/pipelines"/,
    ],
    [
      'the endpoint is the metadata service',
      { endpoint: 'http://169.254.169.254' },
      resolved(),
      'EndpointRefused',
      /^spec\.aws\.endpoint: 169\.254\.169\.254 is a link-local/,
    ],
    [
      'the STS endpoint is the metadata service',
      { stsEndpoint: 'http://[fd00:ec2::254]' },
      resolved(),
      'EndpointRefused',
      /^spec\.aws\.stsEndpoint: fd00:ec2::254/,
    ],
    ['an issue that can’t be', { issue: 'AssumeRole' }, resolved(), 'RoleNotSet', /^spec\.aws\.issue: AssumeRole/],
    [
      'FIPS endpoints in China',
      { region: 'cn-north-1', useFipsEndpoint: true },
      resolved(),
      'EndpointUnavailable',
      /^spec\.aws\.useFipsEndpoint: AWS has no FIPS endpoints in region "cn-north-1": remove it/,
    ],
  ]
  const bundles: [name: string, pem: string, message: RegExp][] = [
    ['nothing', 'nonsense', /no PEM certificate/],
    [
      'a certificate that is none',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      /certificate 1 of 1 can't be read/,
    ],
    [
      'a good one and a broken one',
      `${CA}${CA.replace(/\n[A-Za-z0-9+/=]+\n-----END/, '\n-----END')}`,
      /certificate 2 of 2 can't be read/,
    ],
    ['a private key', `${CA}-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`, /contains a private key/],
  ]
  for (const [name, pem, message] of bundles) {
    failures.push([
      `CA bundle: ${name}`,
      { caBundle: { secretKeyRef: { name: 'ca' } } },
      resolved({ 'ca.crt': pem }),
      'InvalidCABundle',
      message,
    ])
  }
  for (const [name, aws, from, reason, message] of failures) {
    test(`an identity is refused: ${name}`, () => {
      const result = identity(spec(aws), from)
      assert.ok(isFailure(result))
      assert.deepEqual([result.intent, result.reason], ['stalled', reason])
      assert.match(result.message, message)
      assert.doesNotMatch(result.message, /hush|AKIA/)
    })
  }

  test('the fingerprint changes with everything a session is made of', () => {
    const variants: [aws: Partial<Aws>, from: Resolved][] = [
      [{}, resolved()],
      [{}, resolved({ aws_access_key_id: 'AKIAOTHER' })],
      [{}, resolved({ aws_secret_access_key: 'rotated' })],
      [{}, resolved({ aws_session_token: 'token' })],
      [{}, { ...resolved(), connector: { namespace: 'ml', name: 'other', uid: 'uid' } }],
      [{ region: 'eu-west-1' }, resolved()],
      [{ endpoint: 'https://minio:9000' }, resolved()],
      [{ stsEndpoint: 'https://minio:9000' }, resolved()],
      [{ addressingStyle: 'Path' }, resolved()],
      [{ useDualstackEndpoint: true }, resolved()],
      [{ useFipsEndpoint: true }, resolved()],
      [{ issue: 'Static' }, resolved()],
      [{ issue: 'SessionToken' }, resolved()],
      [{ assumeRoles: [{ roleArn: ROLE }] }, resolved()],
      [{ assumeRoles: [{ roleArn: ROLE, externalId: 'x1' }] }, resolved()],
      [{ assumeRoles: [{ roleArn: ROLE, sessionName: 'x1' }] }, resolved()],
      [{ assumeRoles: [{ roleArn: ROLE, sourceIdentity: 'x1' }] }, resolved()],
      [{ assumeRoles: [{ roleArn: ROLE, tags: { a: 'x1' } }] }, resolved()],
      [{ assumeRoles: [{ roleArn: ROLE }, { roleArn: ROLE }] }, resolved()],
      [{ auth: implicit }, resolved()],
      [{ caBundle: { secretKeyRef: { name: 'ca' } } }, resolved()],
      [{ auth: webIdentity }, resolved({}, { 'eks.amazonaws.com/role-arn': ROLE })],
      [{ auth: webIdentity }, resolved({}, { 'eks.amazonaws.com/role-arn': `${ROLE}2` })],
      [{ auth: { webIdentity: { serviceAccountName: 'pipelines', roleArn: ROLE, audience: 'other' } } }, resolved()],
    ]
    const fingerprints = variants.map(([aws, from]) => made(aws, from).fingerprint)
    assert.equal(new Set(fingerprints).size, variants.length)
    assert.equal(made().fingerprint, fingerprints[0])
  })
})
