/** The operator's wall clock is 10 minutes wrong and jumps, while credentials of 15 minutes are replaced. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { project } from '../support/project.ts'
import { faultsIn, type Scene } from './fault.ts'
import { Replica } from './replica.ts'
import { ChaosWorld } from './world.ts'

const SPEED = 10
const MINUTE = 60
const WRONG_MS = 10 * 60_000
/** A whole life of credentials, and a little more, in seconds of the operator's time. */
const LIFE_S = 16 * MINUTE
const STORES = ['a', 'b', 'c', 'd']
/** More of them in one life would be a loop. */
const ROTATIONS_MAX = 8

const fileOf = (world: ChaosWorld): string => join(world.controlPlane.dir, 'wrong-clock')
const setOff = (world: ChaosWorld, ms: number): void => writeFileSync(fileOf(world), String(ms))

const fault = faultsIn(async () => {
  const world = await ChaosWorld.open({ speed: SPEED, calm: false })
  setOff(world, 0)
  const { env, ...program } = world.time.program()
  const nodeFlags = [`--import=${project('test/support/wrong-clock.ts')}`]
  const wrong = { ...program, nodeFlags, env: { ...env, WRONG_CLOCK: fileOf(world) } }
  world.replicas.push(new Replica(world, ['--leader-elect=false'], wrong))
  for (const name of STORES) await world.addStore(name)
  await world.recovered()
  return world
})

/** The clock goes through these steps, for a life of credentials each, and then is right again. */
async function steps({ world, user }: Scene, offsets: number[]) {
  try {
    for (const [index, offset] of offsets.entries()) {
      setOff(world, offset)
      await world.addStore(`${offsets.length}-${index}`)
      await world.pass(LIFE_S)
    }
  } finally {
    setOff(world, 0)
  }
  const recoverySeconds = await world.recovered()
  await world.pass(LIFE_S)
  const secrets = 2 * STORES.length
  const each = user.rotations / secrets / (offsets.length + 1)
  if (each > ROTATIONS_MAX) throw new Error(`Secrets were replaced ${each.toFixed(1)} times in each life`)
  return { recoverySeconds, note: `Secrets were replaced ${each.toFixed(1)} times in each quarter of an hour` }
}

const HOW = `time passes ${SPEED} times faster, and what the operator signs is wrong, too`

fault('the clock is 10 minutes ahead, then set back', `for 16 minutes; ${HOW}`, scene => steps(scene, [WRONG_MS]))

fault('the clock is 10 minutes behind, jumps 20 minutes ahead, and is set back', `16 minutes each; ${HOW}`, scene =>
  steps(scene, [-WRONG_MS, WRONG_MS]),
)
