import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodProbe, NOW, store } from '../../test/support/objects.ts'
import { storeLab } from '../../test/support/store-context.ts'
import { forgetStore } from './context.ts'

test('everything remembered of a store is forgotten with it, and nothing of another store of its name', () => {
  const { context, calls } = storeLab()
  const known = store()
  const uids = [known.metadata.uid, 'another']
  for (const uid of uids) {
    const verification = { probe: goodProbe, expirationDays: undefined, forMs: 1 }
    context.verifications.set(uid, { verificationKey: 'key' }, verification, { now: NOW, monotonic: 0 })
    context.measurements.set(uid, { source: 'List', isStale: false })
    context.removals.set(uid, 0)
  }
  forgetStore(context, known)
  const memories = [context.verifications, context.measurements, context.removals]
  assert.deepEqual(
    uids.map(uid => memories.map(memory => memory.has(uid))),
    [
      [false, false, false],
      [true, true, true],
    ],
  )
  assert.deepEqual(calls, [`forget ${known.metadata.name}`], 'also what its Secrets ran into')
})
