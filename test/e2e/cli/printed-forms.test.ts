/** What `policy` prints for Terraform and for the Azure CLI, read by the parsers that those have. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import type { ArtifactStoreSpec } from '../../../src/api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../../src/api/service-connector.ts'
import { type Asked, sheetOf, textOfForm } from '../../../src/cli/policy/sheets.ts'
import { hclBinary, pythonWithAzureCli } from '../../cluster/tools.ts'
import { HOSTILE_NAMES } from '../../support/hostile-names.ts'
import { connector, store } from '../../support/objects.ts'

const web = (roleArn?: string) => ({ webIdentity: { serviceAccountName: 'runner', ...(roleArn ? { roleArn } : {}) } })
const ROLE = 'arn:aws:iam::111111111111:role/teams/artifacts'
const STEP = { roleArn: 'arn:aws:iam::222222222222:role/data', externalId: 'x' }
const accessKey = { accessKey: { secretName: 'keys' } }
const azure = (auth: object): ServiceConnectorSpec =>
  ({ azure: { auth, accountName: 'acme' } }) as unknown as ServiceConnectorSpec

interface Case {
  spec: ServiceConnectorSpec
  stores?: Partial<ArtifactStoreSpec>[]
  change?: Partial<Asked>
}

const many = Array.from({ length: 60 }, (_, at) => ({ path: `s3://artifacts-of-team-${at}/models-${at}` }))
const keyed = (kmsKeyId: string): Partial<ArtifactStoreSpec> => ({ encryption: { type: 'SSE-KMS', kmsKeyId } })

const AT_AWS: Record<string, Case> = {
  'a role': { spec: { aws: { auth: web(ROLE) } } },
  'a role that is not known': { spec: { aws: { auth: web() } } },
  'a chain of roles of two accounts': { spec: { aws: { auth: web(ROLE), assumeRoles: [STEP] } } },
  'a bucket and a key of other accounts': {
    spec: { aws: { auth: web(ROLE) } },
    stores: [keyed('arn:aws:kms:eu-west-3:444444444444:key/k'), keyed('arn:aws:kms:eu-west-3:444444444444:alias/k')],
    change: { bucketAccount: '333333333333' },
  },
  'a user': { spec: { aws: { auth: accessKey } } },
  'a user with many stores': { spec: { aws: { auth: accessKey } }, stores: many },
  'a role with many stores': { spec: { aws: { auth: web(ROLE) } }, stores: [...many, ...many.map(hidden)] },
  "the operator's own identity": { spec: { aws: { auth: { implicit: {} }, assumeRoles: [STEP] } } },
  ...Object.fromEntries(
    HOSTILE_NAMES.map(name => [
      `a name that is hostile: ${JSON.stringify(name)}`,
      {
        spec: { aws: { auth: web(`${ROLE}${name}`), assumeRoles: [{ ...STEP, externalId: name }] } },
        stores: [keyed(`arn:aws:kms:r:3:key/${name}`)],
        change: { bucketAccount: '333333333333' },
      },
    ]),
  ),
}

const WORKLOAD = azure({ workloadIdentity: { serviceAccountName: 'runner', clientId: 'client-1' } })
const AT_AZURE: Record<string, Case> = {
  'a workload identity': { spec: WORKLOAD, stores: [{ path: 'az://models/team' }] },
  'a client that creates its container': {
    spec: azure({ servicePrincipal: { secretName: 'keys' } }),
    stores: [{ path: 'az://models/team', bucket: { create: true } }],
  },
  'a SAS token of a container': { spec: azure({ sasToken: { secretName: 'sas' } }), stores: [{ path: 'az://models' }] },
  'a SAS token of an account': {
    spec: azure({ sasToken: { secretName: 'sas' } }),
    stores: [{ path: 'az://models' }, { path: 'az://others' }],
  },
}

function hidden({ path }: { path: string }): Partial<ArtifactStoreSpec> {
  return { path: path.replace('models', 'models-that-few-see') }
}

function printed({ spec, stores = [{}], change = {} }: Case, form: 'terraform' | 'az-cli'): string {
  const sheet = sheetOf(
    {
      ...{ connector: connector({ spec }), facts: { issuer: 'https://oidc.test' } },
      stores: stores.map((one, at) =>
        store(one, { metadata: { name: `s-${at}`, namespace: 'ml', uid: `${at}`, resourceVersion: '1' } }),
      ),
      ...change,
    },
    {},
  )
  assert.ok(sheet)
  return textOfForm(sheet, form)
}

/** The answers of a program that takes a list as JSON, and answers each of its items. */
function answersOf<T>(command: string, args: string[], items: unknown[], env: NodeJS.ProcessEnv = {}): T[] {
  const ran = spawnSync(command, args, {
    ...{ input: JSON.stringify(items), encoding: 'utf8' as const, maxBuffer: 64 * 1024 * 1024 },
    env: { ...process.env, ...env },
  })
  assert.equal(ran.status, 0, ran.stderr)
  return JSON.parse(ran.stdout) as T[]
}

