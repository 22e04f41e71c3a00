/** Credentials whose refresh fails, from the hour in which they are issued to the next one; the test sets the time. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  fakeMaterial,
  fakeSession,
  fakeView,
  goodProbe,
  minutes,
  projectedSecret,
  store,
} from '../../test/support/objects.ts'
import { storeLab } from '../../test/support/store-context.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import { type Failure, transient } from '../api/failures.ts'
import type { Grant, Session } from '../providers/provider.ts'
import type { ProjectedSecret } from './plan/projected-secret.ts'
import { reconcileStore } from './reconcile.ts'

const down = transient('EndpointUnreachable', 'no answer from sts')
const credentials = [{ name: 'step', formats: ['AwsProfile' as const] }]

/** A store whose only state is its Secret; the session, or each grant of the session, may fail. */
function setUp() {
  let secret: ProjectedSecret | undefined
  let object: ArtifactStore = store({ credentials })
  const trouble: { session?: Failure; grant?: Failure } = {}
  const grants: Date[] = []
  const session: Partial<Session> = {
    probe: async () => goodProbe,
    async grant() {
      if (trouble.grant) return trouble.grant
      grants.push(lab.now)
      const expiresAt = new Date(lab.now.getTime() + 3_600_000)
      return { kind: 'grant', material: fakeMaterial, issuedAt: lab.now, expiresAt } satisfies Grant
    },
  }
  const lab = storeLab({
    view: fakeView({ secret: () => secret, secretsOf: () => (secret ? [secret] : []) }),
    sessions: { get: async () => trouble.session ?? fakeSession(session) },
  })
  lab.context.writer.write = async ({ name, stamp }) => {
    secret = projectedSecret(name, stamp)
    return undefined
  }
  /** Reconciles at this minute: what status says then, the events, and the minute of the next reconcile. */
  async function at(minute: number) {
    lab.now = minutes(minute)
    const outcome = await reconcileStore(object, lab.context, AbortSignal.timeout(5_000))
    object = { ...object, status: outcome.status ?? {} }
    const conditions = new Map(outcome.status?.conditions?.map(({ type, ...rest }) => [type, rest]))
    const { next, wakeWithin = typeof next === 'object' && 'after' in next ? next.after : 0 } = outcome
    return {
      ready: conditions.get('Ready')?.status,
      projected: conditions.get('CredentialsProjected')?.reason,
      message: conditions.get('CredentialsProjected')?.message ?? '',
      events: outcome.events?.map(({ type, reason }) => `${type} ${reason}`) ?? [],
      listed: outcome.status?.credentials?.length ?? 0,
      nextMinute: minute + wakeWithin / 60_000,
    }
  }
  return { at, trouble, grants, counted: lab.counted }
}

const kinds: [name: string, break_: (trouble: ReturnType<typeof setUp>['trouble']) => void, failing: string][] = [
  ['when each grant fails', trouble => Object.assign(trouble, { grant: down }), 'RefreshFailing'],
  ['when no session can be opened', trouble => Object.assign(trouble, { session: down }), 'Projected'],
]

for (const [name, break_, failing] of kinds) {
  describe(name, () => {
    test('the old credentials stay, half-way from refresh to end a warning comes, and the end is told', async () => {
      const { at, trouble } = setUp()
      assert.deepEqual((await at(0)).events, [])
      break_(trouble)

      const due = await at(30)
      assert.deepEqual([due.ready, due.projected, due.listed], ['True', failing, 1])
      assert.equal(due.events.filter(event => event.includes('Ending')).length, 0)

      const warned = await at(45.5)
      assert.deepEqual([warned.ready, warned.projected, warned.listed], ['True', 'CredentialsEnding', 1])
      assert.deepEqual(warned.events, ['Warning CredentialsEnding'])
      assert.match(
        warned.message,
        /^credentials end at 2026-03-01T11:00:00Z, and their refresh fails: .*no answer from sts/,
      )
      assert.deepEqual((await at(50)).events, [], 'once')

      const ended = await at(60.1)
      assert.deepEqual([ended.ready, ended.listed], ['False', 0])
      assert.equal(ended.events.length, 1)
      assert.match(ended.events[0] ?? '', /^Warning /)
    })

    test('the store is reconciled when the warning is due, and again before the credentials end', async () => {
      const { at, trouble } = setUp()
      await at(0)
      break_(trouble)
      const looks: number[] = []
      let warnedAt = 0
      for (let minute = 30; minute < 59; ) {
        const { nextMinute, events } = await at(minute)
        if (events.includes('Warning CredentialsEnding')) warnedAt = minute
        assert.ok(nextMinute > minute, `${minute}`)
        minute = nextMinute
        looks.push(minute)
      }
      assert.ok(warnedAt > 42 && warnedAt < 45.01, `${warnedAt}`)
      assert.ok(looks.length > 5, `${looks}`)
    })

    test('a refresh that works again clears the warning', async () => {
      const { at, trouble, grants } = setUp()
      await at(0)
      break_(trouble)
      await at(30)
      await at(50)
      for (const key of Object.keys(trouble)) delete trouble[key as keyof typeof trouble]
      const { ready, projected } = await at(51)
      assert.deepEqual([ready, projected, grants.length], ['True', 'Projected', 2])
    })
  })
}

test('credentials are refreshed at half of their life, without an event', async () => {
  const { at, grants } = setUp()
  await at(0)
  let minute = 0
  for (let count = 0; count < 60; count++) {
    const { nextMinute, events } = await at(minute)
    if (count > 0) assert.deepEqual(events, [])
    minute = nextMinute
  }
  const gaps = grants.slice(1).map((time, index) => (time.getTime() - (grants[index] as Date).getTime()) / 60_000)
  assert.ok(gaps.length >= 5, `${gaps}`)
  for (const gap of gaps) assert.ok(gap > 23 && gap <= 30, `${gaps}`)
})

test('a refresh that fails is counted with its reason, and one that succeeds with its lag', async () => {
  const { at, trouble, counted } = setUp()
  await at(0)
  trouble.grant = down
  await at(30)
  delete trouble.grant
  await at(31)
  const [first, failure, second, lag = ''] = counted
  assert.deepEqual([first, failure, second, counted.length], ['refreshed', 'EndpointUnreachable', 'refreshed', 4])
  const ms = Number(/^(\d+) ms late$/.exec(lag)?.[1])
  assert.ok(ms > 60_000 && ms < 7 * 60_000, lag)
})
