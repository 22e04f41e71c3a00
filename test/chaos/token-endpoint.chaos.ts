/** What gives tokens is down for 20 minutes, and credentials live for 15: they must end, and come back soon after. */
import { isTokenRequest } from '../cluster/api-proxy.ts'
import { isOfSts } from '../cluster/fault-proxy.ts'
import { until } from '../support/until.ts'
import { faultsIn, type Scene } from './fault.ts'
import { Replica } from './replica.ts'
import { ChaosWorld } from './world.ts'

const SPEED = 15
const OUTAGE_S = 20 * 60
const STORES = ['a', 'b', 'c', 'd']

const fault = faultsIn(async () => {
  const world = await ChaosWorld.open({ speed: SPEED })
  world.replicas.push(new Replica(world, ['--leader-elect=false'], world.time.program()))
  for (const name of STORES) await world.addStore(name)
  await world.recovered()
  return world
})

/** Nobody can have valid credentials for the end of the outage: reads count before it, and from the recovery on. */
async function outage({ world }: Scene, begin: () => void, end: () => void) {
  begin()
  try {
    world.isDown = true
    await world.pass(OUTAGE_S)
    const stores = await world.stores()
    const still = stores.filter(({ status }) => (status?.credentials ?? []).length > 0)
    if (still.length > 0) throw new Error(`${still.length} stores say that they have credentials, which have ended`)
  } finally {
    end()
  }
  const recoverySeconds = await world.recovered()
  world.isDown = false
  await world.pass(60)
  return { recoverySeconds, note: 'credentials ended meanwhile, and status said so' }
}

fault(
  'STS is down for 20 minutes',
  `its connections are reset; credentials of 15 minutes; time passes ${SPEED} times faster`,
  scene =>
    outage(
      scene,
      () => {
        scene.world.service.fault = request => (isOfSts(request) ? 'break' : undefined)
      },
      () => {
        scene.world.service.fault = () => undefined
      },
    ),
)

fault(
  'TokenRequest is down for 20 minutes',
  `its connections are reset, and the operator has just restarted, so that it has no token; credentials of 15 minutes; time passes ${SPEED} times faster`,
  async scene => {
    const { api, replicas } = scene.world
    const [replica] = replicas
    const { starts = 0 } = replica ?? {}
    api.breaks = isTokenRequest
    await replica?.process.kill()
    await until('the operator runs again', () => (replica?.starts ?? 0) > starts)
    return outage(
      scene,
      () => {},
      () => {
        api.breaks = () => false
      },
    )
  },
)
