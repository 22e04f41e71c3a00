/** Consumers at AWS, which says 404 for an absent object only to callers that may list, and 403 to others. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Format } from '../../../src/api/artifact-store.ts'
import { whyNoHadoop } from '../../cluster/hadoop.ts'
import { may } from '../../cluster/moto-admin.ts'
import { pythonWithClients } from '../../cluster/tools.ts'
import { context, dataOf } from '../../support/materials.ts'
import { MountedSecret } from '../../support/mounted-secret.ts'
import { type AwsLab, granted, location, startAwsLab } from '../provider-s3/aws-lab.ts'
import { askHadoop, askPython, zenmlVariables } from './programs.ts'

const STORE = 's3://data/prod'

describe('consumers at AWS', () => {
  let lab: AwsLab
  let directory: string
  before(async () => {
    ;[lab, directory] = await Promise.all([startAwsLab(), mkdtemp(join(tmpdir(), 'aws-consumers-'))])
    await lab.admin.createBucket('data')
    const alice = await lab.admin.createUser('alice', [may('s3:*'), may('sts:*')])
    const { material, expiresAt } = await granted(await lab.session(alice), { location: location('data', 'prod/') })
    const mountPath = join(directory, 'mount')
    const formats: Format[] = ['AwsProfile', 'ZenML', 'Hadoop']
    const data = formats.map(format => dataOf(format, material, { ...context, expiresAt, mountPath }))
    new MountedSecret(mountPath).update(Object.assign({}, ...data))
  })
  after(async () => {
    await Promise.all([lab.stop(), rm(directory, { recursive: true, force: true })])
  })

  async function python3(script: string, args: string[], env: Record<string, string> = {}) {
    const profile = { ...lab.moto.environment, AWS_CONFIG_FILE: join(directory, 'mount/config') }
    return askPython(await pythonWithClients(), script, args, { ...profile, ...env })
  }

  const clients: [name: string, left: unknown][] = [
    ['boto3', []],
    ['s3fs', false],
    ['mlflow', []],
  ]
  for (const [name, left] of clients) {
    test(`${name} writes, reads and deletes below the prefix`, async () => {
      assert.partialDeepStrictEqual(await python3(`${name}_client.py`, [STORE]), { loaded: 'weights', left })
    })
  }

  test('ZenML writes, reads and deletes in its artifact store', async () => {
    const env = zenmlVariables(join(directory, 'zenml'))
    const found = await python3('zenml_store.py', ['s3', join(directory, 'mount/artifact-store.json')], env)
    assert.partialDeepStrictEqual(found, { loaded: 'weights', listed: ['model.bin'], left: false })
  })

  const hadoop = { skip: whyNoHadoop() ?? false }

  async function job(uri: string) {
    const java = { options: [`-Dhadoop.tmp.dir=${directory}/tmp`], env: { ...lab.moto.environment } }
    return (await askHadoop(join(directory, 'mount'), 'job', [uri], java))[uri]
  }

  test("Hadoop works in folders below the store's prefix", hadoop, async () => {
    assert.deepEqual(await job('s3a://data/prod/out'), {
      ...{ made: true, renamed: true, cleaned: true, listed: ['part-0'], loaded: 'weights' },
      ...{ large: true, replaced: true, deleted: true, left: false },
    })
  })

  test("Hadoop can't work at the prefix itself, whose name without the slash is outside of it", hadoop, async () => {
    await assert.rejects(job('s3a://data/prod'), /AccessDeniedException: s3a:\/\/data\/prod: getFileStatus/)
  })
})
