/** What follows from a conclusion besides status: the time of the next look, and events. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minutes, NOW, store } from '../../../test/support/objects.ts'
import { concludedPlan, observations, served, unserved } from '../../../test/support/observations.ts'
import type { ArtifactStore, ArtifactStoreStatus } from '../../api/artifact-store.ts'
import { findCondition } from '../../api/conditions.ts'
import { stalled, transient, waiting } from '../../api/failures.ts'
import type { Outcome } from '../../runtime/outcome.ts'
import { UNFINISHED } from '../effects/projection.ts'
import { sessionFailed } from '../plan/connection.ts'
import * as conclusions from './conclude.ts'
import type { Observations } from './observations.ts'

const { concludeUnobserved } = conclusions
const good = observations({ projections: [served] })
const conclude = (of: ArtifactStore, observed: Observations, now: Date) =>
  conclusions.conclude(of, concludedPlan(), observed, { now })
const denied = stalled('PermissionDenied', 's3:PutObject denied')
/** What no waiting cures. */
const forbidden = stalled('RequestRefused', 'refused')
const conflicting = stalled('DefaultConflict', 'another is the default')
const down = transient('EndpointUnreachable', 'no answer')
const unreachable = { bucket: { verification: down }, access: down }

const READY = conclude(store(), good, NOW).status as ArtifactStoreStatus
const before = store({}, { status: READY })

describe('the next look at a store', () => {
  const next = ({ next, wakeWithin }: Outcome<unknown>) => ({ next, wakeWithin })
  test('comes with the probe when that is before the refresh', () => {
    assert.deepEqual(next(conclude(store(), good, NOW)), { next: { after: 600_000 }, wakeWithin: undefined })
  })
  test('comes with the refresh when that is before the probe', () => {
    const soon = { ...good, projections: [{ ...served, refreshAt: minutes(1) }] }
    assert.deepEqual(conclude(store(), soon, NOW).next, { after: 60_000 })
  })
  test('comes in time for a refresh although the store is stalled', () => {
    assert.deepEqual(next(conclude(before, { ...good, access: forbidden }, NOW)), {
      next: forbidden,
      wakeWithin: 600_000,
    })
  })
  test('comes with backoff after a failed refresh, and sooner the less time its credentials have left', () => {
    const failing = {
      ...good,
      ...unreachable,
      projections: [{ ...served, failure: down, expiresAt: minutes(2) }],
    }
    assert.deepEqual(next(conclude(before, failing, NOW)), { next: down, wakeWithin: 40_000 })
  })
  test('comes before the credentials end although a person must mend their refresh', () => {
    const failing = { ...good, projections: [{ ...served, failure: forbidden, expiresAt: minutes(6) }] }
    assert.deepEqual(next(conclude(before, failing, NOW)), { next: forbidden, wakeWithin: 120_000 })
  })
  test('comes twice a minute while a Secret is in the way', () => {
    const conflict = stalled('SecretConflict', 'm')
    const blocked = { ...good, projections: [{ ...unserved, failure: conflict }] }
    assert.deepEqual(next(conclude(store(), blocked, NOW)), { next: conflict, wakeWithin: 30_000 })
  })
  test('comes before the credentials end when the connector fails', () => {
    const failure = sessionFailed('ml/minio', forbidden, false)
    assert.deepEqual(next(concludeUnobserved(before, failure, { now: NOW })), { next: failure, wakeWithin: 1_200_000 })
  })
  test('comes soon after trouble that may pass, also where other trouble waits for a person', () => {
    const observed = {
      ...good,
      projections: [
        { ...unserved, failure: forbidden },
        { ...unserved, failure: down },
      ],
    }
    assert.equal(conclude(before, observed, NOW).next, down)
    assert.equal(concludeUnobserved(before, down, { now: NOW, specFailure: conflicting }).next, down)
  })
  test('comes at once when a measurement goes on', () => {
    const usage = { usage: undefined, failure: undefined, nextAt: NOW }
    assert.deepEqual(conclude(store({ usage: { source: 'List' } }), { ...good, usage }, NOW).next, { after: 1_000 })
  })
  test('is not planned when there is nothing to wait for', () => {
    assert.deepEqual(next(concludeUnobserved(store(), stalled('InvalidSpec', 'm'), { now: NOW })), {
      next: stalled('InvalidSpec', 'm'),
      wakeWithin: undefined,
    })
  })
})

test('a store that is Ready speaks of credentials only where it asks for some', () => {
  const said = (of: ArtifactStore) => findCondition(conclude(of, good, NOW).status?.conditions, 'Ready')?.message
  const credentials = [{ name: 'step', formats: ['Env' as const] }]
  assert.equal(said(store({ credentials })), 'bucket verified, credentials projected')
  assert.equal(said(store({ credentials: [] })), 'bucket verified')
})

describe('an event', () => {
  const reasons = (outcome: Outcome<unknown>) => outcome.events?.map(({ type, reason }) => `${type} ${reason}`)
  test('does not come when a new store becomes Ready', () =>
    assert.deepEqual(reasons(conclude(store(), good, NOW)), []))
  test('says that a store is Ready again', () => {
    const { status = {} } = conclude(store(), { ...good, access: denied }, NOW)
    assert.deepEqual(reasons(conclude(store({}, { status }), good, NOW)), ['Normal Verified'])
  })
  test('warns once of trouble of a store that stays Ready', () => {
    const observed = { ...good, ...unreachable }
    assert.deepEqual(reasons(conclude(before, observed, NOW)), ['Warning EndpointUnreachable'])
    const status = conclude(before, observed, NOW).status as ArtifactStoreStatus
    assert.deepEqual(reasons(conclude(store({}, { status }), observed, NOW)), [], 'once')
  })
  test('says what was changed at the bucket', () => {
    const outcome = conclude(before, { ...good, changes: ['created the bucket', 'enabled versioning'] }, NOW)
    assert.deepEqual(outcome.events, [
      {
        type: 'Normal',
        reason: 'BucketPrepared',
        action: 'Prepare',
        message: 's3://bucket/team/: created the bucket, enabled versioning',
      },
    ])
  })
  test('does not come when the Secrets of a store take several turns', () => {
    const unfinished = { ...good, projections: [{ ...served, failure: waiting(UNFINISHED, 'm') }] }
    assert.deepEqual(reasons(conclude(before, unfinished, NOW)), [])
    const { status } = conclude(before, unfinished, NOW)
    assert.equal(findCondition(status?.conditions, 'Reconciling')?.reason, UNFINISHED)
  })
  test('warns of a store that is no longer Ready', () => {
    assert.deepEqual(reasons(conclude(before, { ...good, access: denied }, NOW)), ['Warning PermissionDenied'])
  })
})
