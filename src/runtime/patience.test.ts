import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, minutes, NOW, store } from '../../test/support/objects.ts'
import { concludedPlan, observations, served } from '../../test/support/observations.ts'
import { findCondition, READY } from '../api/conditions.ts'
import { type Failure, stalled, transient } from '../api/failures.ts'
import type { KubeObject } from '../api/object.ts'
import { concludeFailure, concludeReady } from '../connectors/conclude.ts'
import { said } from '../foreign/said.ts'
import * as stores from '../stores/conclude/conclude.ts'
import { sessionFailed } from '../stores/plan/connection.ts'

const late = stalled('RoleNotFound', 'there is no such role')
const other = stalled('RoleNotTrusted', 'the role does not trust it')
const saying = (words: string) => stalled('RoleNotFound', `there is no such role${said(`no role ${words}`)}`)
const plain = stalled('InvalidSpec', 'no')
const down = transient('EndpointUnreachable', 'down')
const seconds = (count: number): Date => minutes(count / 60)

type Conditions = Parameters<typeof findCondition>[0]
interface Step {
  status: { conditions?: Conditions; observedGeneration?: number } | undefined
  wakeWithin: number | undefined
}
type Conclude = (subject: KubeObject, failure: Failure | undefined, now: Date) => Step

const kinds: [name: string, subject: KubeObject, conclude: Conclude][] = [
  [
    'a connector',
    connector(),
    (subject, failure, now) => {
      const { status, wakeWithin } = failure
        ? concludeFailure(subject as never, failure, 0, now)
        : concludeReady(subject as never, SEEN as never, 0, now)
      return { status, wakeWithin }
    },
  ],
  [
    'a store that is denied',
    store(),
    (subject, failure, now) => {
      const observed = observations({ projections: [served], access: failure })
      const { status, wakeWithin } = stores.conclude(subject as never, concludedPlan(), observed, { now })
      return { status, wakeWithin }
    },
  ],
  [
    'a store whose connector fails',
    store(),
    (subject, failure, now) => {
      const { status, wakeWithin } = failure
        ? stores.concludeUnobserved(subject as never, sessionFailed('ml/minio', failure, false), { now })
        : stores.conclude(subject as never, concludedPlan(), observations({ projections: [served] }), { now })
      return { status, wakeWithin }
    },
  ],
]
const SEEN = {
  session: { caller: {}, principal: 'p' },
  cautions: [],
  listing: { answer: { kind: 'resources', resources: [], truncated: false }, nextAt: minutes(600) },
}

