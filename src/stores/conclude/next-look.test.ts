import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes, NOW, store } from '../../../test/support/objects.ts'
import { concludedPlan, observations } from '../../../test/support/observations.ts'
import { type Failure, transient, waiting } from '../../api/failures.ts'
import { type Projection, UNFINISHED } from '../effects/projection.ts'
import type { Target } from '../plan/targets.ts'
import { conclude } from './conclude.ts'
import { nextLook, type Reasons } from './next-look.ts'
import type { Observations } from './observations.ts'

const down = transient('EndpointUnreachable', 'no answer')
const target = { role: 'step', namespace: 'ml', secretNames: ['s'], secretName: 's' } as Target
const observed = (projection: Partial<Projection>): Observations =>
  observations({
    bucket: { verification: down },
    projections: [{ target, served: true, warnings: [], ...projection }],
  })
const look = (seen: Observations | undefined, rest: Omit<Reasons, 'observed'> = {}) =>
  nextLook({}, { observed: seen, ...rest }, NOW)

const cases: [name: string, found: number | undefined, expected: number | undefined][] = [
  ['no next look is planned when there is nothing to look for', look(observed({})), undefined],
  ['the next look comes when a refresh is due', look(observed({ refreshAt: minutes(3) })), 180_000],
  [
    'the next look comes for a warning that is due before the refresh',
    look(observed({ refreshAt: minutes(3) }), { warnOfExpiryAt: minutes(2) }),
    120_000,
  ],
  [
    'the next look does not come for a warning that was given',
    look(observed({ refreshAt: minutes(3) }), { warnOfExpiryAt: minutes(-1) }),
    180_000,
  ],
  [
    'the next look comes for a warning when nothing could be observed',
    look(undefined, { retry: down, warnOfExpiryAt: minutes(5) }),
    300_000,
  ],
  ['the next look comes at once when some Secrets are not written yet', look(halfDone()), 1_000],
  [
    'the next look comes after a minute when no Secret could be written',
    look(observed({ failure: unfinished() })),
    60_000,
  ],
]
for (const [name, found, expected] of cases) test(name, () => assert.equal(found, expected))

test('a store whose Secrets are not all written goes on sooner than one that waits', () => {
  const { next, wakeWithin } = conclude(store(), concludedPlan(), halfDone({ served: false }), { now: NOW })
  assert.deepEqual([next, wakeWithin], [unfinished(), 1_000])
})

test('an event tells that a Secret was made anew', () => {
  const { events = [] } = conclude(store(), concludedPlan(), observed({ remade: ['ml/s'] }), { now: NOW })
  assert.deepEqual(
    events.map(({ type, reason }) => [type, reason]),
    [['Warning', 'SecretRemade']],
  )
  assert.match(events[0]?.message ?? '', /^Secret "ml\/s" had been made immutable/)
})

function unfinished(): Failure {
  return waiting(UNFINISHED, 'm')
}

function halfDone(rest: Partial<Projection> = {}): Observations {
  const { projections, ...others } = observed({ isWritten: true })
  return { ...others, projections: [...projections, ...observed({ ...rest, failure: unfinished() }).projections] }
}
