import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  createInformerHarness,
  type InformerHarness,
  list,
  openWatch,
  secret,
} from '../../test/support/runtime/informer-harness.ts'
import { reset, type Step, status } from '../../test/support/scripted-server.ts'
import type { Client } from '../kube/client.ts'

describe('informer in trouble', () => {
  let h: InformerHarness

  beforeEach(async () => {
    h = await createInformerHarness()
  })
  afterEach(() => h.close())

  it('resumes a broken watch where it stopped', async () => {
    const [first, second] = [openWatch(), openWatch()]
    h.server.script(list(10, []), first.step, second.step)
    h.start()
    await h.server.received(2)
    first.send('ADDED', secret('a', 11))
    await h.untilEvents(1)
    first.reset()
    await h.clock.advance(await h.delay())
    await h.server.received(3)
    second.send('ADDED', secret('b', 12))
    await h.untilEvents(2)
    assert.deepEqual(h.requests(), ['list', 'watch 10', 'watch 11'])
    assert.deepEqual(h.events, ['added a@11', 'added b@12'])
    assert.equal(h.errors.length, 1)
    assert.match(h.errors[0] ?? '', /^watch (UND_ERR_SOCKET|ECONNRESET)$/)
  })

  it('reconnects when the watch falls silent for two bookmarks and a half', async () => {
    h.server.script(list(10, []), openWatch().step, openWatch().step)
    let allowedSilenceMs: number | undefined
    const impatient: Pick<Client, 'list' | 'watch'> = {
      list: h.client.list,
      watch(resource, namespace, options) {
        if (allowedSilenceMs) return h.client.watch(resource, namespace, options)
        allowedSilenceMs = options.idleTimeoutMs
        return h.client.watch(resource, namespace, { ...options, idleTimeoutMs: 20 })
      },
    }
    h.start({ client: impatient })
    await h.clock.advance(await h.delay())
    await h.server.received(3)
    assert.deepEqual(h.requests(), ['list', 'watch 10', 'watch 10'])
    assert.equal(allowedSilenceMs, 150_000, 'two bookmarks and a half, whenever the watch was to end')
    assert.deepEqual(h.errors, ['watch watch /api/v1/secrets: silent for 0.02 s'])
  })

  describe('lists anew', () => {
    const causes: { name: string; refuse: (watch: ReturnType<typeof openWatch>) => Step; error: string }[] = [
      {
        name: 'when its version expires during the watch',
        refuse: watch => exchange => {
          watch.step(exchange)
          watch.fail(410)
        },
        error: 'watch 410',
      },
      ...[500, 503, 504].map(code => ({
        name: `when the API server ends the watch with an ERROR event of code ${code}`,
        refuse: (watch: ReturnType<typeof openWatch>) => (exchange: Parameters<typeof watch.step>[0]) => {
          watch.step(exchange)
          watch.fail(code)
        },
        error: `watch ${code}`,
      })),
      {
        name: 'when its version has expired before',
        refuse: () => status(410, { reason: 'Expired' }),
        error: 'watch 410',
      },
      { name: 'when there is nothing to watch', refuse: () => status(404), error: 'watch 404' },
    ]
    for (const { name, refuse, error } of causes) {
      it(`${name}, and tells what changed meanwhile`, async () => {
        const before = [secret('kept', 1), secret('changed', 2), secret('gone', 3), secret('anew', 4)]
        const after = [secret('kept', 1), secret('changed', 20), secret('anew', 21, 'other'), secret('new', 22)]
        h.server.script(list(10, before), refuse(openWatch()), list(30, after), openWatch().step)
        h.start()
        await h.clock.advance(await h.delay())
        await h.server.received(4)
        assert.deepEqual(h.events.slice(4), [
          'updated changed@2->20',
          'deleted anew@4',
          'added anew@21',
          'added new@22',
          'deleted gone@3',
        ])
        assert.deepEqual(h.requests(), ['list', 'watch 10', 'list', 'watch 30'])
        assert.deepEqual(h.errors, [error])
      })
    }

    it('with larger pages when its pages expire while it reads them', async () => {
      const expired = status(410, { reason: 'Expired' })
      h.server.script(
        list(10, [secret('a', 7)], 'page-2'),
        expired,
        list(20, [secret('a', 7)], 'page-2'),
        expired,
        list(30, [secret('b', 15)]),
        openWatch().step,
      )
      h.start({ pageSize: 200 })
      await h.clock.advance(await h.delay())
      await h.server.received(4)
      await h.clock.advance(await h.delay())
      await h.server.received(6)
      assert.deepEqual(h.requests(), ['list', 'list page-2', 'list', 'list page-2', 'list', 'watch 30'])
      assert.deepEqual(
        h.server.requests.map(({ query }) => query.get('limit')),
        ['200', '200', '400', '400', '500', null],
      )
      assert.deepEqual(h.events, ['added a@7', 'added b@15', 'deleted a@7'])
    })
  })

  describe('resumes', () => {
    for (const code of [401, 403, 429, 500, 503]) {
      it(`a watch that is refused with ${code}`, async () => {
        h.server.script(list(10, []), status(code), openWatch().step)
        h.start()
        await h.clock.advance(await h.delay())
        await h.server.received(3)
        assert.deepEqual(h.requests(), ['list', 'watch 10', 'watch 10'])
      })
    }
  })

  it('resumes a watch that an ERROR event ends because the API server is busy', async () => {
    const watch = openWatch()
    h.server.script(
      list(10, []),
      exchange => {
        watch.step(exchange)
        watch.fail(429)
      },
      openWatch().step,
    )
    h.start()
    await h.clock.advance(await h.delay())
    await h.server.received(3)
    assert.deepEqual(h.requests(), ['list', 'watch 10', 'watch 10'])
  })

  describe('waits', () => {
    it('longer each time for a first list that fails, and is heard', async () => {
      const missing = status(404, { reason: 'NotFound' }) // as long as the CRD is not installed
      h.server.script(...Array<Step>(8).fill(missing), list(10, []), openWatch().step)
      h.start()
      const delays: number[] = []
      for (let attempt = 1; attempt <= 8; attempt++) {
        await h.server.received(attempt)
        delays.push(await h.delay())
        assert.equal(h.informer.hasSynced, false)
        await h.clock.advance(delays.at(-1) ?? 0)
        await h.until(() => h.informer.state.name !== 'waiting')
      }
      await h.informer.synced
      assert.deepEqual(delays, [400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000])
      assert.deepEqual(h.errors, Array(8).fill('list 404'))
    })

    it('five seconds at most for an API server that does not answer, and then short again for one that refuses', async () => {
      const [down, forbidden] = [status(503), status(403)]
      // A GET whose connection breaks is sent again at once, twice.
      const away = [reset, reset, reset]
      const trouble = [...away, ...away, down, ...away, down, ...away, forbidden, forbidden]
      h.server.script(...trouble, list(10, []), openWatch().step)
      h.start()
      const delays: number[] = []
      for (let attempt = 1; attempt <= 8; attempt++) {
        delays.push(await h.delay())
        await h.clock.advance(delays.at(-1) ?? 0)
        await h.until(() => h.informer.state.name !== 'waiting')
      }
      await h.informer.synced
      assert.deepEqual(delays, [400, 800, 1600, 2500, 2500, 2500, 400, 800])
    })

    it('no longer than its user says', async () => {
      const [down, missing] = [status(503), status(404, { reason: 'NotFound' })]
      h.server.script(down, down, down, missing, missing, missing, list(10, []), openWatch().step)
      h.start({ pausesMs: { away: 1000, refused: 2000 } })
      const delays: number[] = []
      for (let attempt = 1; attempt <= 6; attempt++) {
        delays.push(await h.delay())
        await h.clock.advance(delays.at(-1) ?? 0)
        await h.until(() => h.informer.state.name !== 'waiting')
      }
      await h.informer.synced
      assert.deepEqual(delays, [400, 500, 500, 400, 800, 1000])
    })

    it('at least as long as the API h.server asks for', async () => {
      h.server.script(list(10, []), status(429, {}, { 'retry-after': '20' }), openWatch().step)
      h.start()
      assert.equal(await h.delay(), 20_000)
    })

    it('before it watches again when a watch ended at once, without an event', async () => {
      h.server.script(list(10, []), ({ response }) => response.end())
      h.start()
      assert.equal(await h.delay(), 400)
      assert.deepEqual(h.errors, [])
    })

    it('short again after a healthy minute', async () => {
      const watch = openWatch()
      h.server.script(status(500), status(500), list(10, []), status(500), watch.step)
      h.start()
      for (const expected of [400, 800, 1600]) {
        assert.equal(await h.delay(), expected)
        await h.clock.advance(expected)
        await h.until(() => h.informer.state.name !== 'waiting')
      }
      await h.server.received(5)
      watch.send('ADDED', secret('a', 11))
      await h.untilEvents(1)
      await h.clock.advance(60_000)
      watch.reset()
      assert.equal(await h.delay(), 400)
    })
  })
})
