/** A snapshot of a real etcd is put back by the commands of docs/backup.md: what comes back, what goes, and what works. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import https from 'node:https'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { isDeepStrictEqual, promisify } from 'node:util'
import { S3 } from '@aws-sdk/client-s3'
import { RECIPIENT_LABEL } from '../../src/api/names.ts'
import { isNotFound } from '../../src/kube/errors.ts'
import { ARTIFACT_STORES, NAMESPACES, SECRETS } from '../../src/kube/resource.ts'
import { etcdTools } from '../cluster/etcd.ts'
import { settingsOf } from '../e2e/consumers/world.ts'
import { Guide } from '../guides.ts'
import { createShell, type Shell } from '../support/guide-commands.ts'
import { lifecycleRules } from '../support/lifecycle-rules.ts'
import { Namespace } from '../support/namespace.ts'
import type { OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { type Tenant, World } from '../support/world.ts'

const guide = new Guide('backup.md')
const STORES = ['kept', 'turned', 'dropped', 'expiring']
/** What etcd's programs tell on stderr. */
const INFO = /"level":"info"|\tinfo\t|^Deprecated/i
const DAYS = { old: 7, new: 3 }

let world: World
let team: Tenant
let elsewhere: Namespace
let shell: Shell
let agent: https.Agent
let snapshots: string
let operator: OperatorProcess

before(async () => {
  world = await World.start()
  const { etcdUrl, etcdData, dir } = world.controlPlane
  const env = { ETCD: etcdUrl, ETCD_DATA: etcdData }
  snapshots = join(dir, 'snapshots')
  shell = await createShell(world.controlPlane, snapshots, { etcd: true, env })
  agent = new https.Agent({ ca: world.minio.caPem })
  team = await world.tenant('team')
  elsewhere = new Namespace(world, 'elsewhere')
  const metadata = { name: 'elsewhere', labels: { [RECIPIENT_LABEL]: 'true' } }
  await world.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata })
  await team.connector('minio')
  operator = await world.startOperator()
  for (const name of STORES) await add(name, name === 'expiring' ? { bucket: { expirationDays: DAYS.old } } : {})
  await calm()
  await shell.run(guide, 'etcd-snapshot', INFO)
})
after(async () => {
  agent?.destroy()
  await world?.stop()
})

/** Two Secrets for each store: one beside it, and one in the other namespace. */
const add = (name: string, more = {}) =>
  team.store(name, {
    ...{ allowedNamespaces: { from: 'All' }, ...more },
    credentials: [{ name: 'step', formats: ['AwsProfile'], namespaces: { names: ['team', 'elsewhere'] } }],
  })

const change = async (name: string, path: string, value: unknown) => {
  const patch = [{ op: 'add' as const, path, value }]
  await world.client.jsonPatch(ARTIFACT_STORES, { namespace: 'team', name }, patch)
}

const calm = () =>
  until('all stores are Ready as they are now', async () => {
    const { items } = await world.client.list(ARTIFACT_STORES, 'team')
    await Promise.all(items.map(({ metadata }) => team.storeReady(metadata.name)))
    return true
  })

const daysOfRule = async (): Promise<number | undefined> =>
  (await lifecycleRules(world, 'team')).map(rule => Number(rule.split(' ').at(-1)))[0]

/** What the Secret of a store opens, tried for real: the status codes of a listing and of a write. */
async function opened(name: string): Promise<number[]> {
  const credentials = await team.credentials(`${name}-step`)
  const s3 = new S3({ ...settingsOf(world.minio, agent, credentials), forcePathStyle: true })
  const codeOf = (call: Promise<{ $metadata: { httpStatusCode?: number } }>) =>
    call.then(
      ({ $metadata }) => $metadata.httpStatusCode ?? 0,
      error => error.$metadata?.httpStatusCode ?? 0,
    )
  try {
    return [
      await codeOf(s3.listObjectsV2({ Bucket: 'team', Prefix: `${name}/` })),
      await codeOf(s3.putObject({ Bucket: 'team', Key: `${name}/tried`, Body: 'x' })),
    ]
  } finally {
    s3.destroy()
  }
}

/** What changes after the snapshot was made: a store comes, one goes, one gets other credentials, one another rule. */
async function live(): Promise<void> {
  await add('made')
  await change('turned', '/spec/credentials/0/access', 'ReadOnly')
  await change('expiring', '/spec/bucket/expirationDays', DAYS.new)
  await world.client.delete(ARTIFACT_STORES, 'team', 'dropped')
  await until('the deleted store is gone', () => team.getStore('dropped').then(() => false, isNotFound))
  await calm()
  await until('the rule is the new one', async () => (await daysOfRule()) === DAYS.new)
  assert.deepEqual(await opened('turned'), [200, 403])
}

/** The API server and etcd are stopped, and started with what `restore` makes of the snapshot. */
async function putBack(restore: () => Promise<unknown>): Promise<void> {
  const { controlPlane } = world
  await controlPlane.stopApiserver()
  await controlPlane.stopEtcd()
  rmSync(controlPlane.etcdData, { recursive: true })
  await restore()
  await controlPlane.startEtcd()
  await controlPlane.startApiserver()
}

function whatIsThen(): void {
  test('stores that were made since are gone, and so are their Secrets, also those that were made again meanwhile', async () => {
    await assert.rejects(team.getStore('made'), isNotFound)
    await calm()
    for (const where of [team, elsewhere]) {
      await until('no Secret is left', async () => !(await where.getSecret('made-step')))
    }
  })

  test('stores that were deleted since are there again, and their credentials work', async () => {
    await team.storeReady('dropped')
    assert.ok(await elsewhere.getSecret('dropped-step'))
    assert.deepEqual(await opened('dropped'), [200, 200])
  })

  test('credentials are those of the spec of then', async () => {
    await team.storeReady('turned')
    assert.deepEqual(await opened('turned'), [200, 200])
    assert.deepEqual(await opened('kept'), [200, 200])
  })

  test('a bucket is made what the spec of then asks for, once all stores are verified anew', async () => {
    await shell.run(guide, 'verify-all')
    await until('the rule is the one of then', async () => (await daysOfRule()) === DAYS.old)
    await calm()
  })

  test('what is done from now on is seen', async () => {
    await add('new')
    await team.storeReady('new')
    await change('kept', '/spec/credentials/0/access', 'ReadOnly')
    await until('other credentials', async () => isDeepStrictEqual(await opened('kept'), [200, 403]))
    await world.client.delete(SECRETS, 'elsewhere', 'kept-step')
    await until('the Secret is there again', () => elsewhere.getSecret('kept-step'))
    await world.client.delete(ARTIFACT_STORES, 'team', 'new')
    await until('its Secret is gone', async () => !(await elsewhere.getSecret('new-step')))
  })
}

describe('after a restore with versions that go on, without a restart,', () => {
  before(async () => {
    await live()
    await putBack(() => shell.run(guide, 'etcd-restore', INFO))
  })
  whatIsThen()

  test('the operator is the same process', () => assert.equal(operator.exited, undefined))
})

describe('after a restore with versions that are given again, and a restart,', () => {
  before(async () => {
    await live()
    await operator.stop()
    const { etcdutl } = await etcdTools()
    const { etcdData } = world.controlPlane
    const words = ['snapshot', 'restore', join(snapshots, 'snapshot.db'), `--data-dir=${etcdData}`]
    await putBack(() => promisify(execFile)(etcdutl.command, [...etcdutl.args, ...words]))
    operator = await world.startOperator()
  })
  whatIsThen()
})
