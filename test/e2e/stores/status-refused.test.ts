/** A policy that refuses the status of a store can't be named in that status: an event says it. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ARTIFACT_STORES } from '../../../src/kube/resource.ts'
import { denyStatus } from '../../support/admission.ts'
import { until } from '../../support/until.ts'
import { World } from '../../support/world.ts'

let world: World
before(async () => {
  world = await World.start()
  await world.startOperator()
})
after(() => world.stop())

test('an event has the words of a policy that refuses a status, which is written once the policy is gone', async () => {
  const tenant = await world.tenant('frozen')
  await tenant.connector('minio')
  await tenant.store('store')
  const { status } = await tenant.storeReady('store')
  const policy = await denyStatus(tenant, 'store', 'this namespace is frozen until Monday')
  await world.client.jsonPatch(ARTIFACT_STORES, { namespace: tenant.name, name: 'store' }, [
    { op: 'add', path: '/spec/credentials/0/duration', value: '45m' },
  ])
  const event = await until('the event', async () =>
    (await tenant.events('store')).find(({ reason }) => reason === 'StatusRefused'),
  )
  assert.match(event.note, /this namespace is frozen until Monday\), so what it says is out of date: let the operator/)
  assert.deepEqual((await tenant.getStore('store')).status, status)
  await policy.remove()
  await until(
    'the status is up to date',
    async () => {
      const { metadata, status } = await tenant.getStore('store')
      return status?.observedGeneration === metadata.generation
    },
    { ms: 60_000 },
  )
  await tenant.storeReady('store')
})
