import assert from 'node:assert/strict'
import { test } from 'node:test'
import { transient } from '../../api/failures.ts'
import type { Session } from '../provider.ts'
import { rejection } from '../rejection.ts'
import { CountedSession } from './shared-session.ts'

/** A session that opens its clients with its first call. */
class FakeSession {
  clients = 0

  async measure() {
    this.clients = 1
    return { kind: 'usage', objects: 0, bytes: 0, scope: 'Bucket' }
  }

  close() {
    this.clients = 0
  }
}

const shared = (session: unknown, onRejected = () => {}) =>
  new CountedSession(session as Session, { refusedAt: () => undefined, trouble: () => undefined, onRejected })

test('a session that is used after it was given up is closed again', async () => {
  const fake = new FakeSession()
  const session = shared(fake)
  session.close()
  for (let n = 0; n < 2; n++) {
    await session.measure(
      { location: { bucket: 'ml', prefix: '', uri: 's3://ml' }, source: 'List' },
      new AbortController().signal,
    )
    assert.equal(fake.clients, 0)
  }
})

test('each call whose answer refuses the credentials shows that the session is of no use', async () => {
  const refused = rejection(transient('SessionExpired', 'the service refuses its credentials'))
  for (const call of ['probe', 'grant', 'prepare', 'resources', 'measure'] as const) {
    let told = 0
    const session = shared({ [call]: async () => refused }, () => told++)
    assert.equal(session.rejected, false)
    assert.equal(await session[call]({} as never, new AbortController().signal), refused)
    assert.deepEqual([session.rejected, told], [true, 1], call)
  }
})

test('a Failure that says nothing of the credentials leaves the session in use', async () => {
  const failure = transient('ServiceUnavailable', 'HTTP 503')
  const session = shared({ probe: async () => failure }, () => assert.fail('told of a rejection'))
  assert.equal(await session.probe({} as never, new AbortController().signal), failure)
  assert.equal(session.rejected, false)
})

test('a refusal is reported once, in the name of the user that met it first', async () => {
  const refused = rejection(transient('SessionExpired', 'the service refuses its credentials'))
  const reporters: (string | undefined)[] = []
  const session = new CountedSession({ resources: async () => refused } as unknown as Session, {
    refusedAt: () => undefined,
    trouble: () => undefined,
    onRejected: reporter => reporters.push(reporter),
  })
  for (const user of ['ml/a', 'ml/b']) {
    await session.usedBy(user).resources({ patterns: [], max: 1 }, new AbortController().signal)
  }
  assert.deepEqual([reporters, session.rejected], [['ml/a'], true])
})
