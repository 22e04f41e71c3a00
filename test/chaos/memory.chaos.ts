/** A limit of memory below the default one, with thousands of stores. */
import { load } from '../bench/load.ts'
import { memoryOf } from '../bench/machine.ts'
import { asInTheImage } from '../support/operator-process.ts'
import { faultsIn } from './fault.ts'
import { Replica } from './replica.ts'
import { ChaosWorld } from './world.ts'

const LIMIT_MIB = 192
const STORES = 5_000
/** The heap that Node takes in a container of this limit: half of it. */
const HEAP = `--max-old-space-size=${LIMIT_MIB / 2}`

const fault = faultsIn(async () => {
  const world = await ChaosWorld.open({ direct: true })
  const { nodeFlags, ...program } = asInTheImage()
  world.replicas.push(new Replica(world, ['--leader-elect=false'], { ...program, nodeFlags: [...nodeFlags, HEAP] }))
  return world
})

fault(
  `${LIMIT_MIB} MiB with ${STORES.toLocaleString('en')} stores`,
  'all made at once, and a restart with all of them; what the kernel says of the most resident memory ever stands for a limit of the container',
  async ({ world }) => {
    const [replica] = world.replicas
    if (!replica) throw new Error('there is no operator')
    await replica.ready()
    // Straight to MinIO, and of few credentials: the proxies and the consumer share the processors with the operator.
    const tenant = await world.tenant('many')
    await tenant.connector('minio')
    await tenant.connectorReady('minio')
    const { ready, totalMs } = await load(world.client, { namespace: tenant.name, count: STORES })
    const made = memoryOf(replica.process).peak
    if (ready < STORES || replica.starts > 1) {
      throw new Error(
        `${ready} of ${STORES} stores are Ready, after ${replica.starts - 1} restarts and with ${made} MiB`,
      )
    }
    await replica.process.stop()
    const started = performance.now()
    const { starts } = replica
    while (replica.starts === starts) await world.pass(0.1)
    await replica.ready()
    await world.addStore('last')
    const recoverySeconds = await world.recovered()
    const restarted = memoryOf(replica.process).peak
    const note = `${made} MiB at most, and ${restarted} MiB after the restart; all Ready after ${Math.round(totalMs / 1_000)} s, and all caches filled ${Math.round((performance.now() - started) / 1_000)} s after a restart`
    if (Math.max(made, restarted) > LIMIT_MIB) throw new Error(note)
    return { recoverySeconds, note }
  },
)
