/** One fault after the other: what is done, who watches meanwhile, and what is judged afterwards. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { chance } from '../support/chance.ts'
import { CredentialsUser } from './credentials-user.ts'
import type { Judgement } from './judge.ts'
import { Meddler } from './meddler.ts'
import { type Row, save } from './rows.ts'
import { verdict } from './table.ts'
import type { ChaosWorld } from './world.ts'

const SEED = Number(process.env['CHAOS_SEED'] ?? 1)
const ONLY = new RegExp(process.env['ONLY_FAULT'] ?? '', 'i')
/** Findings that are printed of each kind. */
const PRINTED = 10

export interface Scene {
  world: ChaosWorld
  /** Chance that is the same for the same seed. */
  random: () => number
  user: CredentialsUser
}

/** What a fault measures itself. */
export type Measured = Pick<Row, 'recoverySeconds' | 'longest' | 'note' | 'failure'>

/** Returns a function that declares faults in one world, which the first of them opens, and all leave as it was. */
export function faultsIn(open: () => Promise<ChaosWorld>) {
  let opening: Promise<ChaosWorld> | undefined
  after(async () => (await opening)?.stop())

  return (fault: string, done: string, act: (scene: Scene) => Promise<Measured>): void => {
    if (!ONLY.test(fault)) return
    test(fault, async () => {
      opening ??= open()
      const world = await opening
      const before = world.judgement()
      const { user, measured } = await watched(world, act)
      const found = minus(world.judgement(), before)
      const row: Row = {
        ...{ fault, done, seed: SEED, ...measured },
        ...{ uses: user.uses, expired: user.expired, refused: user.refused.length },
        ...{ twoLeaders: found.twoLeaders.length, lostUpdates: found.lostUpdates.length },
        secretsTwice: found.secretsTwice.length,
      }
      save(row)
      const evidence = [
        ...user.refused.slice(0, PRINTED),
        ...Object.values(found).flatMap(list => list.slice(0, PRINTED)),
      ]
      assert.match(verdict(row), /^held/, [verdict(row), ...evidence].join('\n'))
    })
  }
}

async function watched(
  world: ChaosWorld,
  act: (scene: Scene) => Promise<Measured>,
): Promise<{ user: CredentialsUser; measured: Measured }> {
  const user = new CredentialsUser(world, { time: world.time, isUp: () => !world.isDown })
  const meddler = new Meddler(world, chance(SEED + 1))
  try {
    return { user, measured: await act({ world, user, random: chance(SEED) }) }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    // With its cause, which the row has no room for.
    console.error(error)
    return { user, measured: { failure: failure.replaceAll(/\s+/g, ' ').slice(0, 200) } }
  } finally {
    await meddler[Symbol.asyncDispose]()
    await user[Symbol.asyncDispose]()
    world.isDown = false
  }
}

const minus = (now: Judgement, before: Judgement): Judgement => ({
  twoLeaders: now.twoLeaders.filter(text => !before.twoLeaders.includes(text)),
  lostUpdates: now.lostUpdates.filter(text => !before.lostUpdates.includes(text)),
  secretsTwice: now.secretsTwice.filter(text => !before.secretsTwice.includes(text)),
})
