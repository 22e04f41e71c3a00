import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodProbe, NOW, store } from '../../test/support/objects.ts'
import { storeLab } from '../../test/support/store-context.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { forgetStore } from './context.ts'

const known = store()
const another = store({}, { metadata: { ...known.metadata, uid: 'another' } })
const cases: [name: string, now: ArtifactStore | undefined, kept: boolean][] = [
  ['of a store that is gone, nothing is kept', undefined, false],
  ['of one that was made anew, neither', another, false],
  ['what is kept for a store that is there stays', store({ suspend: true }), true],
]
for (const [name, now, kept] of cases) {
  test(name, () => {
    const { context } = storeLab()
    const { uid } = known.metadata
    const verification = { probe: goodProbe, expirationDays: undefined, nextAt: NOW }
    context.verifications.set(uid, { verificationKey: 'key' }, verification)
    context.measurements.set(uid, { source: 'List', isStale: false })
    context.removals.set(uid, 0)
    forgetStore(context, known, now)
    const memories = [context.verifications, context.measurements, context.removals]
    assert.deepEqual(
      memories.map(memory => memory.has(uid)),
      [kept, kept, kept],
    )
  })
}
