import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { type ConnectorAsks, type Grant, grantsOf } from './grants.ts'
import { MAX_MANAGED, sizeOf } from './policy-size.ts'
import type { Statement } from './statements.ts'

const BASE = 'arn:aws:iam::111111111111:role/teams/ml/artifacts'
const NEXT = 'arn:aws:iam::222222222222:role/data'
const webIdentity: AwsSpec['auth'] = { webIdentity: { serviceAccountName: 'runner' } }

const asks = (aws: Partial<AwsSpec> = {}, change: Partial<ConnectorAsks> = {}): ConnectorAsks => ({
  aws: { auth: webIdentity, ...aws },
  ...{
    namespace: 'ml',
    name: 'aws',
    policy: 'artifact-store-ml.models',
    issuer: 'https://oidc.test/id/1',
    cluster: 'uid-1',
  },
  base: BASE,
  stores: [{ location: { bucket: 'models', prefix: '' }, uses: [{ access: 'ReadOnly', formats: ['Env'] }] }],
  ...change,
})

const titles = (given: ConnectorAsks) =>
  grantsOf(given).map(grant => {
    const of =
      'holder' in grant
        ? grant.holder.arn
        : grant.kind === 'key'
          ? grant.key
          : grant.kind === 'bucket'
            ? grant.bucket
            : grant.issuer
    return `${grant.kind} ${of}`
  })
const find = <K extends Grant['kind']>(given: ConnectorAsks, kind: K) =>
  grantsOf(given).filter((grant): grant is Grant & { kind: K } => grant.kind === kind)
const statementsIn = (grant: { statements: { statement: Statement }[] } | undefined) =>
  grant?.statements.map(({ statement }) => statement)

