import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../../src/api/object.ts'
import type { ObjectList, WatchEvent, WatchOptions } from '../../src/kube/client.ts'
import { TransportError } from '../../src/kube/errors.ts'
import { ARTIFACT_STORES } from '../../src/kube/resource.ts'
import { fakeClient } from '../support/runtime/fakes.ts'
import { ReadyWatch } from './ready-watch.ts'

function store(name: string, resourceVersion: string, ready?: 'True' | 'False') {
  const conditions = ready ? [{ type: 'Ready', status: ready }] : []
  return { metadata: { name, namespace: 'ns', uid: name, resourceVersion }, status: { conditions } }
}

test('objects are noted once they are Ready, with their writes, also after the watch was cut', async () => {
  const resumed: string[] = []
  const streams: ['ADDED' | 'MODIFIED', ReturnType<typeof store>][][] = [
    [
      ['ADDED', store('a', '2')],
      ['MODIFIED', store('a', '3', 'False')],
    ],
    [
      ['MODIFIED', store('a', '4', 'True')],
      ['ADDED', store('b', '5')],
      ['MODIFIED', store('a', '6', 'True')],
    ],
  ]
  const client = fakeClient({
    list: async <T extends KubeObject>(): Promise<ObjectList<T>> => ({ items: [], resourceVersion: '1' }),
    async *watch<T extends KubeObject>(_: unknown, __: unknown, { resourceVersion, signal }: WatchOptions) {
      resumed.push(resourceVersion)
      for (const [type, object] of streams.shift() ?? []) yield { type, object } as unknown as WatchEvent<T>
      if (streams.length > 0) throw new TransportError('cut')
      await new Promise(resolve => signal.addEventListener('abort', resolve))
    },
  })
  const watch = await ReadyWatch.start(client, ARTIFACT_STORES, 'ns')
  await watch.until(() => watch.writes.get('a') === 3, 30_000)
  watch.stop()
  assert.deepEqual([[...watch.readyAt.keys()], watch.writes.get('b'), resumed], [['a'], undefined, ['1', '3']])
})
