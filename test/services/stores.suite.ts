/** Suite: whole stores at a service, which an operator looks after. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { findCondition } from '../../src/api/conditions.ts'
import type { Key } from '../cluster/services/service.ts'
import { pythonWithBoto3 } from '../cluster/tools.ts'
import { run } from '../support/client-process.ts'
import { messageOf } from '../support/namespace.ts'
import type { At } from './conformance.suite.ts'
import { nameOf, type WayName } from './found.ts'
import { BUCKET, PREFIX } from './lab.ts'

export function stores({ row, running: { world, service }, lab, found }: At): void {
  const name = nameOf(row.service)

  const create = (store: string, way: WayName, key: Key) => world().apply(store, { ...service(), key }, lab().aws(way))

  test('a store gives pods what boto3 and another SDK work with', async () => {
    found.store = { way: row.store, ready: 'False', isolated: 'Unknown' }
    await create(name, row.store, service().keys.user)
    const { status } = await world().tenant.storeReady(name)
    found.store.ready = 'True'
    found.store.isolated = findCondition(status?.conditions, 'Isolated')?.status ?? 'Unknown'

    const env = await world().mount(name, service())
    const scripts = join(import.meta.dirname, 'clients')
    const clients = [
      [await pythonWithBoto3(), 'boto3_client.py'],
      [process.execPath, 'sdk-client.ts'],
    ] as const
    for (const [command, script] of clients) {
      const output = await run({ command, args: [join(scripts, script), BUCKET, PREFIX], env })
      assert.deepEqual(JSON.parse(output), { loaded: 'weights', size: 9 * 1024 * 1024, listed: 3, left: 0 }, script)
    }
  })

  for (const [index, { name: whose, way, key, reason, says }] of (row.stores ?? []).entries()) {
    test(`a store with ${whose}, by ${way}: ${reason}`, async () => {
      const { user } = service().keys
      const wrong = { ...user, secretAccessKey: user.secretAccessKey.replace(/.$/, '9') }
      await create(`${name}-${index}`, way, key === 'wrong' ? wrong : key)
      const store = await world().tenant.storeCondition(`${name}-${index}`, 'Ready', 'False', reason)
      assert.match(messageOf(store), says)
    })
  }
}
