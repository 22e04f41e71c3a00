/** What `policy` prints is enough for each store, and nothing of it can be left out without being told. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArtifactStore } from '../../../src/api/artifact-store.ts'
import { isFailure } from '../../../src/api/failures.ts'
import type { ServiceConnectorSpec } from '../../../src/api/service-connector.ts'
import { sheetOf } from '../../../src/cli/policy/sheets.ts'
import type { Session } from '../../../src/providers/provider.ts'
import { ACCOUNT, type Key } from '../../cluster/moto-admin.ts'
import { connector, store } from '../../support/objects.ts'
import { type AwsLab, ISSUER, startAwsLab, webIdentity } from './aws-lab.ts'
import { type Lab, startLab } from './lab.ts'
import { actionsIn, CONSUMERS, type PolicyCase, type Verdict, verdictOn, withoutAction } from './policy-verdict.ts'

const BUCKETS = { plain: false, versioned: true }

/** The statements of the policy for the identity, as they are printed. */
function printed(spec: ServiceConnectorSpec, of: ArtifactStore, status: object = {}): object[] {
  const found = sheetOf({ connector: connector({ spec, status }), stores: [of], store: of, facts: {} }, {})
  assert.ok(found && found.cloud !== 'Azure')
  const [identity] = found.grants.filter(grant => grant.kind === 'identity')
  assert.ok(identity?.kind === 'identity')
  return identity.statements.map(({ statement }) => statement)
}

const storeOf = ({ spec, isVersioned = false }: PolicyCase, bucket: string): ArtifactStore =>
  store(
    { path: `s3://${bucket}/team`, ...spec },
    { status: { bucket: { name: bucket, prefix: 'team/', versioning: isVersioned ? 'Enabled' : 'Disabled' } } },
  )

interface Service {
  /** Opens a session of an identity that may do this and nothing else; its message where it can't be opened. */
  open(statements: object[]): Promise<Session | string>
  spec: ServiceConnectorSpec
  /** What the service allows whoever may do the same without versions. */
  implied?: string[]
}

async function judged(service: Service, of: ArtifactStore, statements: object[]): Promise<Verdict> {
  const session = await service.open(statements)
  if (typeof session === 'string') return { isReady: false, said: [session], denied: [] }
  try {
    return await verdictOn(of, session)
  } finally {
    session.close()
  }
}

/** All is well, and all that is allowed was shown to be. */
function assertWell({ isReady, said, denied }: Verdict, statements: object[]): void {
  const allowed = actionsIn(statements)
  const refused = denied.filter(action => allowed.includes(action))
  assert.deepEqual({ isReady, said, refused }, { isReady: true, said: [], refused: [] })
}

function assertTold({ said, denied }: Verdict, action: string): void {
  const text = [...said, ...denied].join('\n')
  assert.ok(text.includes(action), `without ${action}: ${text}`)
}

async function proven(service: Service, of: ArtifactStore): Promise<void> {
  const statements = printed(service.spec, of)
  assertWell(await judged(service, of, statements), statements)
  for (const action of actionsIn(statements)) {
    const verdict = await judged(service, of, withoutAction(statements, action))
    if (service.implied?.includes(action)) assertWell(verdict, statements)
    else assertTold(verdict, action)
  }
}

/** Cases with the same policy are one. */
function distinct(spec: ServiceConnectorSpec, cases: readonly PolicyCase[]) {
  const groups = Map.groupBy(cases, one => JSON.stringify(printed(spec, storeOf(one, bucketOf(one)))))
  return [...groups.values()].flatMap(group => {
    const [first] = group
    return first ? [{ ...first, what: `${first.what}${group.length > 1 ? `, and ${group.length - 1} more` : ''}` }] : []
  })
}

const bucketOf = ({ isVersioned = false }: PolicyCase): string => (isVersioned ? 'versioned' : 'plain')

const ANY = { credentials: [{ name: 'step', formats: ['Env' as const] }] }
const REQUIRED = ['s3:GetBucketLocation', 's3:ListAllMyBuckets', 's3:ListMultipartUploadParts', 's3:GetObjectVersion']