describe('grants for a connector', () => {
  test('of a ServiceAccount are its issuer, the trust in its tokens, and the rights of its role', () => {
    const given = asks()
    assert.deepEqual(titles(given), [`issuer https://oidc.test/id/1`, `trust ${BASE}`, `identity ${BASE}`])
    assert.deepEqual(statementsIn(find(given, 'trust')[0]), [
      {
        Effect: 'Allow',
        Principal: { Federated: 'arn:aws:iam::111111111111:oidc-provider/oidc.test/id/1' },
        Action: ['sts:AssumeRoleWithWebIdentity'],
        Condition: {
          StringEquals: {
            'oidc.test/id/1:sub': 'system:serviceaccount:ml:runner',
            'oidc.test/id/1:aud': 'sts.amazonaws.com',
          },
        },
      },
    ])
    const [{ holder, name } = {}] = find(given, 'identity')
    assert.deepEqual(holder, {
      ...{ kind: 'role', arn: BASE, account: '111111111111', name: 'artifacts', path: '/teams/ml/' },
    })
    assert.equal(name, 'artifact-store-ml.models')
  })

  test('of a chain are the trust and the right of each step, and the rights on buckets of the last role', () => {
    const step = { roleArn: NEXT, externalId: 'x-1', tags: { team: 'ml' }, sourceIdentity: 'op' }
    const given = asks({ assumeRoles: [step] })
    assert.deepEqual(titles(given), [
      // All of one account together, so that its administrator is asked once.
      ...['issuer https://oidc.test/id/1', `trust ${BASE}`, `identity ${BASE}`],
      ...[`trust ${NEXT}`, `identity ${NEXT}`],
    ])
    const Action = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']
    assert.deepEqual(statementsIn(find(given, 'trust')[1]), [
      {
        ...{ Effect: 'Allow', Principal: { AWS: BASE }, Action },
        Condition: { StringEquals: { 'sts:ExternalId': 'x-1' } },
      },
    ])
    assert.deepEqual(statementsIn(find(given, 'identity')[0]), [{ Effect: 'Allow', Action, Resource: NEXT }])
  })

  test('of the steps after one with a source identity allow it, too, as it stays with the sessions', () => {
    const last = 'arn:aws:iam::333333333333:role/last'
    const given = asks({ assumeRoles: [{ roleArn: NEXT, sourceIdentity: 'op' }, { roleArn: last }] })
    const Action = ['sts:AssumeRole', 'sts:SetSourceIdentity']
    assert.deepEqual(statementsIn(find(given, 'trust')[2]), [{ Effect: 'Allow', Principal: { AWS: NEXT }, Action }])
    const [right] = statementsIn(find(given, 'identity')[1]) ?? []
    assert.deepEqual(right, { Effect: 'Allow', Action, Resource: last })
  })

  test("of the operator's own identity ask for the external id that it sends, and take its tags along", () => {
    const given = asks({ auth: { implicit: {} }, assumeRoles: [{ roleArn: NEXT }] })
    const [trust] = statementsIn(find(given, 'trust')[0]) ?? []
    assert.deepEqual(trust, {
      ...{ Effect: 'Allow', Principal: { AWS: BASE }, Action: ['sts:AssumeRole', 'sts:TagSession'] },
      Condition: { StringEquals: { 'sts:ExternalId': 'artifactstore.dev/uid-1/ml/aws' } },
    })
  })

  const USER = 'arn:aws:iam::111111111111:user/alice'
  const accessKey: AwsSpec['auth'] = { accessKey: { secretName: 'alice' } }
  for (const [what, aws, isFederating] of [
    ['by default', {}, true],
    ['with issue FederationToken', { issue: 'FederationToken' }, true],
    ['with issue Static', { issue: 'Static' }, false],
    ['with a role', { assumeRoles: [{ roleArn: NEXT }] }, false],
    ['at another service than AWS', { endpoint: 'https://minio.test' }, false],
  ] as [string, Partial<AwsSpec>, boolean][]) {
    test(`of a key ${isFederating ? 'allow' : 'do not allow'} sts:GetFederationToken ${what}`, () => {
      const actions = find(asks({ auth: accessKey, ...aws }, { base: USER }), 'identity').flatMap(({ statements }) =>
        statements.flatMap(({ statement }) => statement.Action),
      )
      assert.equal(actions.includes('sts:GetFederationToken'), isFederating)
    })
  }

  test('of a bucket of another account let the role in there, too', () => {
    const given = asks({}, { bucketAccount: '333333333333' })
    const [bucket] = find(given, 'bucket')
    assert.equal(bucket?.account, '333333333333')
    const [{ Sid = '', ...first } = {} as Statement] = statementsIn(bucket) ?? []
    assert.match(Sid, /^ArtifactStore[0-9a-f]{16}$/)
    assert.deepEqual(first, {
      ...{ Effect: 'Allow', Principal: { AWS: BASE }, Action: ['s3:ListBucket'], Resource: 'arn:aws:s3:::models' },
    })
    assert.deepEqual(find(asks({}, { bucketAccount: '111111111111' }), 'bucket'), [])
  })

  for (const [kmsKeyId, isNeeded] of [
    ['arn:aws:kms:us-east-1:333333333333:key/k', true],
    ['arn:aws:kms:us-east-1:111111111111:key/k', false],
    ['alias/k', false],
  ] as const) {
    test(`say that the policy of key ${kmsKeyId} ${isNeeded ? 'must' : 'need not'} name the role`, () => {
      const [store] = asks().stores
      assert.ok(store)
      const [key] = find(asks({}, { stores: [{ ...store, encryption: { type: 'SSE-KMS', kmsKeyId } }] }), 'key')
      assert.equal(key?.isNeeded, isNeeded)
    })
  }

  const stores = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      location: { bucket: `artifacts-of-team-${at}`, prefix: 'models/' },
      uses: [],
    }))
  const [one] = stores(1)
  const rows: [what: string, auth: AwsSpec['auth'], change: Partial<ConnectorAsks>, managed: boolean[]][] = [
    ['of a user for one store is inline', accessKey, { stores: stores(1) }, [false]],
    ['of a user for forty stores is managed', accessKey, { stores: stores(40) }, [true]],
    ['of a user whose other stores have policies, too, is managed', accessKey, { others: stores(9) }, [true]],
    ['of a role for ten stores is inline', webIdentity, { stores: stores(10) }, [false]],
    ['of a role for a hundred stores is managed, in parts', webIdentity, { stores: stores(100) }, [true, true, true]],
  ]
  for (const [what, auth, change, managed] of rows) {
    test(`the policy ${what}, as IAM bounds the length of inline policies`, () => {
      const given = asks(
        { auth },
        { stores: one ? [one] : [], ...change, ...(auth === accessKey ? { base: USER } : {}) },
      )
      const identities = find(given, 'identity')
      assert.deepEqual(
        identities.map(({ isManaged }) => isManaged),
        managed,
      )
      for (const { statements } of identities) assert.ok(sizeOf(statements) <= MAX_MANAGED)
      assert.equal(new Set(identities.map(({ name }) => name)).size, managed.length)
    })
  }

  test('name the region of a key, and that of IAM where it is another than the usual one', () => {
    const [store] = asks().stores
    assert.ok(store)
    const kmsKeyId = 'arn:aws:kms:eu-west-3:333333333333:key/k'
    const given = asks({ region: 'eu-west-1' }, { stores: [{ ...store, encryption: { type: 'SSE-KMS', kmsKeyId } }] })
    assert.deepEqual(
      grantsOf(given).map(({ kind, region }) => [kind, region]),
      [...['issuer', 'trust', 'identity'].map(kind => [kind, undefined]), ['key', 'eu-west-3']],
    )
    const inChina = grantsOf(asks({ region: 'cn-north-1' }))
    assert.deepEqual(new Set(inChina.map(({ region }) => region)), new Set(['cn-north-1']))
  })
})
