import assert from 'node:assert/strict'
import { test } from 'node:test'
import { minutes, NOW, store } from '../../../test/support/objects.ts'
import { type Failure, transient, waiting } from '../../api/failures.ts'
import { type Projection, UNFINISHED } from '../effects/project.ts'
import type { Target } from '../plan/targets.ts'
import { conclude } from './conclude.ts'
import { nextLook } from './next-look.ts'
import type { Observations } from './observations.ts'

const down = transient('EndpointUnreachable', 'no answer')
const target = { role: 'step', namespace: 'ml', secretNames: ['s'], secretName: 's' } as Target
const location = { bucket: 'bucket', prefix: '', uri: 's3://bucket' }
const observed = (projection: Partial<Projection>): Observations => ({
  location,
  principal: 'alice',
  cautions: [],
  bucket: { location, create: false, ruleId: 'rule' },
  verdict: down,
  changes: [],
  access: undefined,
  projections: [{ target, served: true, warnings: [], ...projection }],
  unmatched: [],
  cleanUp: undefined,
  usage: undefined,
})

const cases: [name: string, look: number | undefined, expected: number | undefined][] = [
  ['nothing to look for', nextLook({}, undefined, observed({}), NOW), undefined],
  ['a refresh', nextLook({}, undefined, observed({ refreshAt: minutes(3) }), NOW), 180_000],
  ['a warning comes first', nextLook({}, undefined, observed({ refreshAt: minutes(3) }), NOW, minutes(2)), 120_000],
  ['one that was given', nextLook({}, undefined, observed({ refreshAt: minutes(3) }), NOW, minutes(-1)), 180_000],
  ['a warning, and nothing is observed', nextLook({}, down, undefined, NOW, minutes(5)), 300_000],
  ['what is not finished', nextLook({}, undefined, halfDone(), NOW), 1_000],
  ['of which nothing could be written', nextLook({}, undefined, observed({ failure: unfinished() }), NOW), 60_000],
]
for (const [name, look, expected] of cases) test(name, () => assert.equal(look, expected))

test('a store that is not finished goes on before a waiting one would', () => {
  const { next, wakeWithin } = conclude(store(), halfDone({ served: false }), NOW)
  assert.deepEqual([next, wakeWithin], [unfinished(), 1_000])
})

test('a Secret that was made anew is told', () => {
  const { events = [] } = conclude(store(), observed({ remade: ['ml/s'] }), NOW)
  assert.deepEqual(
    events.map(({ type, reason }) => [type, reason]),
    [
      ['Warning', 'SecretRemade'],
      ['Normal', 'Verified'],
    ],
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
