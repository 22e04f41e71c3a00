/** The replica that leads ends, dies or stops: the other one takes over, and nothing is written by both. */
import { until } from '../support/until.ts'
import { faultsIn, type Scene } from './fault.ts'
import { election, Replica } from './replica.ts'
import { ChaosWorld } from './world.ts'

const TIMES = 3
const STORES = ['a', 'b', 'c', 'd', 'e', 'f']
/** Seconds. The lease lasts for 15 s, and who waits looks at it every 2 to 4.4 s. */
const TARGET = { graceful: 2, abrupt: 18 }
/** Requests to the API server within which chance puts the moment. */
const MOMENTS = 10

const fault = faultsIn(async () => {
  const world = await ChaosWorld.open()
  world.replicas.push(new Replica(world), new Replica(world))
  await election(world.replicas)
  for (const name of STORES) await world.addStore(name)
  await world.recovered()
  return world
})

/** Puts a store to work for each number, and calls `act` at a request that chance chooses. */
async function inTheMidst({ world, random }: Scene, act: () => void): Promise<void> {
  const at = 1 + Math.floor(random() * MOMENTS)
  const { promise, resolve } = Promise.withResolvers<void>()
  let count = 0
  world.api.at = (moment, { method, url = '' }) => {
    if (moment === 'before' && method !== 'GET' && !url.includes('/leases') && ++count === at) {
      act()
      resolve()
    }
  }
  for (const name of STORES) await world.turn(name)
  await promise
  world.api.at = () => {}
}

/** Returns the seconds until another process leads. */
async function takeover(world: ChaosWorld, from: Replica): Promise<number> {
  const started = performance.now()
  const old = from.process
  const others = () => world.replicas.filter(replica => replica.leads && replica.process !== old)
  await until('another process leads', () => others().length > 0, { ms: 60_000 })
  return (performance.now() - started) / 1_000
}

interface Harm {
  /** Begins names of stores. */
  word: string
  target: number
  signal: NodeJS.Signals
  heal?(pid: number): Promise<void>
}

/** Harms the leader so many times. Returns the longest takeover, and the recovery after the last. */
async function again(scene: Scene, { word, target, signal, heal }: Harm) {
  const { world } = scene
  const took: number[] = []
  let recoverySeconds = 0
  for (let time = 0; time < TIMES; time++) {
    await Promise.all(world.replicas.map(replica => replica.ready()))
    const { leader } = await election(world.replicas)
    const { pid } = leader.process
    await inTheMidst(scene, () => process.kill(pid, signal))
    took.push(await takeover(world, leader))
    await world.addStore(`${word}-${time}`)
    recoverySeconds = await world.recovered()
    await heal?.(pid)
  }
  const note = `takeovers ${took.map(seconds => seconds.toFixed(1)).join(', ')} s`
  return { recoverySeconds, longest: { what: 'takeover', seconds: Math.max(...took), target }, note }
}

fault('SIGTERM to the leader', `${TIMES} times, in the midst of projection, with two replicas`, scene =>
  again(scene, { word: 'ended', target: TARGET.graceful, signal: 'SIGTERM' }),
)

fault('SIGKILL to the leader', `${TIMES} times, in the midst of projection, with two replicas`, scene =>
  again(scene, { word: 'killed', target: TARGET.abrupt, signal: 'SIGKILL' }),
)

fault(
  'SIGSTOP beyond the lease, then SIGCONT',
  `${TIMES} times, in the midst of projection, with two replicas; the first goes on when the other one has led for a while`,
  scene =>
    again(scene, {
      ...{ word: 'stopped', target: TARGET.abrupt, signal: 'SIGSTOP' },
      async heal(pid) {
        const stopped = scene.world.replicas.find(({ process }) => process.pid === pid)?.process
        process.kill(pid, 'SIGCONT')
        await until('who has lost the lead ends', () => stopped?.exited, { ms: 30_000 })
      },
    }),
)
