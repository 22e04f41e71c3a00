import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isFailure } from '../../../api/failures.ts'
import { createS3Provider } from '../provider.ts'

const CHUNK = Buffer.alloc(64 * 1024, '<Key>k</Key>')
/** Bytes that the server sends before it gives up; many times the largest answer of S3. */
const PATIENCE = 128 * 1024 * 1024

let sent = 0
/** A server that answers each call without end. */
const server = createServer(async (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/xml' }).write('<ListAllMyBucketsResult>')
  while (!response.destroyed && sent < PATIENCE) {
    sent += CHUNK.length
    if (response.write(CHUNK)) await nextTurn()
    else await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  response.end()
})
const provider = createS3Provider({ now: () => new Date() })
before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(() => {
  provider.close()
  server.close()
})

test('an answer without end is read for a while, and the Failure says that it is too large', async () => {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const identity = provider.identity(
    { aws: { endpoint, auth: { accessKey: { secretName: 'key' } } } },
    {
      connector: { namespace: 'ml', name: 'prod', uid: 'u' },
      value: ({ key }) => (key === 'aws_session_token' ? undefined : 'AKIA'),
    },
  )
  assert.ok(!isFailure(identity))
  const failure = await provider.open(identity, new AbortController().signal)
  assert.ok(isFailure(failure), 'a session was opened')
  assert.deepEqual([failure.intent, failure.reason], ['stalled', 'AnswerTooLarge'])
  assert.ok(sent < PATIENCE, `${sent} bytes were taken`)
})
