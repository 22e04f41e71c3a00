/** Suite: the format for Spark and Flink, read by Apache Hadoop. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import type { AzureMaterial } from '../../../src/api/material.ts'
import { whyNoHadoop } from '../../cluster/hadoop.ts'
import { kmsKeyName } from '../../cluster/minio.ts'
import { azure, context, dataOf, sovereign } from '../../support/materials.ts'
import { MountedSecret } from '../../support/mounted-secret.ts'
import { messageOf, type Tenant } from '../../support/world.ts'
import { askHadoop, trustStoreOf } from './programs.ts'
import { type ConsumersWorld, mount } from './world.ts'

const BUCKET = 'hadoop'
/** A store whose parent folder is out of reach. */
const STORE = `s3a://${BUCKET}/dept/team`
const THEIRS = 'dept/other/a'

const ATTEMPTS = ['open', 'status', 'list', 'create', 'mkdirs', 'rename', 'delete']
const outcomes = (outcome: 'done' | 'refused') => Object.fromEntries(ATTEMPTS.map(name => [name, outcome]))

export function hadoop(world: () => ConsumersWorld): void {
  describe('Hadoop that has nothing but a projected Secret', { skip: whyNoHadoop() ?? false }, () => {
    const directory = (name: string) => join(world().controlPlane.dir, `hadoop-${name}`)

    describe('S3A', () => {
      let tenant: Tenant
      let spark: Awaited<ReturnType<typeof s3a>>
      before(async () => {
        tenant = await world().tenant(BUCKET)
        await tenant.connector('minio')
        const encryption = { type: 'SSE-KMS' as const, kmsKeyId: kmsKeyName }
        const formats = ['Hadoop' as const]
        const credentials = [
          { name: 'spark', formats },
          { name: 'sink', formats, access: 'WriteOnly' as const },
        ]
        await tenant.store('jobs', { path: STORE.replace('s3a', 's3'), encryption, credentials })
        await world().minio.admin.putObject(BUCKET, THEIRS, 'theirs')
        await tenant.storeReady('jobs')
        spark = await s3a('jobs-spark')
      })

      async function s3a(secret: string) {
        const { path } = await mount(tenant, secret, directory(secret))
        const options = [...(await trustStoreOf(path)), `-Dhadoop.tmp.dir=${path}-tmp`]
        return (question: string, uri: string) => askHadoop(path, question, [uri], { options })
      }

      test('does the work of a job below its prefix, encrypted', async () => {
        const found = await spark('job', STORE)
        assert.deepEqual(found[STORE], {
          ...{ made: true, renamed: true, cleaned: true, listed: ['part-0'], loaded: 'weights' },
          ...{ encryption: 'aws:kms', 'encryption-aws-kms-key-id': `arn:aws:kms:${kmsKeyName}` },
          ...{ large: true, replaced: true, deleted: true, left: false },
        })
      })

      test('is refused outside of it', async () => {
        const uri = `s3a://${BUCKET}/${THEIRS}`
        assert.deepEqual(await spark('attempts', uri), { [uri]: outcomes('refused') })
        assert.deepEqual(await world().minio.admin.listObjects(BUCKET, 'dept/other'), [THEIRS])
      })

      test('can do nothing with a WriteOnly entry, which people are told', async () => {
        const uri = `${STORE}/folder/a`
        assert.deepEqual(await (await s3a('jobs-sink'))('attempts', uri), { [uri]: outcomes('refused') })
        const message = messageOf(await tenant.getStore('jobs'), 'CredentialsProjected')
        assert.match(message, /Hadoop: .* use access ReadWrite/)
      })
    })

    describe('ABFS', () => {
      /** The token that ABFS shows to each container, with one Secret or with several merged into one file. */
      async function identities(materials: AzureMaterial[]) {
        const parent = directory('abfs')
        await mkdir(parent, { recursive: true })
        const path = await mkdtemp(join(parent, 'mount-'))
        const files = materials.map(material => dataOf('Hadoop', material, context)['core-site.xml'] ?? '')
        new MountedSecret(path).update({
          'core-site.xml': files.join('').replaceAll(/<\/configuration>\s*<\?xml.*\n.*/g, ''),
        })
        const uris = materials.map(({ accountName, container, blobEndpoint }) => {
          const domain = blobEndpoint.replace(/^.*\.blob\./, '')
          return `abfss://${container}@${accountName}.dfs.${domain}/prod`
        })
        const found = await askHadoop(path, 'identity', uris)
        return uris.map(uri => found[uri])
      }

      test('takes the SAS token of a container', async () => {
        assert.deepEqual(await identities([azure]), [{ auth: 'SAS', token: azure.sasToken, hierarchical: false }])
      })

      test('takes the SAS token of a directory, and need not ask at the root what kind of account it is', async () => {
        assert.deepEqual(await identities([sovereign]), [
          { auth: 'SAS', token: sovereign.sasToken, hierarchical: true },
        ])
      })

      test('tells containers of one account apart', async () => {
        const other = { ...azure, container: 'data', sasToken: azure.sasToken.replace('sig=', 'sig=other') }
        const tokens = (await identities([azure, other])).map(({ token }) => token)
        assert.deepEqual(tokens, [azure.sasToken, other.sasToken])
      })
    })
  })
}
