/** Tenants that give the operator all that a ConfigMap and an endpoint can hold: the operator goes on for the others. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { CONFIG_MAPS } from '../../../src/kube/resource.ts'
import { type FakeAws, startFakeAws, stsError } from '../../support/clouds/fake-aws.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'

let world: World
let endpoint: FakeAws
let operators: OperatorProcess[] = []
let hostile: Tenant
let neighbour: Tenant

before(async () => {
  world = await World.start()
  // As much code and message as is read of an answer: each quadratic in a pattern or in a log that does not cut it.
  endpoint = await startFakeAws(() => stsError(503, 'eyJ-'.repeat(2 ** 13), 'because no a '.repeat(2 ** 11)))
  hostile = await world.tenant('hostile')
  neighbour = await world.tenant('neighbour')
  const leader = await world.startOperator([])
  await leader.leads()
  operators = [leader, await world.startOperator([])]
})
after(async () => {
  await Promise.all(operators.map(operator => operator.stop()))
  await endpoint?.close()
  await world?.stop()
})

describe('as much foreign text as is read', () => {
  test('is a reason in the status of its own connectors', async () => {
    const begins = '-----BEGIN CERTIFICATE-----\n'.repeat(37_000)
    await hostile.create(CONFIG_MAPS, 'begins', { data: { 'ca.crt': begins } }, true)
    await hostile.secret('key', { aws_access_key_id: 'a', aws_secret_access_key: 'b' })
    await hostile.connector('bundle', { caBundle: { configMapKeyRef: { name: 'begins' } } })
    await hostile.connector('codes', { endpoint: endpoint.url, auth: { accessKey: { secretName: 'key' } } })
    const bundle = await hostile.connectorCondition('bundle', 'Stalled', 'True', 'ConfigMapKeyTooLarge')
    assert.match(messageOf(bundle), /has 1036000 bytes, and 262144 is the most/)
    const codes = await hostile.connectorCondition('codes', 'Ready', 'False', 'ServiceUnavailable')
    assert.doesNotMatch(messageOf(codes), /eyJ/)
  })

  test('delays nobody else, and no replica ends or loses the lease', async () => {
    await neighbour.connector('minio')
    await neighbour.store('prod')
    await neighbour.storeReady('prod')
    const [leader, standby] = operators
    assert.ok(leader && standby)
    assert.equal(await leader.metric('artifactstore_leader'), 1)
    assert.equal(await standby.metric('artifactstore_leader'), 0)
    assert.deepEqual([leader.exited, standby.exited], [undefined, undefined])
    const longest = Math.max(...operators.flatMap(({ raw }) => raw.map(line => line.length)))
    assert.ok(longest < 2 ** 15, `a line of the log has ${longest} characters`)
  })
})
