/** How far credentials reach, as stores and connectors say it, and what follows: on real parts. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ISOLATION_ANNOTATION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES } from '../../../src/kube/resource.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
let tenant: Tenant
before(async () => {
  world = await World.start()
  await world.startOperator()
  tenant = await world.tenant('isolation')
  await tenant.connector('minio')
  await tenant.user('keys', 'readwrite')
  await tenant.connector('static', { auth: { accessKey: { secretName: 'keys' } }, issue: 'Static' })
})
after(() => world.stop())

const required = { verification: { isolation: 'Required' as const } }
const annotationOf = async (secret: string) =>
  (await tenant.getSecret(secret))?.metadata.annotations?.[ISOLATION_ANNOTATION]

describe('credentials of roles at MinIO', () => {
  for (const [name, spec] of [
    ['reported', {}],
    ['required', required],
  ] as const) {
    test(`are isolated, and are given out where that is ${name}`, async () => {
      await tenant.store(name, spec)
      await tenant.storeReady(name)
      const store = await tenant.storeCondition(name, 'Isolated', 'True', 'Proven')
      assert.match(messageOf(store, 'Isolated'), /what was tried beyond prefix and access was refused/)
      assert.equal(await annotationOf(`${name}-step`), 'True')
    })
  }

  test('show what the identity of their connector may beyond its stores', async () => {
    const connector = await tenant.connectorCondition('minio', 'LeastPrivilege', 'False', 'ReachesFurther')
    assert.match(messageOf(connector, 'LeastPrivilege'), /all of bucket "isolation", where its stores have prefixes/)
  })
})

describe('a copied key that opens everything', () => {
  const connectorRef = { name: 'static' }
  const requiredOf = (name: string, value: 'Required' | 'Report') =>
    world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name }, [
      { op: 'add', path: '/spec/verification', value: { isolation: value } },
    ])

  test('is given out where isolation is only reported, and people are told', async () => {
    await tenant.store('wide', { connectorRef })
    await tenant.storeReady('wide')
    const store = await tenant.storeCondition('wide', 'Isolated', 'False', 'NotIsolated')
    assert.match(
      messageOf(store, 'Isolated'),
      /"step" \(ReadWrite\) may also list outside .*, write outside of their prefix/,
    )
    assert.match((await annotationOf('wide-step')) ?? '', /^False: list outside of their prefix/)
    const warned = async () => (await tenant.events('wide')).filter(({ reason }) => reason === 'NotIsolated')
    await until('an event', async () => (await warned()).length === 1)
  })

  test('is not given out where isolation is required, with a cure', async () => {
    await tenant.store('narrow', { connectorRef, ...required })
    const store = await tenant.storeCondition('narrow', 'Stalled', 'True', 'NotIsolated')
    assert.match(
      messageOf(store),
      /spec\.verification\.isolation: Required, and .* may also .*: use a connector .*Report$/,
    )
    assert.equal(await tenant.getSecret('narrow-step'), undefined)
  })

  test('is taken back when isolation becomes required, and given out again when it no longer is', async () => {
    await requiredOf('wide', 'Required')
    await tenant.storeCondition('wide', 'Stalled', 'True', 'NotIsolated')
    await until('the Secret is gone', async () => (await tenant.getSecret('wide-step')) === undefined)
    await requiredOf('wide', 'Report')
    await tenant.storeReady('wide')
    assert.ok(await tenant.getSecret('wide-step'))
  })
})
