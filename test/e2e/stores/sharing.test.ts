/** Permissions that change: connectors of other namespaces, and policies outside of the cluster. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES, NAMESPACES, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
before(async () => {
  world = await World.start()
  await world.startOperator()
})
after(() => world.stop())

describe('a connector of another namespace', () => {
  let owner: Tenant
  let user: Tenant
  before(async () => {
    owner = await world.tenant('owner')
    user = await world.tenant('user')
    await owner.connector('minio')
    await user.store('store', { path: 's3://user/store', connectorRef: { name: 'minio', namespace: 'owner' } })
    await owner.user('keys', 'readwrite')
    await owner.connector(
      'keys',
      { auth: { accessKey: { secretName: 'keys' } }, issue: 'Static' },
      { lend: { static: true } },
    )
    await user.store('copies', { path: 's3://user/copies', connectorRef: { name: 'keys', namespace: 'owner' } })
  })

  test('is refused by default', async () => {
    const store = await user.storeCondition('store', 'Ready', 'False', 'ConnectorNotAllowed')
    assert.equal(
      messageOf(store),
      'spec.connectorRef: ServiceConnector "owner/minio" does not exist or does not allow namespace "user": have its owner set spec.allowedNamespaces',
    )
  })

  test('is allowed by the label of the namespace', async () => {
    const selector = { matchLabels: { team: 'a' } }
    for (const name of ['minio', 'keys']) {
      await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: 'owner', name }, [
        { op: 'add', path: '/spec/allowedNamespaces', value: { from: 'Selector', selector } },
      ])
    }
    await world.client.jsonPatch(NAMESPACES, { name: 'user' }, [
      { op: 'add', path: '/metadata/labels/team', value: 'a' },
    ])
    await user.storeReady('store')
    await user.storeReady('copies')
  })

  test('is refused again without the label: a copy of its key is taken back, a session ends by itself', async () => {
    assert.ok(await user.getSecret('copies-step'))
    await world.client.jsonPatch(NAMESPACES, { name: 'user' }, [{ op: 'remove', path: '/metadata/labels/team' }])
    await user.storeCondition('store', 'Ready', 'False', 'ConnectorNotAllowed')
    const copies = await user.storeCondition('copies', 'Ready', 'False', 'ConnectorNotAllowed')
    assert.deepEqual(copies.status?.credentials ?? [], [])
    assert.deepEqual([await user.getSecret('copies-step'), !!(await user.getSecret('store-step'))], [undefined, true])
  })
})

test('a store is Ready again when its policy is corrected and the annotation asks for another look', async () => {
  const tenant = await world.tenant('asked')
  await world.minio.admin.setPolicy('asked', JSON.stringify(allow('s3:ListBucket')))
  await tenant.user('keys', 'asked')
  await tenant.keyConnector('minio', 'keys')
  await tenant.store('store')
  await tenant.storeCondition('store', 'Ready', 'False', 'PermissionDenied')
  await world.minio.admin.setPolicy('asked', JSON.stringify(allow('s3:*')))
  await world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name: 'store' }, [
    { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: 'now' } },
  ])
  await tenant.storeReady('store')
})

const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: 'arn:aws:s3:::*' }],
})