describe('at AWS, what is printed is enough, and what is left out of it is told', () => {
  const spec: ServiceConnectorSpec = { aws: { auth: { accessKey: { secretName: 'keys' } } } }
  let lab: AwsLab
  let user: Key
  let service: Service
  before(async () => {
    lab = await startAwsLab()
    for (const [bucket, versioning] of Object.entries(BUCKETS)) await lab.admin.createBucket(bucket, { versioning })
    user = await lab.admin.createUser('printed', [])
    service = {
      spec,
      async open(statements) {
        await lab.admin.setUserPolicy('printed', statements)
        const session = await lab.open(user)
        return isFailure(session) ? session.message : session
      },
    }
  })
  after(() => lab.stop())

  for (const one of distinct(spec, CONSUMERS)) {
    test(`for ${one.what}`, () => proven(service, storeOf(one, bucketOf(one))))
  }

  const others: PolicyCase[] = [
    { what: 'a store without consumers', spec: {} },
    { what: 'permissions that are required by name', spec: { ...ANY, verification: { require: REQUIRED } } },
    {
      what: 'usage by listing',
      spec: { credentials: [{ name: 'w', access: 'WriteOnly', formats: ['Env'] }], usage: { source: 'List' } },
    },
    { what: 'usage by CloudWatch', spec: { ...ANY, usage: { source: 'CloudWatch' } } },
    { what: 'a lifecycle rule', spec: { ...ANY, bucket: { expirationDays: 30 } } },
    { what: 'an ACL', spec: { ...ANY, clientOptions: { acl: 'bucket-owner-full-control' } } },
  ]
  for (const one of others) test(`for ${one.what}`, () => proven(service, storeOf(one, bucketOf(one))))

  test('for a bucket that is created, with versions', async () => {
    const setup = { create: true, versioning: 'Enabled' as const }
    const of = (name: string) => store({ path: `s3://${name}/team`, ...ANY, bucket: setup })
    const statements = (name: string) => printed(spec, of(name))
    assertWell(await judged(service, of('made'), statements('made')), statements('made'))
    for (const [at, action] of actionsIn(statements('made')).entries()) {
      const name = `made-${at}`
      assertTold(await judged(service, of(name), withoutAction(statements(name), action)), action)
    }
  })

  for (const how of ['its ARN', 'an alias']) {
    test(`for a KMS key by ${how}`, async () => {
      const alias = `alias/by-${how.replaceAll(' ', '-')}`
      const arn = await lab.admin.createKey({ alias })
      const kmsKeyId = how === 'an alias' ? alias : arn
      const one = { what: '', spec: { ...ANY, encryption: { type: 'SSE-KMS' as const, kmsKeyId } } }
      // The account of a user is in its ARN.
      const status = { identity: { arn: `arn:aws:iam::${ACCOUNT}:user/printed` } }
      const of = storeOf(one, 'plain')
      const statements = printed(spec, of, status)
      assertWell(await judged(service, of, statements), statements)
      for (const action of ['kms:GenerateDataKey', 'kms:Decrypt']) {
        const verdict = await judged(service, of, withoutAction(statements, action))
        assert.equal(verdict.isReady, false)
        assertTold(verdict, action)
      }
    })
  }
})

describe('at AWS, what is printed for a chain of roles is enough, and what is left out of it is told', () => {
  const PATH = 's3://chained/team'
  const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`
  let lab: AwsLab
  before(async () => {
    lab = await startAwsLab()
    await lab.admin.createBucket('chained')
    await lab.admin.createIssuer(ISSUER, 'sts.amazonaws.com')
  })
  after(() => lab.stop())

  /** Sets up all that is printed but for one action of one grant, in roles of their own, and says what comes of it. */
  async function tried(run: string, leftOut?: { grant: number; action: string }) {
    const aws = {
      ...webIdentity(arn(`${run}-1`)),
      assumeRoles: [{ roleArn: arn(`${run}-2`), externalId: 'x-1', sourceIdentity: 'op', tags: { team: 'ml' } }],
    }
    const spec = { aws: { auth: { accessKey: { secretName: 'keys' } }, ...aws } }
    const of = store({ path: PATH, ...ANY })
    const asked = { connector: connector({ spec }), stores: [of], store: of, facts: { issuer: ISSUER } }
    const found = sheetOf(asked, {})
    assert.ok(found && found.cloud !== 'Azure')
    const trusts = new Map<string, object[]>()
    const rights = new Map<string, object[]>()
    const actions: { grant: number; action: string }[] = []
    for (const [grant, one] of found.grants.entries()) {
      if (one.kind !== 'trust' && one.kind !== 'identity') continue
      const all = one.statements.map(({ statement }) => statement)
      if (one.kind === 'trust' || one.holder.name.endsWith('-1'))
        actions.push(...actionsIn(all).map(action => ({ grant, action })))
      const kept = leftOut?.grant === grant ? withoutAction(all, leftOut.action) : all
      const into = one.kind === 'trust' ? trusts : rights
      into.set(one.holder.name, kept)
    }
    for (const [name, trust] of trusts) await lab.admin.createRole(name, { trust, may: rights.get(name) ?? [] })
    const session = await lab.open({ subject: 'runner' }, aws)
    if (isFailure(session)) return { actions, isReady: false, said: [session.message], denied: [] }
    const verdict = await verdictOn(of, session)
    session.close()
    return { actions, ...verdict }
  }

  test('with tokens, an external id, tags and a source identity', async () => {
    const { actions, ...whole } = await tried('whole')
    assertWell(whole, [])
    assert.ok(actions.length >= 7)
    for (const [at, leftOut] of actions.entries()) {
      const verdict = await tried(`run${at}`, leftOut)
      assert.equal(verdict.isReady, false)
      assertTold(verdict, leftOut.action)
    }
  })
})

describe('at MinIO, what is printed is enough, and what is left out of it is told', () => {
  const spec: ServiceConnectorSpec = {
    aws: {
      endpoint: 'https://minio.test',
      auth: { webIdentity: { serviceAccountName: 'runner', roleArn: 'arn:minio:iam:::role/x' } },
    },
  }
  let lab: Lab
  let service: Service
  before(async () => {
    lab = await startLab()
    for (const [bucket, versioning] of Object.entries(BUCKETS))
      await lab.minio.admin.createBucket(bucket, { versioning })
    service = {
      spec,
      implied: ['s3:ListBucketVersions', 's3:DeleteObjectVersion'],
      async open(statements) {
        await lab.setRole(...statements)
        return lab.session()
      },
    }
  })
  after(() => lab.stop())

  for (const one of distinct(spec, CONSUMERS)) {
    test(`for ${one.what}`, () => proven(service, storeOf(one, bucketOf(one))))
  }

  test('for a lifecycle rule', () =>
    proven(service, storeOf({ what: '', spec: { ...ANY, bucket: { expirationDays: 30 } } }, 'plain')))
})
