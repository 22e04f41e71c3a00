/** `policy` for S3: what it prints is run as it is with the real AWS CLI and mc, and then the store is Ready. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArtifactStoreSpec } from '../../src/api/artifact-store.ts'
import { findCondition, READY } from '../../src/api/conditions.ts'
import type { ServiceConnectorSpec } from '../../src/api/service-connector.ts'
import { ARTIFACT_STORES, SERVICE_ACCOUNTS, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { ACCOUNT, may, OTHER_ACCOUNT } from '../cluster/moto-admin.ts'
import { type AwsInputWorld, atMinio, startInputWorld } from '../e2e/bad-input/aws-world.ts'
import { documented, ended } from '../e2e/cli/parts.ts'
import { awsEnvironment, putAwsCli, putMc } from '../support/cloud-tools.ts'
import { CommandLine, collect } from '../support/command-line.ts'
import { startShell } from '../support/printed-command.ts'
import { until } from '../support/until.ts'

let world: AwsInputWorld
let cli: CommandLine
/** Environments of administrators, by account. */
let administrators: Record<string, Record<string, string>>
let ofMc: Record<string, string>
let keyOfOthers: string
let shellEnv: () => NodeJS.ProcessEnv
before(async () => {
  world = await startInputWorld()
  cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
  const { moto, admin } = world
  await startShell(cli, world.controlPlane)
  shellEnv = () => ({ ...cli.env(), KUBECACHEDIR: `${world.controlPlane.dir}/kubectl-cache` })
  await admin.createBucket('of-others', { account: OTHER_ACCOUNT })
  keyOfOthers = await admin.createKey({ account: OTHER_ACCOUNT })
  administrators = {
    [ACCOUNT]: await putAwsCli(cli.folder, moto),
    [OTHER_ACCOUNT]: awsEnvironment(moto.endpoint, await admin.createUser('administrator', [may('*')], OTHER_ACCOUNT)),
  }
  ofMc = await putMc(cli.folder, world.minio)
})
after(async () => {
  await cli?.remove()
  await world?.stop()
})

interface Setup {
  name: string
  /** What is there before, such as a user without rights. Default: a ServiceAccount. */
  arrange?(name: string): Promise<unknown>
  connector(name: string): ServiceConnectorSpec
  store?(name: string): Partial<ArtifactStoreSpec>
  /** More options of the command. */
  options?: string
}

const role = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/${name}`
const asRole = (name: string, aws: object = {}): ServiceConnectorSpec => ({
  aws: {
    ...{ addressingStyle: 'Path', auth: { webIdentity: { serviceAccountName: name, roleArn: role(`paths/${name}`) } } },
    ...aws,
  },
})
const byKey = (name: string, aws: object = {}): ServiceConnectorSpec => ({
  aws: { addressingStyle: 'Path', auth: { accessKey: { secretName: name } }, ...aws },
})
const account = (name: string) => world.tenant.create(SERVICE_ACCOUNTS, name, {})
const user = async (name: string) => world.keySecret(name, await world.admin.createUser(name, []))

const AT_AWS: Setup[] = [
  {
    name: 'with-tokens',
    connector: asRole,
    store: () => ({ credentials: [{ name: 'step', formats: ['ZenML'] }], usage: { source: 'List' } }),
  },
  {
    name: 'with-all-of-bucket',
    connector: asRole,
    store: name => ({
      path: `s3://${name}/team`,
      bucket: { create: true, versioning: 'Enabled', expirationDays: 30 },
      usage: { source: 'CloudWatch' },
    }),
  },
  {
    name: 'with-chain',
    connector: name =>
      asRole(name, {
        assumeRoles: [
          { roleArn: role(`${name}-2`), externalId: 'x-1', tags: { team: 'ml' } },
          { roleArn: role(`${name}-3`, OTHER_ACCOUNT), sourceIdentity: 'stores' },
        ],
      }),
    store: () => ({ path: 's3://of-others/chain' }),
  },
  {
    name: 'with-all-of-others',
    connector: asRole,
    store: () => ({ path: 's3://of-others/team', encryption: { type: 'SSE-KMS', kmsKeyId: keyOfOthers } }),
    options: ` --bucket-account=${OTHER_ACCOUNT}`,
  },
  { name: 'with-key-of-user', arrange: user, connector: name => byKey(name) },
  {
    name: 'with-role-of-user',
    arrange: user,
    connector: name => byKey(name, { assumeRoles: [{ roleArn: role(name) }] }),
  },
]

