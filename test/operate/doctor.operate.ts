/** `doctor` on broken set-ups for S3: the commands that it prints are run as they are, and then the store is Ready. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { may } from '../cluster/moto-admin.ts'
import { ended } from '../e2e/cli/parts.ts'
import { collect } from '../support/command-line.ts'
import { until } from '../support/until.ts'
import { awsClinic } from './aws-clinic.ts'
import { conditionOf, cured, noSecretPrinted } from './doctor-cures.ts'
import { alone, atHand, curable } from './doctor-rows.ts'

const clinic = awsClinic(async (world, folder) => {
  await writeFile(join(folder, 'ca.crt'), world.minio.caPem)
  return atHand(world)
})

test('the printed command makes a store Ready whose connector is not there, where only one can be meant', () =>
  cured(clinic(), alone))

describe('the printed commands make the store Ready', { concurrency: 4 }, () => {
  for (const one of curable) test(`${one.row.name}: ${one.row.reason}`, () => cured(clinic(), one))
})

describe('--fix', () => {
  /** A store whose connector issues credentials in a way that needs a role, and has none. */
  async function withoutRole(name: string): Promise<void> {
    const { world } = clinic()
    const key = await world.admin.createUser(name, [may('s3:*'), may('sts:*')])
    await world.secret(name, { aws_access_key_id: key.accessKeyId, aws_secret_access_key: key.secretAccessKey })
    const aws = { auth: { accessKey: { secretName: name } }, addressingStyle: 'Path', issue: 'AssumeRole' }
    await world.tenant.create(SERVICE_CONNECTORS, name, { spec: { aws } })
    await world.tenant.store(name, { path: `s3://data/${name}`, connectorRef: { name } })
    await until('it is looked at', async () => (await conditionOf(clinic(), name))?.status === 'False')
  }

  const CHANGED = /^ {2}- {5}issue: AssumeRole\r?$/m

  test('shows what it changes, changes it, and waits until connector and store are Ready', async () => {
    await withoutRole('fixed')
    const refused = ended(await clinic().cli.run('doctor store/fixed -n bad --fix'), 2)
    assert.match(refused.err, /--fix asks on a terminal, and there is none: give --yes/)
    const { out, err } = ended(await clinic().cli.run('doctor store/fixed -n bad --fix --yes'), 0)
    assert.match(err, /^ServiceConnector bad\/fixed:$/m)
    assert.match(err, CHANGED)
    assert.match(out, /^connector bad\/fixed: RoleNotSet: Done: /)
    assert.match(out, /^Nothing is wrong\.$/m)
    assert.equal((await conditionOf(clinic(), 'fixed'))?.status, 'True')
  })

  /** Runs the program on a terminal, and answers its question. */
  const ANSWER = `import os,pty,sys
pid,fd=pty.fork()
if pid==0: os.execvp("kubectl-artifactstore",["kubectl-artifactstore"]+sys.argv[2:])
out=b""
asked=False
while True:
    try: data=os.read(fd,4096)
    except OSError: break
    if not data: break
    out+=data
    if b"[y/N]" in out and not asked:
        asked=True
        os.write(fd,sys.argv[1].encode()+b"\\n")
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid,0)[1]))`

  test('asks on a terminal, where a no changes nothing', async () => {
    await withoutRole('asked')
    const env = { ...clinic().cli.env(), NO_COLOR: '1' }
    const answer = (word: string) =>
      collect('python3', ['-c', ANSWER, word, 'doctor', 'store/asked', '-n', 'bad', '--fix'], { env })
    const issue = async () => (await clinic().world.tenant.getConnector('asked')).spec.aws?.issue
    const declined = ended(await answer('n'), 1)
    assert.match(declined.out, CHANGED)
    assert.match(declined.out, /let the operator choose how credentials are made\? \[y\/N\]/)
    assert.match(declined.out, /RoleNotSet: Declined: nothing was changed/)
    assert.equal(await issue(), 'AssumeRole')
    ended(await answer('y'), 0)
    assert.equal(await issue(), undefined)
    assert.equal((await conditionOf(clinic(), 'asked'))?.status, 'True')
  })
})

test('no secret was printed', () => noSecretPrinted(clinic()))