for (const [name, subject, conclude] of kinds) {
  describe(name, () => {
    /** Goes through failures at times, and says how kstatus reads the object after each. */
    function go(...steps: [failure: Failure | undefined, at: Date, generation?: number][]) {
      let object = subject
      return steps.map(([failure, at, generation = 1]) => {
        object = { ...object, metadata: { ...object.metadata, generation } }
        const { status, wakeWithin } = conclude(object, failure, at)
        object = { ...object, status } as KubeObject
        const has = (type: string) => findCondition(status?.conditions, type)?.status === 'True'
        const state = has('Stalled') ? 'Failed' : has('Reconciling') ? 'InProgress' : 'Current'
        return { state, wakeWithin, status, ready: findCondition(status?.conditions, READY)?.status }
      })
    }
    const states = (...steps: Parameters<typeof go>) => go(...steps).map(({ state }) => state)

    test('is looked at 10, 30, 70 and 150 s after what clouds may see late, and is Stalled after five minutes', () => {
      let at = 0
      const looks: number[] = []
      const steps: Parameters<typeof go> = []
      for (let count = 0; count < 8; count++) {
        steps.push([late, seconds(at)])
        const last = go(...steps).at(-1)
        assert.equal(last?.ready, 'False')
        if (last.state === 'Failed') break
        at += Math.round((last.wakeWithin ?? 0) / 1_000)
        looks.push(at)
      }
      assert.ok(
        looks.length === 5 && looks.every((look, index) => look >= ([10, 30, 70, 150, 300][index] ?? 0)),
        `${looks}`,
      )
      assert.ok((looks.at(-1) ?? 0) <= 330, `${looks}`)
    })

    test('writes no status between looks that find the same', () => {
      const [first, second, third] = go([late, NOW], [late, seconds(11)], [late, seconds(60)])
      assert.deepEqual([second?.status, third?.status], [first?.status, first?.status])
    })

    test('is Stalled at once by what is plainly wrong', () => assert.deepEqual(states([plain, NOW]), ['Failed']))

    const renewals: [name: string, steps: Parameters<typeof go>, expected: string[]][] = [
      [
        'stays Stalled while nothing changes',
        [
          [late, NOW],
          [late, minutes(5)],
          [late, minutes(15)],
        ],
        ['InProgress', 'Failed', 'Failed'],
      ],
      [
        'is waited for again after its spec has changed',
        [
          [late, NOW],
          [late, minutes(5)],
          [late, minutes(15), 2],
        ],
        ['InProgress', 'Failed', 'InProgress'],
      ],
      [
        'is waited for from the change on when its spec changes meanwhile',
        [
          [late, NOW],
          [late, minutes(4), 2],
          [late, minutes(8), 2],
          [late, minutes(9), 2],
        ],
        ['InProgress', 'InProgress', 'InProgress', 'Failed'],
      ],
      [
        'stays Stalled when something else is wrong after five minutes',
        [
          [late, NOW],
          [late, minutes(5)],
          [other, minutes(15)],
        ],
        ['InProgress', 'Failed', 'Failed'],
      ],
      [
        'stays Stalled when the service says the same in other words at each look',
        [
          [saying('one'), NOW],
          [saying('two'), minutes(5)],
          [saying('three'), minutes(15)],
        ],
        ['InProgress', 'Failed', 'Failed'],
      ],
      [
        'is not waited for longer when the cloud says now this and now that',
        [
          [late, NOW],
          [other, minutes(3)],
          [late, minutes(5)],
        ],
        ['InProgress', 'InProgress', 'Failed'],
      ],
      [
        'is Stalled when it works no more after a long outage either',
        [
          [down, NOW],
          [late, minutes(60)],
        ],
        ['InProgress', 'Failed'],
      ],
      [
        'is Stalled after five minutes at an endpoint that fails this way and that by turns',
        [
          [late, NOW],
          [down, minutes(2)],
          [late, minutes(3)],
          [down, minutes(4)],
          [late, minutes(5)],
          [down, minutes(6)],
          [late, minutes(7)],
          [other, minutes(8)],
        ],
        ['InProgress', 'InProgress', 'InProgress', 'InProgress', 'Failed', 'InProgress', 'Failed', 'Failed'],
      ],
      [
        'is waited for from the change on when its spec changes while it is Stalled, whatever comes between',
        [
          [late, NOW],
          [late, minutes(5)],
          [late, minutes(60), 2],
          [down, minutes(62), 2],
          [late, minutes(64), 2],
          [late, minutes(65), 2],
        ],
        ['InProgress', 'Failed', 'InProgress', 'InProgress', 'InProgress', 'Failed'],
      ],
      [
        'is waited for anew each time it has worked',
        [
          [late, NOW],
          [undefined, minutes(4)],
          [late, minutes(6)],
          [late, minutes(10)],
          [late, minutes(11)],
        ],
        ['InProgress', 'Current', 'InProgress', 'InProgress', 'Failed'],
      ],
      [
        'is waited for when it worked before',
        [
          [undefined, NOW],
          [late, minutes(60)],
          [late, minutes(65)],
        ],
        ['Current', 'InProgress', 'Failed'],
      ],
      [
        'is waited for anew when the clock was set back',
        [
          [late, minutes(600)],
          [late, NOW],
          [late, minutes(5)],
        ],
        ['InProgress', 'InProgress', 'Failed'],
      ],
    ]
    for (const [title, steps, expected] of renewals) {
      test(title, () => assert.deepEqual(states(...steps), expected))
    }
  })
}
