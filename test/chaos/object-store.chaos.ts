/** The object store fails in all the ways that services and networks have, while credentials of 15 minutes are due. */
import type { Fault } from '../cluster/fault-proxy.ts'
import { until } from '../support/until.ts'
import { faultsIn, type Scene } from './fault.ts'
import { Replica } from './replica.ts'
import { ChaosWorld } from './world.ts'

const SPEED = 10
/** Seconds of the operator's time. Credentials have 7.5 minutes left when they are to be replaced. */
const OUTAGE_S = 300
const STORES = ['a', 'b', 'c', 'd', 'e', 'f']
const SLOW_MS = 5_000

const fault = faultsIn(async () => {
  const world = await ChaosWorld.open({ speed: SPEED })
  // In fast time a lease is too short to be kept.
  world.replicas.push(new Replica(world, ['--leader-elect=false'], world.time.program()))
  for (const name of STORES) await world.addStore(name)
  await world.recovered()
  return world
})

/** The fault meets all calls of the operator for five minutes, in which a store is made and credentials are due. */
async function outage({ world, user }: Scene, name: string, answer: Fault) {
  const { service } = world
  const before = service.count.faults
  service.fault = () => answer
  try {
    await world.addStore(name)
    await world.pass(OUTAGE_S)
  } finally {
    service.fault = () => undefined
  }
  const recoverySeconds = await world.recovered()
  return {
    recoverySeconds,
    note: `${service.count.faults - before} calls met it, ${user.rotations} Secrets were replaced`,
  }
}

const FOR = `for ${OUTAGE_S / 60} minutes`

fault('the object store is down', `killed ${FOR}`, async ({ world, user }) => {
  world.isDown = true
  await world.minio.halt()
  await world.addStore('down')
  await world.pass(OUTAGE_S)
  await world.minio.start()
  world.isDown = false
  const recoverySeconds = await world.recovered()
  return { recoverySeconds, note: `${user.rotations} Secrets were replaced` }
})

fault(
  'the object store is slow',
  `each answer comes ${SLOW_MS / 1_000} s late, until all credentials are new`,
  async ({ world, user }) => {
    const { service } = world
    service.fault = () => ({ delayMs: SLOW_MS })
    try {
      await world.addStore('slow')
      const all = STORES.flatMap(name => [`fleet/${name}-step`, `elsewhere/${name}-step`])
      await until('all credentials are new', () => user.fewestRotations(all) > 0, {
        ms: 180_000,
        last: () => user.rotations,
      })
    } finally {
      service.fault = () => undefined
    }
    return { recoverySeconds: await world.recovered(), note: `${user.rotations} Secrets were replaced` }
  },
)

fault('the object store answers 500', `to each call ${FOR}`, scene =>
  outage(scene, 'five-hundred', { status: 500, code: 'InternalError' }),
)
fault('the object store answers 503 SlowDown', `to each call ${FOR}`, scene =>
  outage(scene, 'slow-down', { status: 503, code: 'SlowDown' }),
)
fault('the object store half-closes connections', `each call ${FOR}, unanswered`, scene =>
  outage(scene, 'half-closed', 'half-close'),
)
fault('the object store answers one byte a second', `to each call ${FOR}`, scene =>
  outage(scene, 'byte-by-byte', 'byte-a-second'),
)
