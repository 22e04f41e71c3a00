/** Suite: whole stores at a service, which an operator looks after. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { findCondition } from '../../src/api/conditions.ts'
import type { Key } from '../cluster/services/service.ts'
import { pythonWithBoto3 } from '../cluster/tools.ts'
import { run } from '../support/client-process.ts'
import { until } from '../support/until.ts'
import type { At } from './conformance.suite.ts'
import { nameOf, type WayName } from './found.ts'
import { BUCKET, PREFIX } from './lab.ts'

export function stores({ row, running: { world, service }, lab, found, promise }: At): void {
  const name = nameOf(row.service)

  /** Creates a store and waits until the operator has said what it thinks of it. */
  async function settled(store: string, way: WayName, key: Key) {
    await world().apply(store, { ...service(), key }, lab().aws(way))
    return until('the store to settle', async () => {
      const { status, metadata } = await world().tenant.getStore(store)
      const condition = (type: string) => findCondition(status?.conditions, type)
      const done = condition('Ready')?.status === 'True' || condition('Stalled')?.status === 'True'
      return status?.observedGeneration === metadata.generation && done && condition
    })
  }

  promise('a store gives pods what boto3 and another SDK work with', async () => {
    found.store = { way: row.store, ready: 'False', isolated: 'Unknown' }
    const condition = await settled(name, row.store, service().keys.user)
    const ready = condition('Ready')
    found.store.ready = ready?.status === 'True' ? 'True' : (ready?.reason ?? '')
    found.store.isolated = condition('Isolated')?.status ?? 'Unknown'
    assert.equal(ready?.status, 'True', ready?.message)

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
    promise(`a store with ${whose}, by ${way}: ${reason}`, async () => {
      const { user } = service().keys
      const wrong = { ...user, secretAccessKey: user.secretAccessKey.replace(/.$/, '9') }
      const condition = await settled(`${name}-${index}`, way, key === 'wrong' ? wrong : key)
      const { status, reason: found, message = '' } = condition('Ready') ?? {}
      assert.deepEqual([status, found], ['False', reason], message)
      assert.match(message, says)
    })
  }
}
