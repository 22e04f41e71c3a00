/** A connector that is lent to another namespace: what it refuses, lends by name, and takes back. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { ArtifactStoreSpec } from '../../../src/api/artifact-store.ts'
import { SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

const connectorRef = { name: 'minio', namespace: 'lender' }
const RULE = { expirationDays: 7 }
const stores: [name: string, field: string, spec: Partial<ArtifactStoreSpec>][] = [
  ['identity', 'webIdentity', { credentials: [{ name: 'step', formats: ['WebIdentity'] }] }],
  ['setup', 'bucketSetup', { bucket: RULE }],
  ['copy', 'static', { connectorRef: { name: 'keys', namespace: 'lender' } }],
]

describe('a connector that is lent to another namespace', () => {
  let world: World
  let lender: Tenant
  let borrower: Tenant

  before(async () => {
    world = await World.start()
    await world.startOperator()
    lender = await world.tenant('lender')
    borrower = await world.tenant('borrower')
    const allowedNamespaces = { from: 'All' as const }
    await lender.connector('minio', {}, { allowedNamespaces })
    await lender.user('keys', 'readwrite')
    await lender.connector(
      'keys',
      { auth: { accessKey: { secretName: 'keys' } }, issue: 'Static' },
      { allowedNamespaces },
    )
    for (const [name, , spec] of stores) {
      await borrower.store(name, { path: `s3://borrower/${name}`, connectorRef, ...spec })
    }
    await borrower.store('scoped', { path: 's3://borrower/scoped', connectorRef })
  })
  after(() => world.stop())

  /** Sets `spec.lend` of both connectors. */
  async function lend(value: object): Promise<void> {
    for (const name of ['minio', 'keys']) {
      const patch = [{ op: 'add', path: '/spec/lend', value } as const]
      await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: 'lender', name }, patch)
    }
  }
  const rules = async () => (await borrower.getStore('setup')).status?.bucket?.expirationDays

  test('gives scoped credentials, and says of the rest which field of it to ask for', async () => {
    await borrower.storeReady('scoped')
    for (const [name, field] of stores) {
      const store = await borrower.storeCondition(name, 'Stalled', 'True', 'NotLent')
      assert.match(messageOf(store), new RegExp(`have its owner set spec\\.lend\\.${field}: true`))
      assert.equal(await borrower.getSecret(`${name}-step`), undefined)
    }
    assert.equal(await rules(), undefined)
  })

  test('gives what it lends by name', async () => {
    await lend({ webIdentity: true, bucketSetup: true, static: true })
    for (const [name] of stores) {
      await borrower.storeReady(name)
      assert.ok(await borrower.getSecret(`${name}-step`), name)
    }
    assert.equal(await rules(), RULE.expirationDays)
  })

  test('takes back at once what it no longer lends, and leaves scoped sessions alone', async () => {
    await lend({})
    for (const [name] of stores) await borrower.storeCondition(name, 'Stalled', 'True', 'NotLent')
    for (const name of ['identity', 'copy']) {
      await until(`the Secret of ${name} is gone`, async () => !(await borrower.getSecret(`${name}-step`)))
    }
    await until('the lifecycle rule is gone', async () => (await rules()) === undefined)
    assert.ok(await borrower.getSecret('scoped-step'))
    assert.ok(await borrower.getSecret('setup-step'))
  })

  test('tells nothing of its Secrets, ServiceAccounts, roles and endpoint', async () => {
    await borrower.store('denied', { path: 's3://nowhere/at-all', connectorRef })
    await borrower.storeCondition('denied', 'Ready', 'False')
    const hidden = [world.minio.roleArn, new URL(world.minio.endpoint).host, 'runner', 'lender/keys"', 'arn:']
    for (const name of ['scoped', 'denied', 'copy', 'identity', 'setup']) {
      const status = JSON.stringify((await borrower.getStore(name)).status)
      const told = hidden.filter(text => text.length > 0 && status.includes(text) && text !== 'lender/keys"')
      assert.deepEqual(told, [], status)
    }
  })
})
