/** What a connector may do with the operator's own identity: `auth.implicit`. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { LOAN } from '../../../../test/support/objects.ts'
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { isFailure } from '../../../api/failures.ts'
import { parseServiceConnectorSpec } from '../../../api/service-connector.ts'
import type { OperatorIdentityLoan, Resolved } from '../../provider.ts'
import { identity, references, type S3Identity } from './identity.ts'

const ROLE = 'arn:aws:iam::123456789012:role/ml'
const OTHER = 'arn:aws:iam::210987654321:role/theirs'
const caBundle: AwsSpec['caBundle'] = { configMapKeyRef: { name: 'ca' } }

const resolved = (loan: Partial<OperatorIdentityLoan> = {}, namespace = 'ml'): Resolved => ({
  connector: { namespace, name: 'platform', uid: 'uid' },
  value: () => undefined,
  operatorIdentity: { ...LOAN, ...loan },
})
const ask = (aws: Partial<AwsSpec>, ...from: Parameters<typeof resolved>) =>
  identity({ aws: { auth: { implicit: {} }, ...aws } }, resolved(...from))
function made(...asked: Parameters<typeof ask>): S3Identity {
  const found = ask(...asked)
  assert.ok(!isFailure(found), JSON.stringify(found))
  return found
}

describe("where the operator's own identity of AWS may be taken", () => {
  const listed = { endpoints: ['minio.minio.svc', '.corp.example'] }
  const NOT_LISTED = /may not get tokens of the operator's own identity: .* --implicit-auth-endpoints$/
  const cases: [name: string, aws: Partial<AwsSpec>, refused?: [reason: string, message: RegExp]][] = [
    ['the region', {}],
    ['an endpoint of S3', { endpoint: 'https://s3.eu-west-1.amazonaws.com' }],
    ['an interface endpoint', { endpoint: 'https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com' }],
    ['an endpoint of STS', { stsEndpoint: 'https://sts.eu-west-1.amazonaws.com' }],
    ['a listed host', { endpoint: 'https://minio.minio.svc:9000' }],
    ['a host with a listed suffix', { endpoint: 'https://s3.corp.example' }],
    [
      'a host that is not listed',
      { endpoint: 'https://evil.example' },
      ['ImplicitAuthNotAllowed', /^spec\.aws\.endpoint: "evil\.example" may not get tokens/],
    ],
    ['an STS that is not listed', { stsEndpoint: 'https://evil.example' }, ['ImplicitAuthNotAllowed', NOT_LISTED]],
    [
      'an STS that is not listed beside an endpoint that is',
      { endpoint: 'https://minio.minio.svc:9000', stsEndpoint: 'https://evil.example' },
      ['ImplicitAuthNotAllowed', /^spec\.aws\.stsEndpoint: /],
    ],
    [
      'an API of somebody at AWS',
      { endpoint: 'https://a1.execute-api.eu-west-1.amazonaws.com' },
      ['ImplicitAuthNotAllowed', NOT_LISTED],
    ],
    ['what is no URL', { endpoint: 'https://minio:99999' }, ['EndpointRefused', /^spec\.aws\.endpoint: not a URL/]],
    ['an address', { endpoint: 'https://[fd00::1]:9000' }, ['ImplicitAuthNotAllowed', /"fd00::1"/]],
    [
      'a listed host over http',
      { endpoint: 'http://minio.minio.svc:9000' },
      ['InsecureEndpoint', /^spec\.aws\.endpoint: tokens .* not sent over http: use an https URL$/],
    ],
    ['S3 over http', { endpoint: 'http://s3.eu-west-1.amazonaws.com' }, ['InsecureEndpoint', /not sent over http/]],
    [
      'a listed host that a CA of the connector vouches for',
      { endpoint: 'https://minio.minio.svc:9000', caBundle },
      ['ImplicitAuthNotAllowed', /^spec\.aws\.caBundle: .* remove it, or .* NODE_EXTRA_CA_CERTS$/],
    ],
    ['the region with a CA of the connector', { caBundle }, ['ImplicitAuthNotAllowed', /^spec\.aws\.caBundle/]],
  ]
  for (const [name, aws, refused] of cases) {
    test(`the operator's own identity of AWS is ${refused ? 'not ' : ''}taken to ${name}`, () => {
      const found = ask(aws, listed)
      assert.equal(isFailure(found) ? found.reason : 'allowed', refused?.[0] ?? 'allowed')
      if (isFailure(found) && refused) assert.match(found.message, refused[1])
      if (isFailure(found)) assert.equal(found.intent, 'stalled')
    })
  }

  test('without a list, no other endpoint gets it, and the CA of a connector is not even read', () => {
    assert.ok(isFailure(ask({ endpoint: 'https://minio.minio.svc:9000' })))
    assert.deepEqual(references({ aws: { auth: { implicit: {} }, caBundle } }).keys, [])
  })

  test('other identities of a connector may go where the list of the operator does not', () => {
    const auth = { accessKey: { secretName: 'keys' } }
    const value: Resolved['value'] = ({ key }) => (key.includes('session') ? undefined : 'key')
    const found = identity({ aws: { auth, endpoint: 'http://minio' } }, { ...resolved(), value })
    assert.ok(!isFailure(found))
  })
})

describe("what the operator's own identity tells a role", () => {
  const chain = {
    assumeRoles: [
      { roleArn: ROLE, tags: { team: 'ml' } },
      { roleArn: OTHER, externalId: 'theirs' },
    ],
  }

  test('the first role gets an external id that names cluster, namespace and connector, later ones that of the spec', () => {
    const externalId = 'artifactstore.dev/cluster-uid/ml/platform'
    assert.deepEqual(made(chain).assumeRoles, [
      { roleArn: ROLE, tags: { team: 'ml' }, externalId },
      chain.assumeRoles[1],
    ])
  })

  test('connectors of two namespaces or clusters tell it apart, and are two identities', () => {
    const all = [made(chain), made(chain, {}, 'platform'), made(chain, { cluster: 'another' })]
    assert.equal(new Set(all.map(({ assumeRoles }) => assumeRoles?.[0]?.externalId)).size, 3)
    assert.equal(new Set(all.map(({ fingerprint }) => fingerprint)).size, 3)
  })

  test('an external id is one that AWS takes, also for the longest names', () => {
    const names = { namespace: 'n'.repeat(63), name: 'c'.repeat(253), uid: 'u' }
    const from = { ...resolved({ cluster: '0b9e8a5a-6d3f-4d5e-9a43-3c0f9f0c2b11' }), connector: names }
    const found = identity({ aws: { auth: { implicit: {} }, ...chain } }, from)
    assert.ok(!isFailure(found))
    assert.match(found.assumeRoles?.[0]?.externalId ?? '', /^[\w+=,.@:/-]{2,1224}$/)
  })

  test('no role is assumed before the cluster is known', () => {
    const found = ask(chain, { cluster: undefined })
    assert.ok(isFailure(found))
    assert.deepEqual([found.intent, found.reason], ['transient', 'ClusterUnknown'])
    assert.ok(!isFailure(ask({}, { cluster: undefined })))
  })

  const forged: [name: string, assumeRoles: NonNullable<AwsSpec['assumeRoles']>, message: RegExp][] = [
    [
      'an external id',
      [{ roleArn: ROLE, externalId: 'mine' }],
      /remove its externalId, sessionName and sourceIdentity/,
    ],
    ['a session name', [{ roleArn: ROLE, sessionName: 'platform-x' }], /remove its externalId/],
    ['a source identity', [{ roleArn: ROLE, sourceIdentity: 'platform' }], /remove its externalId/],
    [
      "the operator's external id for a later role",
      [{ roleArn: ROLE }, { roleArn: OTHER, externalId: 'artifactstore.dev/cluster-uid/platform/x' }],
      /externalId can't begin with artifactstore\.dev\//,
    ],
    [
      "a tag of the operator's",
      [{ roleArn: ROLE, tags: { 'artifactstore.dev/namespace': 'platform' } }],
      /tags can't have keys that begin with artifactstore\.dev\//,
    ],
  ]
  for (const [name, assumeRoles, message] of forged) {
    test(`a spec can't say to the first role who asks: ${name}`, () => {
      const found = parseServiceConnectorSpec({ aws: { auth: { implicit: {} }, assumeRoles } })
      assert.ok(isFailure(found))
      assert.match(found.message, message)
    })
  }

  test("no other identity may send the operator's external id either", () => {
    const assumeRoles = [{ roleArn: ROLE, externalId: 'artifactstore.dev/cluster-uid/platform/x' }]
    assert.ok(isFailure(parseServiceConnectorSpec({ aws: { auth: { accessKey: { secretName: 'k' } }, assumeRoles } })))
  })

  test('later roles may get what their trust policies ask for', () => {
    const later = { roleArn: OTHER, externalId: 'theirs', sessionName: 'artifacts', sourceIdentity: 'ml' }
    const spec = { aws: { auth: { implicit: {} }, assumeRoles: [{ roleArn: ROLE, tags: { team: 'ml' } }, later] } }
    assert.ok(!isFailure(parseServiceConnectorSpec(spec)))
  })
})
