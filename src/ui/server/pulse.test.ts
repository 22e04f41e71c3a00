import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Client } from '../../kube/client.ts'
import { ApiError, TransportError } from '../../kube/errors.ts'
import { feelPulse } from './pulse.ts'

test('silence of the API server is told, and a refusal is an answer', async () => {
  const ended = new AbortController()
  const silent = new TransportError('no answer in time')
  const answers = [new ApiError(403, {}, 'get'), silent, undefined, silent]
  const told: Error[] = []
  let asked = 0
  const raw = async () => {
    const answer = answers[asked++]
    if (asked === answers.length) ended.abort()
    if (answer) throw answer
  }
  const onSilence = (error: Error) => void told.push(error)
  await feelPulse({ client: { raw } as unknown as Client }, { signal: ended.signal, onSilence, everyMs: 0 })
  // The last one came when nobody wanted to know any more.
  assert.deepEqual([asked, told], [4, [silent]])
})
