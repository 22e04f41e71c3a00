import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  json,
  reset,
  type ScriptedServer,
  silence,
  startScriptedServer,
  status,
} from '../../test/support/scripted-server.ts'
import { TransportError } from './errors.ts'
import { createTransport, type Request, type Transport } from './transport.ts'

const WRITE: Request = { verb: 'patch', resource: 'secrets', path: '/api/v1/namespaces/ml/secrets/key', body: {} }
const forbidden = status(403, { reason: 'Forbidden', message: 'cannot patch secrets' })

describe('a 403', () => {
  let server: ScriptedServer
  let transport: Transport
  let now: number
  let waits: number[]

  beforeEach(async () => {
    server = await startScriptedServer()
    now = 0
    waits = []
    transport = createTransport({
      ...{ access: server.access, random: () => 0.5, monotonic: () => now },
      sleep: async ms => void waits.push(ms),
    })
  })
  afterEach(async () => {
    await transport.close()
    await server.close()
  })

  /** A write that gets no answer. */
  const unanswered = async () => {
    server.script(reset)
    await assert.rejects(transport.send(WRITE), TransportError)
  }

  it('is sent again soon after a call without an answer: an API server that starts knows no roles yet', async () => {
    await unanswered()
    now += 9_000
    server.script(forbidden, forbidden, json({ ok: true }))
    assert.deepEqual(await transport.send(WRITE), { ok: true })
    assert.deepEqual(waits, [625, 625])
  })

  it('counts ten seconds after a call without an answer', async () => {
    await unanswered()
    now += 10_000
    server.script(forbidden)
    await assert.rejects(transport.send(WRITE), { code: 403 })
    assert.deepEqual(waits, [])
  })

  it('counts at once where all calls were answered, or were given up', async () => {
    server.script(silence, forbidden)
    await assert.rejects(transport.send({ ...WRITE, timeoutMs: 50 }), TransportError)
    await assert.rejects(transport.send(WRITE), { code: 403 })
    assert.deepEqual(waits, [])
  })
})
