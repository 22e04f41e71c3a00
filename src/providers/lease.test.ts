import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lease } from './lease.ts'
import type { Session } from './provider.ts'

/** What a session holds open: its clients come with its first call. */
class FakeSession {
  held = 0

  async measure() {
    this.held = 1
    return { kind: 'usage', objects: 0, bytes: 0, scope: 'Bucket' }
  }

  close() {
    this.held = 0
  }
}

test('a session that is used after it was given up is closed again', async () => {
  const session = new FakeSession()
  const lease = new Lease(session as unknown as Session, { refusedAt: undefined, trouble: () => undefined })
  lease.close()
  for (let n = 0; n < 2; n++) {
    await lease.measure(
      { location: { bucket: 'ml', prefix: '', uri: 's3://ml' }, source: 'List' },
      new AbortController().signal,
    )
    assert.equal(session.held, 0)
  }
})
