import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import type { Dispatcher } from 'undici'
import { AnswerBudget, LARGE_BYTES } from './answer-budget.ts'
import { createDispatcher } from './dispatcher.ts'
import { createEndpointGuard } from './endpoint-guard.ts'
import { exchange, type HttpAnswer } from './exchange.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`

const send = (dispatcher: Dispatcher, origin: string, maxBytes: number) =>
  exchange(
    dispatcher,
    { origin, path: '/', method: 'GET', headers: {} },
    { answers: new AnswerBudget().endpoint('e'), maxBytes: () => maxBytes, signal: new AbortController().signal },
  )

/** The answer to a request at a server that says this. */
async function answerOf(say: (socket: Socket) => void, maxBytes = 1_000): Promise<HttpAnswer> {
  const server = createServer(socket => socket.on('error', () => undefined).once('data', () => say(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dispatcher = createDispatcher(createEndpointGuard(), { maxSockets: 1 })
  try {
    return await send(dispatcher, `http://127.0.0.1:${(server.address() as AddressInfo).port}`, maxBytes)
  } finally {
    await dispatcher.destroy()
    server.close()
  }
}

/** Writes a text again and again for as long as it is taken. */
function pump(socket: Socket, text: string): void {
  const write = () => {
    while (socket.writable && socket.write(text));
  }
  socket.on('drain', write)
  write()
}

describe('an exchange', () => {
  for (const [name, text, body] of [
    ['without length, which its end ends', `${OK}\r\nhello`, 'hello'],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', 'hello'],
    ['in chunks, with extensions and trailers', `${CHUNKED}2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nx-late: 1\r\n\r\n`, 'hello'],
    ['without a body', `${OK}content-length: 0\r\n\r\n`, ''],
  ] as const) {
    test(`reads an answer ${name}`, async () => {
      const answer = await answerOf(socket => socket.end(text))
      assert.deepEqual([answer.status, `${answer.body}`, answer.headers['x-late']], [200, body, undefined])
    })
  }

  test('keeps nothing of what comes before the answer, of which there may be any number', async () => {
    const early = (n: number) => `HTTP/1.1 103 Early Hints\r\nx-early-${n}: 1\r\ndate: ${n}\r\n\r\n`
    const { status, headers } = await answerOf(socket =>
      socket.end(`${early(1)}${early(2)}${OK}content-length: 0\r\n\r\n`),
    )
    assert.deepEqual([status, headers], [200, { 'content-length': '0' }])
  })

  test('copies what comes, as a byte of it may hold much memory', async () => {
    const memory = Buffer.alloc(1)
    const dispatch = (_: unknown, handler: Required<Dispatcher.DispatchHandler>) => {
      const controller = {} as Dispatcher.DispatchController
      handler.onRequestStart(controller, {})
      handler.onResponseStart(controller, 200, {})
      for (const letter of 'hello') {
        memory.write(letter)
        handler.onResponseData(controller, memory)
      }
      handler.onResponseEnd(controller, {})
      return true
    }
    const { body } = await send({ dispatch } as unknown as Dispatcher, 'http://any', 1_000)
    assert.equal(`${body}`, 'hello')
  })

  test('waits once for the turn of a large answer, and not at each of a million chunks', async t => {
    const pauses = t.mock.fn((): void => undefined)
    const dispatch = (_: unknown, handler: Required<Dispatcher.DispatchHandler>) => {
      const left = Array.from({ length: LARGE_BYTES / 64 }, () => Buffer.alloc(64))
      let paused = false
      const controller = {
        pause() {
          pauses()
          paused = true
        },
        resume() {
          paused = false
          go()
        },
      } as Dispatcher.DispatchController
      const go = () => {
        for (let chunk = left.pop(); chunk; chunk = paused ? undefined : left.pop()) {
          handler.onResponseData(controller, chunk)
        }
        if (!paused) handler.onResponseEnd(controller, {})
      }
      handler.onRequestStart(controller, {})
      handler.onResponseStart(controller, 200, {})
      go()
      return true
    }
    const { body } = await send({ dispatch } as unknown as Dispatcher, 'http://any', LARGE_BYTES)
    assert.deepEqual([body.length, pauses.mock.callCount()], [LARGE_BYTES, 1])
  })

  for (const maxBytes of [1_000, LARGE_BYTES]) {
    test(`ends an answer of single bytes that has more than ${maxBytes}`, async () => {
      const bytes = '1\r\nx\r\n'.repeat(10_000)
      const endless = (socket: Socket) => {
        socket.write(CHUNKED)
        pump(socket, bytes)
      }
      await assert.rejects(answerOf(endless, maxBytes), { code: 'AnswerTooLarge' })
    })
  }
})
