/** Whoever sets the annotation `requested-at` waits for its value in status. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeSession, minutes, NOW, store } from '../../../test/support/objects.ts'
import { concludedPlan, observations, served, unserved } from '../../../test/support/observations.ts'
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { stalled, transient, waiting } from '../../api/failures.ts'
import { REQUESTED_AT_ANNOTATION } from '../../api/names.ts'
import * as connectors from '../../connectors/conclude.ts'
import { UNFINISHED } from '../effects/projection.ts'
import { conclude, concludeProgress, concludeSuspended, concludeUnobserved } from './conclude.ts'

const asked = { ...store().metadata, annotations: { [REQUESTED_AT_ANNOTATION]: 'now' } }
const status = { lastHandledRequest: 'before' }
const requested: ArtifactStore = store({}, { metadata: asked, status })
const good = observations({ projections: [served] })
const down = transient('EndpointUnreachable', 'no answer')
const shared = connector({ metadata: { ...asked, name: 'minio' }, status })
const seen = {
  session: fakeSession(),
  cautions: [],
  listing: { answer: { kind: 'resources' as const, resources: [], truncated: false }, nextAt: minutes(8) },
}

describe('a request is answered', () => {
  for (const [what, outcome] of [
    ['by a look that finds all well', conclude(requested, concludedPlan(), good, { now: NOW })],
    ['by a look that fails', concludeUnobserved(requested, down, { now: NOW })],
    ['of a store that is suspended', concludeSuspended(requested, { now: NOW })],
    ['of a connector that works', connectors.concludeReady(shared, seen, 1, NOW)],
    ['of a connector that fails', connectors.concludeFailure(shared, down, 1, NOW)],
    ['of a connector that is suspended', connectors.concludeSuspended(shared, 1, NOW)],
  ] as const) {
    test(what, () => assert.equal(outcome.status?.lastHandledRequest, 'now'))
  }

  test('by no look that has not ended yet', () => {
    assert.equal(concludeProgress(requested, NOW).lastHandledRequest, 'before')
    assert.equal(connectors.concludeProgress(shared, 1, NOW).lastHandledRequest, 'before')
  })

  test('only where there was one', () => {
    assert.ok(!('lastHandledRequest' in (conclude(store(), concludedPlan(), good, { now: NOW }).status ?? {})))
  })
})

describe('a request at the connector is answered by a store', () => {
  const waits = store({}, { status: { lastHandledConnectorRequest: 'before' } })
  const plan = concludedPlan({ connectorRequest: 'now' })
  const failing = observations({ projections: [served, { ...served, failure: down }] })
  const answer = ({ status }: ReturnType<typeof conclude>) => status?.lastHandledConnectorRequest

  test('once all of its credentials are made anew', () =>
    assert.equal(answer(conclude(waits, plan, good, { now: NOW })), 'now'))

  for (const failure of [
    waiting('NamespaceNotFound', 'there is no such namespace'),
    stalled('NamespaceNotAllowed', 'not allowed by spec.allowedNamespaces'),
    transient('SecretEdited', 'changed again'),
  ]) {
    test(`also where others have none (${failure.reason})`, () => {
      const observed = observations({ projections: [served, { ...unserved, failure }] })
      assert.equal(answer(conclude(waits, plan, observed, { now: NOW })), 'now')
    })
  }

  const unfinished = { ...unserved, failure: waiting(UNFINISHED, 'it goes on') }
  const halfWay = observations({ projections: [served, unfinished] })

  for (const [what, outcome] of [
    ['while the turn of one of them has not come', conclude(waits, plan, halfWay, { now: NOW })],
    ['while one of them could not be made', conclude(waits, plan, failing, { now: NOW })],
    ['while nothing can be observed', concludeUnobserved(waits, down, { now: NOW })],
    ['while it is suspended', concludeSuspended(waits, { now: NOW })],
  ] as const) {
    test(`not ${what}: the answer before stays`, () => assert.equal(answer(outcome), 'before'))
  }

  test('not while it still works on it: the answer before stays', () =>
    assert.equal(concludeProgress(waits, NOW).lastHandledConnectorRequest, 'before'))

  test('only where there was one', () =>
    assert.ok(!('lastHandledConnectorRequest' in (conclude(waits, concludedPlan(), good, { now: NOW }).status ?? {}))))
})
