import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it, mock } from 'node:test'
import { inspect } from 'node:util'
import type { KubeObject } from '../api/object.ts'
import { isGone } from './errors.ts'
import { decodeWatch } from './watch-stream.ts'

const event = (type: string, name: string): string => `${JSON.stringify({ type, object: { metadata: { name } } })}\n`
const bytes = (text: string): Buffer => Buffer.from(text)

const options = { what: 'watch /x', idleTimeoutMs: 1000, signal: new AbortController().signal }

/** Reads the events up to the end or the error. */
async function read(body: Readable, over: Partial<typeof options> = {}): Promise<{ seen: string[]; error?: unknown }> {
  const seen: string[] = []
  try {
    for await (const { type, object } of decodeWatch<KubeObject>(body, { ...options, ...over })) {
      seen.push(`${type} ${object.metadata.name}`)
    }
    return { seen }
  } catch (error) {
    return { seen, error }
  }
}

describe('watch stream', () => {
  const wide = bytes(event('ADDED', 'zürich-✓-😀'))
  const two = event('ADDED', 'a') + event('MODIFIED', 'a')

  const cases: { name: string; chunks: Buffer[]; seen: string[]; error?: RegExp }[] = [
    { name: 'nothing', chunks: [], seen: [] },
    {
      name: 'an event a chunk',
      chunks: [bytes(event('ADDED', 'a')), bytes(event('DELETED', 'a'))],
      seen: ['ADDED a', 'DELETED a'],
    },
    { name: 'events in one chunk', chunks: [bytes(two)], seen: ['ADDED a', 'MODIFIED a'] },
    { name: 'an event in many chunks', chunks: [...two].map(bytes), seen: ['ADDED a', 'MODIFIED a'] },
    {
      name: 'chunks that end inside a character',
      chunks: Array.from(wide, byte => Buffer.of(byte)),
      seen: ['ADDED zürich-✓-😀'],
    },
    { name: 'empty lines', chunks: [bytes(`\n\n${event('BOOKMARK', 'a')}\n`)], seen: ['BOOKMARK a'] },
    {
      name: 'an end in the middle of an event',
      chunks: [bytes(two.slice(0, -5))],
      seen: ['ADDED a'],
      error: /^TransportError: watch \/x: ended in the middle of an event$/,
    },
    {
      name: 'an ERROR event',
      chunks: [
        bytes(
          `${event('ADDED', 'a')}{"type":"ERROR","object":{"code":500,"reason":"InternalError","message":"oops"}}\n`,
        ),
      ],
      seen: ['ADDED a'],
      error: /^ApiError: watch \/x: oops$/,
    },
    {
      name: 'what is no JSON',
      chunks: [bytes('{"c2VjcmV0\n')],
      seen: [],
      error: /^TransportError: watch \/x: an event is no JSON$/,
    },
  ]
  for (const { name, chunks, seen, error } of cases) {
    it(`reads ${name}`, async () => {
      const result = await read(Readable.from(chunks, { objectMode: false }))
      assert.deepEqual(result.seen, seen)
      if (error) assert.match(String(result.error), error)
      else assert.equal(result.error, undefined)
      assert.doesNotMatch(inspect(result.error), /c2VjcmV0/)
    })
  }

  it('tells that its version is gone', async () => {
    const gone = '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}\n'
    const { error } = await read(Readable.from([bytes(gone)]))
    assert.ok(isGone(error))
  })

  it('rejects when the stream breaks', async () => {
    const body = new Readable({ read() {} })
    const result = read(body)
    body.push(event('ADDED', 'a'))
    await new Promise(setImmediate)
    body.destroy(Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }))
    const { seen, error } = await result
    assert.deepEqual(seen, ['ADDED a'])
    assert.equal(String(error), 'TransportError: watch /x: other side closed')
    assert.equal((error as { code?: string }).code, 'UND_ERR_SOCKET')
  })

  it("rejects with the signal's reason when it is aborted", async () => {
    const controller = new AbortController()
    const body = new Readable({ read() {}, signal: controller.signal })
    const result = read(body, { signal: controller.signal })
    const reason = new Error('stop')
    controller.abort(reason)
    assert.equal((await result).error, reason)
  })

  it('counts silence from the last chunk, and not while the consumer is busy', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const body = new Readable({ read() {} })
      const events = decodeWatch<KubeObject>(body, options)
      const first = events.next()
      mock.timers.tick(900)
      body.push(event('ADDED', 'a'))
      assert.equal((await first).value?.type, 'ADDED')
      mock.timers.tick(5000) // the consumer is busy
      const second = events.next()
      await new Promise(setImmediate)
      mock.timers.tick(900)
      body.push(event('MODIFIED', 'a'))
      assert.equal((await second).value?.type, 'MODIFIED')
      const third = assert.rejects(events.next(), /^TransportError: watch \/x: silent for 1 s$/)
      await new Promise(setImmediate)
      mock.timers.tick(1000)
      await third
      assert.ok(body.destroyed)
    } finally {
      mock.timers.reset()
    }
  })

  it('reads on only when asked to, and closes the stream when the consumer stops', async () => {
    let produced = 0
    const body = new Readable({
      highWaterMark: 1,
      read() {
        this.push(event('ADDED', `object-${produced++}`))
      },
    })
    for await (const { object } of decodeWatch<KubeObject>(body, options)) {
      await new Promise(setImmediate)
      if (object.metadata.name === 'object-3') break
    }
    assert.ok(produced < 10, `read ${produced} events ahead`)
    assert.ok(body.destroyed)
  })
})