async function arrange({ name, arrange = account, connector, store = () => ({}) }: Setup): Promise<void> {
  const { tenant } = world
  await arrange(name)
  await tenant.create(SERVICE_CONNECTORS, name, { spec: connector(name) })
  const credentials = [{ name: 'step', formats: ['AwsProfile' as const] }]
  const spec = { path: `s3://data/${name}`, connectorRef: { name }, credentials, ...store(name) }
  await tenant.create(ARTIFACT_STORES, name, { spec })
  await until('it is looked at', async () => (await readiness(name))?.status === 'False')
}

const readiness = async (name: string) => findCondition((await world.tenant.getStore(name)).status?.conditions, READY)

/** Runs a printed script. */
async function runScript(script: string, env: Record<string, string>): Promise<void> {
  const ran = await collect('sh', ['-c', script], { env: { ...shellEnv(), ...env } })
  assert.equal(ran.code, 0, `${script}\n${ran.out}${ran.err}`)
}

/** Runs a script for AWS once with the credentials of each account, in the order of its parts. */
async function runForAws(script: string): Promise<void> {
  const accounts = new Set([...script.matchAll(/^# Account (\d{12})$/gm)].map(([, of = ACCOUNT]) => of))
  for (const of of accounts.size > 0 ? accounts : [ACCOUNT]) await runScript(script, administrators[of] ?? {})
}

/** Has the operator look again, at the connector before the store. */
async function becomesReady(name: string): Promise<void> {
  await cli.run(`verify connector/${name} -n bad`)
  await cli.run(`verify store/${name} -n bad`)
  await world.tenant.storeReady(name)
}

// One after the other: the first creates the issuer in the account, and the others find it there.
describe('what is printed for AWS makes the store Ready', () => {
  for (const setup of AT_AWS) {
    test(setup.name, async () => {
      const { name, options = '' } = setup
      await arrange(setup)
      const line = `policy store/${name} -n bad${options}`
      const report = documented('policy', await cli.run(`${line} -o json`))
      assert.ok(report.grants.length > 0)
      ended(await cli.run(line), 0)
      await runForAws(ended(await cli.run(`${line} -o aws-cli`), 0).out)
      await becomesReady(name)
    })
  }

  test('and a permission that is taken from it is named by status', async () => {
    const name = 'with-tokens'
    const { grants } = documented('policy', await cli.run(`policy store/${name} -n bad -o json`))
    const identity = grants.find(({ kind }: { kind: string }) => kind === 'identity')
    const document = JSON.parse(identity.document)
    for (const statement of document.Statement) {
      statement.Action = statement.Action.filter((action: string) => action !== 's3:PutObject')
    }
    const words = ['iam', 'put-role-policy', `--role-name=${identity.name}`, `--policy-name=${identity.policy}`]
    const env = { ...shellEnv(), ...administrators[ACCOUNT] }
    ended(await collect('aws', [...words, '--policy-document', JSON.stringify(document)], { env }), 0)
    await cli.run(`verify store/${name} -n bad`)
    const found = await until('it is told', async () => {
      const ready = await readiness(name)
      return ready?.status === 'False' && ready
    })
    assert.match(found.message, /s3:PutObject denied/)
  })
})

describe('what is printed for one store of an identity', () => {
  const printed = async (line: string) => ended(await cli.run(`policy ${line} -o aws-cli`), 0).out

  test('takes no rights from the others, and has room: for a user with many', async () => {
    const name = 'user-of-many'
    await user(name)
    const { tenant } = world
    await tenant.create(SERVICE_CONNECTORS, name, { spec: byKey(name) })
    const stores = Array.from({ length: 8 }, (_, at) => `${name}-${at}`)
    const credentials = [{ name: 'step', formats: ['AwsProfile' as const] }]
    for (const store of stores) {
      const spec = { path: `s3://data/${store}`, connectorRef: { name }, credentials }
      await tenant.create(ARTIFACT_STORES, store, { spec })
    }
    // Twice, so that policies have versions.
    for (const _ of ['first', 'second']) {
      for (const store of stores) await runForAws(await printed(`store/${store} -n bad`))
    }
    await cli.run(`verify connector/${name} -n bad`)
    for (const store of stores) {
      await cli.run(`verify store/${store} -n bad`)
      await tenant.storeReady(store)
    }
  })

  test('takes no rights from those that the policy of their bucket lets in', async () => {
    const [first, second] = ['bucket-of-both-1', 'bucket-of-both-2']
    const lines = []
    for (const name of [first, second]) {
      await arrange({ name, connector: asRole, store: () => ({ path: `s3://of-others/${name}` }) })
      lines.push(`store/${name} -n bad --bucket-account=${OTHER_ACCOUNT}`)
    }
    for (const line of lines) await runForAws(await printed(line))
    for (const name of [first, second]) await becomesReady(name)
  })

  test('changes nothing with credentials of another account', async () => {
    const script = await printed('store/with-tokens -n bad')
    const env = { ...shellEnv(), ...administrators[OTHER_ACCOUNT] }
    const ran = ended(await collect('sh', ['-c', script], { env }), 1)
    assert.match(
      ran.err,
      new RegExp(`these are credentials of account ${OTHER_ACCOUNT}, and this is for account ${ACCOUNT}`),
    )
  })
})

describe('what is printed for MinIO makes the store Ready', () => {
  test('of a user', async () => {
    const name = 'minio-printed'
    const atUser: Setup = {
      name,
      async arrange() {
        const key = { accessKeyId: 'printed-user', secretAccessKey: 'secret-of-printed-user' }
        await world.minio.admin.mc('admin', 'user', 'add', 'test', key.accessKeyId, key.secretAccessKey)
        await world.keySecret(name, key)
      },
      connector: () => atMinio(world, { auth: { accessKey: { secretName: name } } }),
      store: () => ({ path: 's3://bad/printed' }),
    }
    await arrange(atUser)
    const { out } = ended(await cli.run(`policy store/${name} -n bad -o mc`), 0)
    await runScript(out, ofMc)
    // A second time, nothing is in its way.
    await runScript(out, ofMc)
    await becomesReady(name)
  })

  test('of a role, for all stores of the connector', async () => {
    const name = 'minio-role'
    await world.minio.admin.setPolicy(
      'irsa',
      JSON.stringify({ Version: '2012-10-17', Statement: [may('s3:ListAllMyBuckets')] }),
    )
    await arrange({ name, connector: () => atMinio(world), store: () => ({ path: 's3://bad/role' }) })
    await arrange({ name: `${name}-2`, connector: () => atMinio(world), store: () => ({ path: 's3://bad/role-2' }) })
    // What is printed for one of them is for all who take the role.
    const { out } = ended(await cli.run(`policy store/${name} -n bad -o mc`), 0)
    await runScript(out, { ...ofMc, ROLE_POLICY: 'irsa' })
    for (const one of [name, `${name}-2`]) await becomesReady(one)
  })

  test('and not in the form of another cloud', async () => {
    const { err } = ended(await cli.run('policy store/minio-printed -n bad -o aws-cli'), 2)
    assert.match(err, /-o aws-cli is not for a service other than AWS: use one of json, yaml, mc/)
  })
})
