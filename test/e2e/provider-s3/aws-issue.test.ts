/** How credentials for consumers are issued at AWS, and how far they reach. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Access } from '../../../src/providers/provider.ts'
import { ACCOUNT, type Key, may, OTHER_ACCOUNT } from '../../cluster/moto-admin.ts'
import {
  type AwsLab,
  attempts,
  granted,
  ISSUER,
  startAwsLab,
  userArn,
  type Who,
  webIdentity,
  whoHas,
  withBoto3,
} from './aws-lab.ts'
import type { AwsSpec } from './lab.ts'

const HOUR = 3_600_000
const READ_WRITE = { put: 200, get: 200, list: 200, remove: 204 }
const OUTSIDE = { put: 403, get: 403, list: 403, remove: 403 }

describe('credentials made at AWS', () => {
  let lab: AwsLab
  let alice: Key
  let chain: NonNullable<AwsSpec['assumeRoles']>

  before(async () => {
    lab = await startAwsLab()
    const { admin } = lab
    await admin.createBucket('data')
    await admin.createBucket('theirs', { account: OTHER_ACCOUNT })
    for (const key of ['prod/x', 'prod2/x', 'x']) await admin.putObject('data', key, 'x')
    alice = await admin.createUser('alice', [may('s3:*', 'arn:aws:s3:::*'), may('sts:*')])
    const first = await admin.createRole('first', {
      trust: [
        {
          Principal: { AWS: userArn('alice') },
          Condition: { StringEquals: { 'sts:ExternalId': 'external/1' } },
        },
      ],
      may: [may('s3:*'), may('sts:*')],
    })
    const second = await admin.createRole('second', {
      trust: [{ Principal: { AWS: first } }],
      may: [may('s3:*')],
      account: OTHER_ACCOUNT,
    })
    chain = [
      {
        roleArn: first,
        externalId: 'external/1',
        sessionName: 'artifacts',
        sourceIdentity: 'pipelines',
        tags: { team: 'ml', stage: 'prod' },
      },
      { roleArn: second },
    ]
    await admin.createIssuer(ISSUER, 'sts.amazonaws.com')
    await admin.createRole('web', {
      trust: [
        {
          Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.test/id/1` },
          Condition: { StringEquals: { 'oidc.test/id/1:sub': 'system:serviceaccount:ml:runner' } },
        },
      ],
      may: [may('s3:*')],
    })
  })
  after(() => lab.stop())

  /** The request for the session that these credentials belong to. */
  const asked = async (accessKeyId: string) =>
    (await lab.admin.sessions()).find(session => session.accessKeyId === accessKeyId)

  const ways: {
    name: string
    who?: Who
    aws: () => Partial<AwsSpec>
    arn: string
    operation: string
    /** The ARN or subject of the caller. */
    by: string
    narrowed: boolean
  }[] = [
    {
      name: 'by an access key, as FederationToken by default,',
      aws: () => ({}),
      arn: `arn:aws:sts::${ACCOUNT}:federated-user/`,
      operation: 'GetFederationToken',
      by: userArn('alice'),
      narrowed: true,
    },
    {
      name: 'as SessionToken',
      aws: () => ({ issue: 'SessionToken' }),
      arn: userArn('alice'),
      operation: 'GetSessionToken',
      by: userArn('alice'),
      narrowed: false,
    },
    {
      name: 'by one role',
      aws: () => ({ assumeRoles: chain.slice(0, 1) }),
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/first/artifacts`,
      operation: 'AssumeRole',
      by: userArn('alice'),
      narrowed: true,
    },
    {
      name: 'by a web identity',
      who: { subject: 'runner' },
      aws: () => webIdentity(`arn:aws:iam::${ACCOUNT}:role/web`),
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/web/`,
      operation: 'AssumeRoleWithWebIdentity',
      by: 'system:serviceaccount:ml:runner',
      narrowed: true,
    },
  ]
  for (const { name, who, aws, arn, operation, by, narrowed } of ways) {
    test(`${name} reach ${narrowed ? 'no further than the prefix' : 'as far as their user'}`, async () => {
      const session = await lab.session(who ?? alice, aws())
      const { material, issuedAt, expiresAt } = await granted(session)
      assert.ok(material.sessionToken)
      assert.equal(material.endpoint, undefined)
      const lifetime = (expiresAt?.getTime() ?? 0) - issuedAt.getTime()
      assert.ok(Math.abs(lifetime - 20 * 60_000) < 5_000, `lives ${lifetime} ms`)

      assert.ok((await whoHas(material))?.startsWith(arn), await whoHas(material))
      const request = await asked(material.accessKeyId)
      assert.deepEqual([request?.operation, request?.by], [operation, by])
      assert.equal(request?.Policy !== undefined, narrowed)

      assert.deepEqual(await attempts(material, 'prod/x'), READ_WRITE)
      assert.deepEqual(await attempts(material, 'prod2/x'), narrowed ? OUTSIDE : READ_WRITE)
      assert.equal(await withBoto3(material, 'prod/boto3'), 'by boto3')
      session.close()
    })
  }

  test('by a chain are asked for with the external id, source identity and tags of its steps', async () => {
    const session = await lab.session(alice, { assumeRoles: chain })
    const { arn = '' } = session.caller
    session.close()
    assert.match(arn, new RegExp(`^arn:aws:sts::${OTHER_ACCOUNT}:assumed-role/second/`))
    const opened = await lab.admin.sessions()
    const first = opened.find(({ SourceIdentity }) => SourceIdentity === 'pipelines')
    assert.partialDeepStrictEqual(first, {
      by: userArn('alice'),
      RoleSessionName: 'artifacts',
      ExternalId: 'external/1',
      Tags: { team: 'ml', stage: 'prod' },
    })
    const second = opened.find(known => known.arn === arn)
    assert.equal(second?.by, `arn:aws:sts::${ACCOUNT}:assumed-role/first/artifacts`)
  })

  test('by a chain of two reach the buckets of another account, for an hour at most', async () => {
    const session = await lab.session(alice, { assumeRoles: chain })
    const { material, issuedAt, expiresAt } = await granted(session, {
      location: { bucket: 'theirs', prefix: 'prod/', uri: 's3://theirs/prod' },
      durationMs: HOUR,
    })
    assert.ok(Math.abs((expiresAt?.getTime() ?? 0) - issuedAt.getTime() - HOUR) < 5_000)
    assert.deepEqual(await attempts(material, 'prod/x'), READ_WRITE)
    assert.deepEqual(await attempts(material, 'prod2/x'), OUTSIDE)
    const { by } = (await asked(material.accessKeyId)) ?? {}
    assert.equal(by, `arn:aws:sts::${ACCOUNT}:assumed-role/first/artifacts`)
    session.close()
  })

  test('as Static are a copy of the key', async () => {
    const session = await lab.session(alice, { issue: 'Static' })
    const { material, expiresAt } = await granted(session)
    assert.deepEqual(
      [material.accessKeyId, material.secretAccessKey, material.sessionToken, expiresAt],
      [alice.accessKeyId, alice.secretAccessKey, undefined, undefined],
    )
    assert.equal(await withBoto3(material, 'prod/boto3'), 'by boto3')
    session.close()
  })

  test('for a store with a long name are of a federated user whose name it fits into', async () => {
    const session = await lab.session(alice)
    const sessionName = `${'namespace-with-a-long-name'}.${'store-with-a-long-name'}.step`
    const { material } = await granted(session, { sessionName })
    const name = (await whoHas(material))?.split('/')[1] ?? ''
    assert.match(name, /^[\w+=,.@-]{2,32}$/)
    session.close()
  })

  const accesses: Record<Access, object> = {
    ReadWrite: READ_WRITE,
    ReadOnly: { put: 403, get: 200, list: 200, remove: 403 },
    WriteOnly: { put: 200, get: 403, list: 403, remove: 403 },
  }
  for (const [access, expected] of Object.entries(accesses) as [Access, object][]) {
    test(`for ${access} as FederationToken do nothing else`, async () => {
      const session = await lab.session(alice)
      const { material } = await granted(session, { access })
      assert.deepEqual(await attempts(material, 'prod/x'), expected)
      assert.deepEqual(await attempts(material, 'x'), OUTSIDE)
      session.close()
    })
  }
})
