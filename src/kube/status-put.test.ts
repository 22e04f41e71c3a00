import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, TransportError } from './errors.ts'
import { leavesOwners } from './status-put.ts'

/** An API server that gives these answers, one after the other and then the last again and again. */
function answering(...answers: object[]) {
  let asked = 0
  const raw = async () => {
    const answer = answers[Math.min(asked++, answers.length - 1)]
    if (answer instanceof Error) throw answer
    return answer
  }
  return { client: { raw }, asked: () => asked }
}

const NEW = { major: '1', minor: '36+' }
const MINUTE = 60_000

test('a version that is told is asked for once, by however many at a time', async () => {
  const { client, asked } = answering(NEW)
  const both = await Promise.all([leavesOwners(client, 0), leavesOwners(client, 0)])
  assert.deepEqual([...both, await leavesOwners(client, 1e9), asked()], [true, true, true, 1])
})

for (const code of [403, 404]) {
  test(`an API server that refuses its version by ${code}, as one that starts may for a moment, is asked again after minutes`, async () => {
    const { client, asked } = answering(new ApiError(code, {}, 'get raw'), NEW)
    assert.equal(await leavesOwners(client, 0), false)
    assert.deepEqual([await leavesOwners(client, 9 * MINUTE), asked()], [false, 1])
    assert.deepEqual([await leavesOwners(client, 11 * MINUTE), asked()], [true, 2])
  })
}

test('an API server that does not answer is asked again at the next write', async () => {
  const { client } = answering(new TransportError('reset'), NEW)
  assert.deepEqual([await leavesOwners(client, 0), await leavesOwners(client, 0)], [false, true])
})
