/** Commands that read. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { parse } from 'yaml'
import type { Tenant } from '../../support/world.ts'
import { documented, ended, type Parts } from './parts.ts'

const NAME = 'see'
const HOSTILE = '\x1b[2J\u202eevil\nstore x True'

export function testSeeing({ world, cli }: Parts): void {
  describe('commands that read', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await world().tenant(NAME)
      await tenant.connector('minio', {}, { resources: [`s3://${NAME}`, 's3://see-none-*'] })
      await tenant.store('models', { displayName: HOSTILE, usage: { source: 'List' }, default: true })
      await tenant.store('gone', { path: 's3://see-none-here' })
      await tenant.storeReady('models')
      await tenant.storeCondition('models', 'UsageMeasured', 'True')
      await tenant.storeCondition('gone', 'BucketReachable', 'False')
    })

    test('status shows the tree with a Secret, and what is wrong, with exit code 1', async () => {
      const { out, err } = ended(await cli().run(`status -n ${NAME}`), 1)
      assert.match(out, /^NAME +READY +REASON +ENDS +REFRESH +USAGE +LOCATION +CALLED\n/)
      assert.match(out, /^connector see\/minio +True +Authenticated /m)
      assert.match(
        out,
        /^└─ store see\/models \(default\) +True +Verified +in \d+m\S* +in \d+m\S* +0 objects, 0\sB +s3:\/\/see\/models +\[2J evil/m,
      )
      assert.match(out, /^ {3}└─ namespace see\n {6}└─ secret models-step +in \d+m\S* +in \d+m\S* +for step$/m)
      assert.match(out, /^ {2}store see\/gone: BucketNotFound: /m)
      assert.equal(err, '')
      assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
    })

    test('status of a store shows it with its connector, with exit code 0 when both are well', async () => {
      const { out } = ended(await cli().run(`status models -n ${NAME}`), 0)
      assert.match(out, /^connector see\/minio/m)
      assert.doesNotMatch(out, /gone/)
    })

    test('status of a connector shows its stores', async () => {
      const { out } = ended(await cli().run(`tree connector/minio -n ${NAME}`), 1)
      assert.match(out, /store see\/gone[\s\S]*store see\/models/)
    })

    test('status as JSON and YAML is what docs/cli.md says, and no value of a Secret is in it', async () => {
      const report = documented('status', ended(await cli().run(`status -n ${NAME} -o json`), 1))
      const [, models] = report.stores
      assert.equal(models.displayName, HOSTILE)
      assert.equal(models.connector, 'see/minio')
      assert.deepEqual(models.health.ready, 'True')
      assert.ok(models.secrets[0].refreshAt < models.secrets[0].expiresAt)
      const { out } = ended(await cli().run(`status -n ${NAME} -o yaml`), 1)
      assert.equal(parse(out).stores[1].displayName, HOSTILE)
      assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
      const { accessKeyId, sessionToken } = await tenant.credentials('models-step')
      for (const secret of [accessKeyId, sessionToken]) assert.ok(!out.includes(secret))
    })

    test('status by name is what kubectl takes', async () => {
      const { out } = ended(await cli().run(`status models -n ${NAME} -o name`), 0)
      assert.equal(out, 'serviceconnector.artifactstore.dev/minio\nartifactstore.artifactstore.dev/models\n')
    })

    test('status of all namespaces has stores of each', async () => {
      const { out } = await cli().run('status -A')
      assert.match(out, /store see\/models/)
    })

    test('status of an empty namespace says so, and is well', async () => {
      const { out } = ended(await cli().run('status'), 0)
      assert.equal(out, 'There are no connectors and stores in namespace "default".\n')
    })

    for (const [line, words] of [
      ['status absent', /there is no store or connector "absent" in namespace "see": context "test": see all/],
      ['permissions connector/minio', /"connector\/minio" is no store: name a store/],
      ['status Not_A_Name', /"Not_A_Name" can't be the name of an object/],
      ['status pod/x', /"pod\/x" names no store or connector: write store\/x or connector\/x/],
      ['status models -A', /-n and -A exclude each other: give one/],
      ['verify models --timeout 9999h', /--timeout "9999h" is no duration up to 24h: write/],
      ['verify models --timeout soon', /--timeout "soon" is no duration up to 24h: write for example --timeout 90s/],
      ['resources --reaches bucket', /--reaches "bucket" is no URI of a bucket: write for example/],
    ] as const) {
      test(`"${line}" is a fault of the command line`, async () => {
        const { err, out } = ended(await cli().run(`${line} -n ${NAME}`), 2)
        assert.match(err, words)
        assert.equal(out, '')
      })
    }

    test('permissions shows each action, and which call was refused', async () => {
      const { out } = ended(await cli().run(`permissions models -n ${NAME}`), 0)
      assert.match(out, /^s3:GetObject +Allowed/m)
      assert.match(out, /AccessVerified is True/)
      const report = documented('permissions', ended(await cli().run(`permissions models -n ${NAME} -o json`), 0))
      assert.ok(report.permissions.length >= 4)
      await tenant.user('reader', 'readonly')
      await tenant.keyConnector('reader', 'reader')
      await tenant.store('denied', { connectorRef: { name: 'reader' }, path: `s3://${NAME}/denied` })
      await tenant.storeCondition('denied', 'AccessVerified', 'False')
      const denied = ended(await cli().run(`permissions denied -n ${NAME}`), 1)
      assert.match(denied.out, /^s3:PutObject +Denied +PutObject of a body/m)
      assert.match(denied.out, /AccessVerified is False: PermissionDenied/)
    })

    test('resources shows buckets by connector, and who reaches one', async () => {
      const { out } = ended(await cli().run(`resources -n ${NAME}`), 0)
      assert.match(out, /^see\/minio +s3:\/\/see +\S* *see\/models/m)
      documented('resources', ended(await cli().run(`resources -n ${NAME} -o json`), 0))
      const reached = ended(await cli().run(`resources -A --reaches s3://${NAME}/x -o json`), 0)
      const { connectors } = documented('resources', reached)
      assert.deepEqual(connectors[0].verdict, 'Verified')
      ended(await cli().run('resources -A --reaches s3://nobodys'), 1)
    })

    test('version tells of both sides', async () => {
      const report = documented('version', ended(await cli().run('version -o json'), 0))
      assert.equal(report.operators[0].version, report.client.version)
      assert.deepEqual(report.api.served, ['v1alpha1'])
      ended(await cli().run('version --client'), 0)
    })

    test('lists and explanations need no cluster', async () => {
      for (const line of ['formats', 'consumers', 'explain BucketNotFound', 'explain ArtifactStoreNotReady']) {
        const ran = await cli().run(`${line} -o json`, { kubeconfig: '/nowhere' })
        documented(line.split(' ')[0] ?? '', ended(ran, 0))
      }
    })
  })
}
