import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { startConnectionCounter } from './connection-counter.ts'

test('connections through the proxy are counted, and requests on one that is kept are not', async t => {
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  await using counter = await startConnectionCounter(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const ask = async (agent: Agent) => {
    const [response] = await once(get(counter.endpoint, { agent }), 'response')
    const answer = await text(response)
    // The agent takes the connection back only then.
    await new Promise(setImmediate)
    return answer
  }

  const keeping = new Agent({ keepAlive: true, maxSockets: 1 })
  assert.deepEqual([await ask(keeping), await ask(keeping), counter.opened()], ['hello', 'hello', 1])
  const closing = new Agent({ keepAlive: false })
  assert.deepEqual([await ask(closing), await ask(closing), counter.opened()], ['hello', 'hello', 3])
  keeping.destroy()
})
