/** `env` and `login`: the AWS CLI, boto3, a shell and parsers of dotenv files, with the rights of a person. */
import assert from 'node:assert/strict'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { parseEnv } from 'node:util'
import type { Format } from '../../../src/api/artifact-store.ts'
import { SERVICE_ACCOUNTS } from '../../../src/kube/resource.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { pythonWithClients } from '../../cluster/tools.ts'
import { ClientProcess, run } from '../../support/client-process.ts'
import { collect } from '../../support/command-line.ts'
import { startShell } from '../../support/printed-command.ts'
import type { Tenant } from '../../support/world.ts'
import { scriptPath } from '../consumers/programs.ts'
import { documented, ended, type Parts } from './parts.ts'

const NAME = 'login'
const STORE = `s3://${NAME}/models`
const FORMATS: Record<string, Format[]> = {
  step: ['AwsProfile', 'Env'],
  short: ['Env'],
  file: ['AwsProfile'],
  copies: ['Rclone'],
}

export function testCredentials({ world, cli }: Parts): void {
  describe('credentials for a person', () => {
    let tenant: Tenant
    let kubeconfig: string
    let python: string
    before(async () => {
      python = await pythonWithClients()
      tenant = await world().tenant(NAME)
      // SDKs of Python look for new credentials at every use of those that live so short.
      await tenant.connector('minio', {}, { sessionDuration: '15m' })
      await tenant.store('models', {
        credentials: Object.entries(FORMATS).map(([name, formats]) => ({ name, formats })),
      })
      await tenant.storeReady('models')
      await tenant.create(SERVICE_ACCOUNTS, 'ada', {})
      const { token } = await world().client.createToken(NAME, 'ada', { audiences: [], expirationSeconds: 3600 })
      kubeconfig = world().controlPlane.writeKubeconfigForToken('ada', token)
      for (const command of [
        `create role viewer -n ${NAME} --verb=get --resource=artifactstores.artifactstore.dev`,
        `create rolebinding viewer -n ${NAME} --role=viewer --serviceaccount=${NAME}:ada`,
      ])
        await kubectl(world().controlPlane, command.split(' '))
    })
    const asAda = (line: string) => cli().run(`${line} -n ${NAME}`, { kubeconfig })
    /** Of this machine, tools get PATH only, and their config file. */
    const config = () => join(cli().folder, 'aws', 'config')
    const keys = () => join(cli().folder, 'aws', 'credentials')
    const tools = (profile: string) => ({
      ...{ PATH: cli().env()['PATH'] ?? '', AWS_CONFIG_FILE: config(), AWS_PROFILE: profile },
    })
    const aws = (profile: string, args: string[], input?: string) =>
      run({ command: python, args: ['-m', 'awscli', 's3', ...args], env: tools(profile) }, input)

    /** Runs a command line with a config file for AWS's tools. */
    const login = (line: string) =>
      collect(join(cli().folder, 'kubectl-artifactstore'), `${line} -n ${NAME}`.split(' '), {
        env: { ...cli().env(kubeconfig), AWS_CONFIG_FILE: config(), AWS_SHARED_CREDENTIALS_FILE: keys() },
      })

    test('who may not read the Secret is told so, and the command that gives the right works as it is printed', async () => {
      const shell = await startShell(cli(), world().controlPlane)
      for (const secret of ['models-step', 'models-step-env']) {
        const command = secret.endsWith('-env') ? 'env' : 'login'
        const { err, out } = ended(await asAda(`${command} models step`), 3)
        assert.equal(out, '')
        assert.ok(
          err.startsWith(`you may not get secrets "${secret}" in namespace "${NAME}": context "test": ask an`),
          err,
        )
        const [, cure = ''] = /: (kubectl create role .*)\n$/.exec(err) ?? []
        ended(await shell(cure), 0)
        ended(await asAda(`${command} models step`), 0)
      }
      // Nothing else was given.
      ended(await asAda('login models short'), 3)
      const all = `create role secrets -n ${NAME} --verb=get --resource=secrets`
      for (const command of [all, `create rolebinding secrets -n ${NAME} --role=secrets --serviceaccount=${NAME}:ada`])
        await kubectl(world().controlPlane, command.split(' '))
    })

    test('login prints the keys of the Secret, and when they end', async () => {
      for (const [role, secret] of [
        ['step', 'models-step'],
        ['file', 'models-file'],
      ] as const) {
        const { out, err } = ended(await asAda(`login models ${role}`), 0)
        const { accessKeyId, secretAccessKey, sessionToken, expiration } = await tenant.credentials(secret)
        const Expiration = expiration.toISOString().replace('.000Z', 'Z')
        const keys = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken }
        assert.deepEqual(JSON.parse(out), { Version: 1, ...keys, Expiration })
        assert.equal(err, '')
      }
      const ofVariables = JSON.parse(ended(await asAda('login models short'), 0).out)
      assert.ok(ofVariables.SessionToken && ofVariables.Expiration)
    })

    test('the AWS CLI works with the profile that login writes, and other profiles stay as they are', async () => {
      await mkdir(join(cli().folder, 'aws'), { recursive: true })
      await writeFile(config(), '[profile other]\nregion = eu-west-1\n', { mode: 0o640 })
      for (const role of ['step', 'short']) {
        const report = documented('login', ended(await login(`login models ${role} --profile ${role} -o json`), 0))
        assert.equal(report.file, config())
        await aws(role, ['cp', '-', `${STORE}/${role}.txt`], 'weights')
        assert.equal(await aws(role, ['cp', `${STORE}/${role}.txt`, '-']), 'weights')
      }
      const before = await readFile(config(), 'utf8')
      assert.ok(before.startsWith('[profile other]\nregion = eu-west-1\n\n[profile step]\n'))
      assert.equal((await stat(config())).mode & 0o777, 0o640)
      const { out } = ended(await login('login models step --profile step'), 0)
      assert.match(out, /^profile step: written to .*\ntry it: aws s3 ls --profile step s3:\/\/login\/models\/$/m)
      const sections = (text: string) => text.split('\n\n').sort()
      assert.deepEqual(sections((await readFile(config(), 'utf8')).trim()), sections(before.trim()))
      await assert.rejects(aws('step', ['ls', `s3://${NAME}/elsewhere/`]), /AccessDenied/)
    })

    test('login leaves a profile alone that has keys of its own, and a file that it would change in part', async () => {
      await writeFile(keys(), '[taken]\naws_access_key_id = AKIA\n')
      const taken = ended(await login('login models step --profile taken'), 2).err
      assert.match(taken, /profile "taken" is in .*credentials, and what is there goes before .*: choose another name/)
      const before = await readFile(config())
      const foreign = Buffer.concat([before, Buffer.from('# caf\u00e9\n', 'latin1')])
      await writeFile(config(), foreign)
      assert.match(
        ended(await login('login models step --profile step'), 2).err,
        /config is not UTF-8: save it as UTF-8/,
      )
      assert.deepEqual(await readFile(config()), foreign)
      await writeFile(config(), before)
    })

    test('boto3 takes up new keys while it runs, and knows when they end', async () => {
      ended(await login('login models file --profile file'), 0)
      await using client = new ClientProcess({
        command: python,
        args: [scriptPath('login_client.py'), STORE],
        env: tools('file'),
      })
      const secret = async () => {
        const { accessKeyId: key, expiration } = await tenant.credentials('models-file')
        return { by: 'custom-process', key, ends: expiration.toISOString().replace('.000Z', 'Z') }
      }
      const first = await secret()
      assert.deepEqual(await client.ask(), first)
      ended(await cli().run(`refresh models -n ${NAME}`), 0)
      const second = await secret()
      assert.notEqual(second.key, first.key)
      assert.deepEqual(await client.ask(), second)
    })

    test('env gives a shell what boto3 needs, with the roots of a private CA', async () => {
      const roots = join(cli().folder, 'roots.pem')
      for (const role of ['step', 'file']) {
        const script = `set -e; eval "$(kubectl-artifactstore env models ${role} -n ${NAME} --ca-file ${roots})"; exec "$0" "$@"`
        const client = [python, scriptPath('boto3_client.py'), STORE]
        const env = { ...cli().env(kubeconfig), AWS_EC2_METADATA_DISABLED: 'true', HOME: '/nonexistent' }
        const { out, err } = ended(await collect('sh', ['-c', script, ...client], { env }), 0)
        assert.partialDeepStrictEqual(JSON.parse(out), { by: 'env', loaded: 'weights', left: [] })
        assert.match(err, /^note: these credentials end at .*"kubectl artifactstore login" makes a profile that does$/m)
      }
      assert.equal(await readFile(roots, 'utf8'), world().minio.caPem)
    })

    test('env says when roots are missing', async () => {
      assert.match(
        ended(await asAda('env models step'), 0).err,
        /^note: the endpoint has a private CA: give --ca-file/m,
      )
    })

    test('parsers of dotenv files read the same variables as a program', async () => {
      const { variables } = JSON.parse(ended(await asAda('env models step -o json'), 0).out)
      assert.ok(Object.keys(variables).length > 10)
      const { out } = ended(await asAda('env models step --dotenv'), 0)
      assert.deepEqual({ ...parseEnv(out) }, variables)
      const parse = 'import sys,json,dotenv;print(json.dumps(dotenv.dotenv_values(stream=sys.stdin)))'
      assert.deepEqual(JSON.parse(await run({ command: python, args: ['-c', parse], env: {} }, out)), variables)
      const docker = ended(await asAda('env models step --docker'), 0)
        .out.trimEnd()
        .split('\n')
      const pairs = docker.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
      assert.deepEqual(Object.fromEntries(pairs), variables)
    })

    test('a terminal gets no credentials that nobody has asked to see', async () => {
      const typed = (words: string) =>
        `import os,pty,sys;sys.exit(os.waitstatus_to_exitcode(pty.spawn(${JSON.stringify(words.split(' '))})))`
      const onTerminal = (line: string) =>
        collect('python3', ['-c', typed(`kubectl-artifactstore ${line} -n ${NAME}`)], { env: cli().env(kubeconfig) })
      const { accessKeyId } = await tenant.credentials('models-file')
      for (const [line, cure] of [
        [
          'env models file',
          /credentials are not shown on a terminal.*: pipe them, as in eval "\$\(kubectl artifactstore env models file -n login\)"/,
        ],
        ['login models file', /credentials are not shown on a terminal.*: give --profile NAME/],
      ] as const) {
        const refused = ended(await onTerminal(line), 2)
        assert.match(refused.out, cure)
        const shown = ended(await onTerminal(`${line} --show`), 0)
        assert.ok(shown.out.includes(accessKeyId))
      }
    })

    for (const [line, code, words] of [
      ['env models absent', 2, /has no role "absent": choose one of step, short, file, copies/],
      ['env models copies', 2, /role "copies" .* has Rclone, and no format that this can read: add Env or AwsProfile/],
      ['env models step --dotenv --docker', 2, /--dotenv and --docker exclude each other/],
      ['env models step --ca-file /nowhere/x', 2, /--ca-file \/nowhere\/x can't be written: ENOENT/],
      [
        'env models step --target elsewhere',
        2,
        /has no Secret in namespace "elsewhere": choose one of login with --target/,
      ],
      ['login models step -o json', 2, /so -o json has no meaning: leave it out/],
      ['login models step --profile default', 2, /--profile "default" can't be the name of a profile here/],
      ['login models step --profile other', 2, /profile "other" is in .* already, and others wrote it: choose another/],
    ] as const) {
      test(`"${line}" is refused with the cure`, async () => {
        const { err, out } = ended(await login(line), code)
        assert.match(err, words)
        assert.equal(out, '')
      })
    }

    test('a role without credentials says why', async () => {
      await tenant.store('bare', { path: 's3://login-absent', credentials: [{ name: 'step', formats: ['Env'] }] })
      await tenant.storeCondition('bare', 'BucketReachable', 'False')
      assert.match(
        ended(await asAda('env bare step'), 1).err,
        /has no credentials now.*: see the cure with "kubectl artifactstore doctor bare/,
      )
    })
  })
}
