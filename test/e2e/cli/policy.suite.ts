/** `policy`: what it prints for MinIO is run as it is with mc, and then the store is Ready. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { putMc } from '../../support/cloud-tools.ts'
import { collect } from '../../support/command-line.ts'
import { startShell } from '../../support/printed-command.ts'
import type { Tenant } from '../../support/world.ts'
import { documented, ended, type Parts } from './parts.ts'

const NAME = 'policy'
const ROLE = 'arn:aws:iam::111111111111:role/artifacts'

export function testPolicies({ world, cli }: Parts): void {
  describe('policy', () => {
    let tenant: Tenant
    let env: NodeJS.ProcessEnv
    before(async () => {
      tenant = await world().tenant(NAME)
      const { admin } = world().minio
      const key = { accessKeyId: 'policy-user', secretAccessKey: 'secret-of-policy-user' }
      await admin.mc('admin', 'user', 'add', 'test', key.accessKeyId, key.secretAccessKey)
      await tenant.secret('keys', { aws_access_key_id: key.accessKeyId, aws_secret_access_key: key.secretAccessKey })
      await tenant.keyConnector('minio', 'keys')
      await tenant.store('models', { credentials: [{ name: 'step', formats: ['ZenML'] }] })
      await tenant.storeCondition('models', 'Ready', 'False')
      await startShell(cli(), world().controlPlane)
      const cache = { KUBECACHEDIR: `${world().controlPlane.dir}/kubectl-cache` }
      env = { ...cli().env(), ...(await putMc(cli().folder, world().minio)), ...cache }
    })

    test('as commands of mc makes a store Ready, also when it is run twice', async () => {
      const { out } = ended(await cli().run(`policy models -n ${NAME} -o mc`), 0)
      for (const _ of ['first', 'second']) ended(await collect('sh', ['-c', out], { env }), 0)
      await cli().run(`verify models -n ${NAME}`)
      await tenant.storeReady('models')
    })

    test('as text says what each action is for, and as JSON has documents', async () => {
      const { out } = ended(await cli().run(`policy models -n ${NAME}`), 0)
      assert.match(out, /^ {2}s3:DeleteObject: deletes objects$/m)
      // By now it is known that the bucket has no versions.
      assert.doesNotMatch(out, /s3:DeleteObjectVersion/)
      const report = documented('policy', ended(await cli().run(`policy connector/minio -n ${NAME} -o json`), 0))
      assert.deepEqual([report.of, report.cloud, report.stores], ['connector', 'S3', [`${NAME}/models`]])
      assert.ok(JSON.parse(report.grants[0].document).Statement.length > 0)
    })

    test('for AWS has the issuer of the cluster, and the ServiceAccount as its tokens name it', async () => {
      const spec = { aws: { auth: { webIdentity: { serviceAccountName: 'runner', roleArn: ROLE } } } }
      await tenant.create(SERVICE_CONNECTORS, 'aws', { spec })
      const { grants } = documented('policy', ended(await cli().run(`policy connector/aws -n ${NAME} -o json`), 0))
      const [issuer, trust] = grants
      assert.equal(issuer.issuer, world().controlPlane.issuer)
      const provider = world().controlPlane.issuer.replace('https://', '')
      assert.deepEqual(JSON.parse(trust.document).Statement[0].Condition.StringEquals, {
        [`${provider}:sub`]: `system:serviceaccount:${NAME}:runner`,
        [`${provider}:aud`]: 'sts.amazonaws.com',
      })
    })

    test('with a value that no command can have is refused as commands, and is told as JSON', async () => {
      const audience = 'line end\n'
      const spec = { aws: { auth: { webIdentity: { serviceAccountName: 'runner', roleArn: ROLE, audience } } } }
      await tenant.create(SERVICE_CONNECTORS, 'odd', { spec })
      const { out, err } = ended(await cli().run(`policy connector/odd -n ${NAME} -o aws-cli`), 1)
      assert.equal(out, '')
      assert.match(err, /^a word of a command line can not have .*: correct the value that has it/)
      const { grants } = documented('policy', ended(await cli().run(`policy connector/odd -n ${NAME} -o json`), 0))
      assert.equal(grants[0].audience, audience)
    })

    test('in the form of another cloud, or of another command, is a usage error', async () => {
      const { err } = ended(await cli().run(`policy models -n ${NAME} -o az-cli`), 2)
      assert.match(err, /-o az-cli is not for a service other than AWS: use one of json, yaml, mc/)
      assert.match(ended(await cli().run(`status -n ${NAME} -o mc`), 2).err, /status has no output mc/)
      assert.match(
        ended(await cli().run('policy x --bucket-account=1'), 2).err,
        /--bucket-account is no account of AWS/,
      )
    })
  })
}
