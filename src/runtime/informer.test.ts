import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  createInformerHarness,
  type InformerHarness,
  list,
  openWatch,
  secret,
} from '../../test/support/runtime/informer-harness.ts'
import { type Step, status } from '../../test/support/scripted-server.ts'

describe('informer', () => {
  let h: InformerHarness

  beforeEach(async () => {
    h = await createInformerHarness()
  })
  afterEach(() => h.close())

  it('lists page by page, then watches', async () => {
    const watch = openWatch()
    h.server.script(list(10, [secret('a', 7)], 'page-2'), list(10, [secret('b', 3)]), watch.step)
    h.start({ labelSelector: 'x=y', metadataOnly: true, namespace: 'ml' })
    assert.equal(h.informer.hasSynced, false)
    await h.informer.synced
    assert.equal(h.informer.hasSynced, true)
    assert.deepEqual(h.events, ['added a@7', 'added b@3'])
    await h.server.received(3)
    watch.send('ADDED', secret('c', 11))
    watch.send('MODIFIED', secret('a', 12))
    watch.send('DELETED', secret('b', 13))
    await h.untilEvents(5)
    assert.deepEqual(h.events.slice(2), ['added c@11', 'updated a@7->12', 'deleted b@3'])
    assert.deepEqual(
      [...h.informer.cache.values()].map(({ metadata }) => metadata.name),
      ['a', 'c'],
    )
    assert.deepEqual(h.requests(), ['list', 'list page-2', 'watch 10'])
    for (const { path, query, headers } of h.server.requests) {
      assert.equal(path, '/api/v1/namespaces/ml/secrets')
      assert.equal(query.get('labelSelector'), 'x=y')
      assert.match(headers.accept ?? '', /as=PartialObjectMetadata/)
      assert.equal(query.get(query.has('watch') ? 'timeoutSeconds' : 'limit'), query.has('watch') ? '300' : '500')
    }
    assert.deepEqual(h.errors, [])
  })

  it('keeps of what it lists and watches only what it is told to', async () => {
    const watch = openWatch()
    const full = (name: string, version: number) => ({ ...secret(name, version), data: { key: 'aHVzaA==' } })
    h.server.script(list(10, [full('a', 7)]), watch.step)
    h.start({ transform: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }) })
    await h.server.received(2)
    watch.send('ADDED', full('b', 11))
    await h.untilEvents(2)
    assert.deepEqual([...h.informer.cache.values()], [secret('a', 7), secret('b', 11)])
  })

  it('goes on from the last bookmark when the server ends the watch', async () => {
    const [first, second] = [openWatch(), openWatch()]
    h.server.script(list(10, []), first.step, second.step)
    h.start()
    await h.server.received(2)
    first.send('ADDED', secret('a', 11))
    first.bookmark(50)
    first.end()
    await h.server.received(3)
    assert.deepEqual(h.requests(), ['list', 'watch 10', 'watch 50'])
    assert.deepEqual(h.errors, [])
  })

  it('reports a handler that throws and goes on with the others', async () => {
    const watch = openWatch()
    h.server.script(list(10, [secret('a', 7)]), watch.step)
    h.start({}, informer =>
      informer.on(({ object }) => {
        throw new Error(`oops ${object.metadata.name}`)
      }),
    )
    await h.server.received(2)
    watch.send('ADDED', secret('b', 11))
    await h.untilEvents(2)
    assert.deepEqual(h.events, ['added a@7', 'added b@11'])
    assert.deepEqual(h.errors, ['handler oops a', 'handler oops b'])
  })

  it('shows an own write at once, and once', async () => {
    const watch = openWatch()
    h.server.script(list(10, [secret('a', 7)]), watch.step)
    h.start()
    await h.server.received(2)
    h.informer.observe(secret('a', 12))
    h.informer.observe(secret('mine', 13))
    assert.equal(h.informer.cache.get('ml/a')?.metadata.resourceVersion, '12')
    for (const version of [11, 12]) watch.send('MODIFIED', secret('a', version))
    watch.send('ADDED', secret('mine', 13))
    watch.send('DELETED', secret('mine', 14))
    await h.untilEvents(4)
    h.informer.observe(secret('mine', 13)) // the response was slower than the watch
    assert.deepEqual(h.events, ['added a@7', 'updated a@7->12', 'added mine@13', 'deleted mine@13'])
    assert.equal(h.informer.cache.get('ml/mine'), undefined)
  })

  describe('stops', () => {
    const moments: { name: string; script: () => Step[]; when: () => Promise<unknown>; synced: boolean }[] = [
      { name: 'before it began', script: () => [], when: async () => {}, synced: false },
      { name: 'while it lists', script: () => [() => {}], when: () => h.server.received(1), synced: false },
      { name: 'while it waits', script: () => [status(500)], when: () => h.delay(), synced: false },
      {
        name: 'while it watches',
        script: () => [list(10, []), openWatch().step],
        when: () => h.server.received(2),
        synced: true,
      },
    ]
    for (const { name, script, when, synced } of moments) {
      it(name, async () => {
        h.server.script(...script())
        const reason = new Error('shutting down')
        if (name === 'before it began') h.stop.abort(reason)
        h.start()
        await when()
        h.stop.abort(reason)
        await h.stopped
        if (synced) await h.informer.synced
        else await assert.rejects(h.informer.synced, reason)
        assert.deepEqual(h.errors, name === 'while it waits' ? ['list 500'] : [])
        assert.equal(h.clock.timers(), 0)
        const sent = h.server.requests.length
        await h.clock.advance(600_000)
        assert.equal(h.server.requests.length, sent)
      })
    }
  })
})