describe('what is printed for Terraform', () => {
  interface Read {
    wrong: string[]
    /** By address and attribute. */
    values: Record<string, string>
  }
  const cases = { ...AT_AWS, ...AT_AZURE }
  let read: (texts: string[]) => Read[]
  before(async () => {
    const hcl = await hclBinary()
    read = texts => answersOf<Read>(hcl, [], texts)
  })

  test('is read without a complaint, and refers to nothing that is not there', () => {
    const found = read(Object.values(cases).map(one => printed(one, 'terraform')))
    for (const [at, name] of Object.keys(cases).entries()) assert.deepEqual([name, found[at]?.wrong], [name, []])
  })

  test('evaluates to the policies that are meant, whatever is in them', () => {
    for (const [name, one] of Object.entries(AT_AWS)) {
      const [{ values = {} } = {}] = read([printed(one, 'terraform')])
      const policies = Object.entries(values).filter(([address]) => /\.(assume_role_)?policy$/.test(address))
      assert.ok(policies.length > 0, name)
      for (const [address, text] of policies) assert.equal(JSON.parse(text).Version, '2012-10-17', `${name} ${address}`)
    }
    for (const name of HOSTILE_NAMES) {
      const key = `a name that is hostile: ${JSON.stringify(name)}`
      const [{ values = {} } = {}] = read([printed(AT_AWS[key] as Case, 'terraform')])
      const [trust] = JSON.parse(values['aws_iam_role.role_2.assume_role_policy'] ?? '').Statement
      assert.equal(trust.Condition.StringEquals['sts:ExternalId'], name)
    }
  })

  test('is found wrong where it is', () => {
    const text = printed(AT_AWS['a chain of roles of two accounts'] as Case, 'terraform')
    for (const [from, to] of [
      ['"assume_role_policy"', '"assumed_role_policy"'],
      ['"aws_iam_role.role_1"', '"aws_iam_role.role_7"'],
      ['"provider": "aws.account_111111111111"', '"provider": "aws.account_9"'],
      ['var.has_roles', 'var.no_roles'],
      ['"aws_iam_role_policy"', '"aws_iam_role_polcy"'],
    ] as const) {
      assert.ok(text.includes(from), from)
      assert.ok((read([text.replace(from, to)])[0]?.wrong.length ?? 0) > 0, to)
    }
  })
})

describe('what is printed for the Azure CLI', () => {
  let said: (commands: string[][]) => (string | null)[]
  before(async () => {
    const python = await pythonWithAzureCli()
    const folder = join(python, '../../config-of-tests')
    const env = { AZURE_CONFIG_DIR: folder, AZURE_CORE_COLLECT_TELEMETRY: 'no' }
    said = commands => answersOf(python, [join(import.meta.dirname, '../../cluster/azure-cli/parse.py')], commands, env)
  })

  /** The commands of a script, as lists of words: its `az` tells them, and fills every variable. */
  function commandsOf(script: string): string[][] {
    const tool = `az() { { printf '%s\\0' "$@"; printf '\\n'; } >&3; echo value; }`
    const lines = script.replace('set -eu', `set -eu\n${tool}`)
    const env = { PATH: process.env['PATH'] ?? '', SAS_EXPIRY: '2031-01-31T00:00Z', CLIENT_ID: 'client-1' }
    const ran = spawnSync('sh', ['-c', `exec 3>&1 >/dev/null\n${lines}`], { env, encoding: 'utf8' })
    assert.equal(ran.status, 0, ran.stderr)
    const own = ran.stdout.split('\n').filter(Boolean)
    // For a client that is an application, the command is in a comment.
    const other = /^# For a client that is an application instead: az (.*)$/m.exec(script)?.[1]
    const more =
      other === undefined ? [] : [spawnSync('sh', ['-c', `printf '%s\\0' ${other}`], { encoding: 'utf8' }).stdout]
    return [...own, ...more].map(line => line.split('\0').slice(0, -1))
  }

  test('is taken by its own parser of commands', () => {
    const commands = Object.values(AT_AZURE).flatMap(one => commandsOf(printed(one, 'az-cli')))
    assert.ok(commands.length >= 12)
    const answers = said(commands)
    for (const [at, command] of commands.entries()) assert.deepEqual([command, answers[at]], [command, null])
  })

  test('is found wrong where a command or an option is', () => {
    const right = ['storage', 'container', 'generate-sas', '--account-name=acme', '--name=models']
    const answers = said([right, right.with(2, 'generate-token'), right.with(4, '--named=models'), right.slice(0, 4)])
    assert.deepEqual(
      answers.map(answer => answer === null),
      [true, false, false, false],
    )
  })
})
