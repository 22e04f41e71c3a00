/** etcd has no room left: it answers reads and refuses writes, until an administrator makes room. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { CONFIG_MAPS, resourcePath } from '../../src/kube/resource.ts'
import { makeRoom } from '../cluster/etcd.ts'
import { until } from '../support/until.ts'
import { faultsIn } from './fault.ts'
import { election, Replica } from './replica.ts'
import { ChaosWorld } from './world.ts'

const QUOTA_MIB = 32
const STORES = ['a', 'b', 'c', 'd']
const FULL_MS = 30_000
/** A ConfigMap has 1 MiB at most. */
const FILL = { data: { x: randomBytes(450_000).toString('hex') } }
const MAPS = resourcePath(CONFIG_MAPS, 'default')

const fault = faultsIn(async () => {
  const world = await ChaosWorld.open({ etcdFlags: [`--quota-backend-bytes=${QUOTA_MIB * 2 ** 20}`] })
  world.replicas.push(new Replica(world), new Replica(world))
  await election(world.replicas)
  for (const name of STORES) await world.addStore(name)
  await world.recovered()
  return world
})

fault(
  'the disk of etcd is full',
  `a quota of ${QUOTA_MIB} MiB is used up for ${FULL_MS / 1_000} s, then compacted, defragmented and disarmed; two replicas`,
  async ({ world }) => {
    const { controlPlane, replicas } = world
    for (const name of STORES) await world.turn(name)
    const maps: string[] = []
    for (;;) {
      const name = `fill-${maps.length}`
      const { status, text } = await controlPlane.request('POST', MAPS, { metadata: { name }, ...FILL })
      if (/database space exceeded/.test(text)) break
      if (status !== 201) throw new Error(`filling etcd: ${status} ${text}`)
      maps.push(name)
    }
    const before = replicas.reduce((sum, { starts }) => sum + starts, 0)
    await sleep(FULL_MS)
    const restarts = replicas.reduce((sum, { starts }) => sum + starts, 0) - before
    if ((await world.stores()).length !== STORES.length) throw new Error('reads do not work')

    for (const name of maps) {
      const { status, text } = await controlPlane.request('DELETE', `${MAPS}/${name}`)
      if (status !== 200) throw new Error(`emptying etcd: ${status} ${text}`)
    }
    await makeRoom(controlPlane.etcdUrl)
    await until('the API server writes again', () => world.addStore('after').then(() => true), { ms: 60_000 })
    return {
      recoverySeconds: await world.recovered(),
      note: `${restarts} restarts of replicas, as the lease could not be renewed`,
    }
  },
)
