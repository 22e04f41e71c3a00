/** What provider.ts promises of all calls of a `Session`, tried on each cloud by its contract.test.ts. */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isFailure } from '../api/failures.ts'
import {
  assertNoSecret,
  CALLS,
  type Contract,
  failed,
  fakeBucket,
  identityOf,
  labTest,
  type Mood,
  none,
  open,
  stopped,
  succeeded,
  type Way,
} from './lab.contract.ts'
import { isRejection } from './rejection.ts'

export function describeCalls(contract: Contract, way: Way): void {
  for (const name of Object.keys(CALLS)) describeEnds(contract, way, name)
  for (const name of Object.keys(CALLS)) describeTrouble(contract, way, name)
  describeSecrets(contract, way)
  describeClose(contract, way)
}

const soon = () => new Promise(setImmediate)

const callOf = (name: string): (typeof CALLS)[string] => CALLS[name] ?? (() => Promise.reject(new Error(name)))

function describeEnds(contract: Contract, way: Way, name: string): void {
  const call = callOf(name)

  labTest(
    { contract, way },
    `${name} ends with its signal, and so does all of it that others do not share`,
    async lab => {
      const session = await open(lab)
      lab.service.mood = 'Silent'
      const controller = new AbortController()
      const reason = stopped()
      let ended = false
      const called = call(lab, session, controller.signal).finally(() => {
        ended = true
      })
      while (!ended && lab.service.underWay.size === 0) await soon()
      // A grant that is made here asks nobody.
      if (ended) return
      controller.abort(reason)
      await assert.rejects(called, error => error === reason)
      const own = () => [...lab.service.underWay].filter(request => !lab.shared.test(request))
      for (let turns = 0; turns < 1000 && own().length > 0; turns++) await soon()
      assert.deepEqual(own(), [])
      await assert.rejects(call(lab, session, controller.signal), error => error === reason)
    },
  )

  labTest({ contract, way }, `${name} has a deadline of its own`, async (lab, t) => {
    const session = await open(lab)
    lab.service.mood = 'Silent'
    lab.service.requests.length = 0
    t.mock.timers.enable({ apis: ['setTimeout'] })
    let result: unknown
    const called = call(lab, session, none).then(value => {
      result = value
    })
    for (let turns = 0; turns < 10_000 && result === undefined; turns++) {
      await soon()
      if (turns % 100 === 99) t.mock.timers.tick(10_000)
    }
    await called
    if (lab.service.requests.length > 0) assert.equal(failed(result).intent, 'transient')
  })
}

function describeTrouble(contract: Contract, way: Way, name: string): void {
  const call = callOf(name)

  labTest({ contract, way }, `${name} of a service out of reach is a Failure`, async lab => {
    const session = await open(lab)
    lab.service.mood = 'Gone'
    lab.service.requests.length = 0
    const result = await call(lab, session, none)
    if (lab.service.requests.length > 0) assert.equal(failed(result).intent, 'transient')
  })

  labTest({ contract, way }, `${name} with refused credentials is a Rejection`, async lab => {
    lab.service.buckets.set('data', fakeBucket())
    const session = await open(lab)
    lab.service.mood = 'Refuses'
    const result = await call(lab, session, none)
    if (lab.service.refusals === 0) return
    assert.equal(isRejection(failed(result)), !way.unprovable, inspect(result))
  })
}

const MOODS: Mood[] = ['Well', 'Denies', 'Refuses', 'RefusesToken', 'Odd', 'Gone']

function describeSecrets(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'nothing that is said of a call shows a secret', async lab => {
    for (const mood of MOODS) {
      lab.service.mood = mood
      assertNoSecret(textsOf(await lab.provider.open(identityOf(lab), none)), lab)
      lab.service.mood = 'Well'
      const session = await open(lab)
      for (const buckets of [[], ['data']]) {
        lab.service.buckets.clear()
        for (const name of buckets) lab.service.buckets.set(name, fakeBucket())
        for (const call of Object.values(CALLS)) {
          lab.service.mood = mood
          assertNoSecret(textsOf(await call(lab, session, none)), lab)
        }
      }
    }
  })
}

/** What people are shown of a result: all of it, but for what a grant is made for. */
function textsOf(result: unknown): unknown {
  if (isFailure(result) || !(result instanceof Object) || !('material' in result)) return result
  return { ...result, material: undefined }
}

function describeClose(contract: Contract, way: Way): void {
  labTest({ contract, way }, 'a call after close works, and close may come again', async lab => {
    lab.service.buckets.set('data', fakeBucket())
    const session = await open(lab)
    for (const call of Object.values(CALLS)) {
      session.close()
      succeeded(await call(lab, session, none))
    }
    session.close()
    session.close()
  })
}
