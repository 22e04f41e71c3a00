/** The API server, its storage and the watches fail in all the ways that they have. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ARTIFACT_STORES, SECRETS } from '../../src/kube/resource.ts'
import { isWatch } from '../cluster/api-proxy.ts'
import { compact } from '../cluster/etcd.ts'
import { until } from '../support/until.ts'
import { faultsIn, type Scene } from './fault.ts'
import { election, Replica } from './replica.ts'
import { ChaosWorld } from './world.ts'

const STORES = ['a', 'b', 'c', 'd']
/** Less than the operator may be without its lease, and more. */
const DOWN_MS = { server: 6_000, storage: 20_000 }
const CUTS = 10
const REFUSED_MS = 25_000

const fault = faultsIn(async () => {
  const world = await ChaosWorld.open()
  world.replicas.push(new Replica(world), new Replica(world))
  await election(world.replicas)
  for (const name of STORES) await world.addStore(name)
  await world.recovered()
  return world
})

const ended = ({ world }: Scene): number => world.replicas.reduce((sum, { starts }) => sum + starts - 1, 0)

/** A Secret that goes and a store that needs others: what the operator must not miss. */
async function changes({ world }: Scene, name: string): Promise<void> {
  await world.client.delete(SECRETS, 'elsewhere', `${name}-step`)
  for (const store of STORES.filter(other => other !== name)) await world.turn(store)
}

const repaired = ({ world }: Scene, name: string) =>
  until(`${name} has its Secret again`, () => world.client.get(SECRETS, 'elsewhere', `${name}-step`).then(() => true), {
    ms: 240_000,
  })

fault('the API server restarts', `killed for ${DOWN_MS.server / 1_000} s, in the midst of projection`, async scene => {
  const { controlPlane } = scene.world
  const before = ended(scene)
  await changes(scene, 'a')
  await controlPlane.stopApiserver()
  await sleep(DOWN_MS.server)
  await controlPlane.startApiserver()
  await scene.world.addStore('after-server')
  const recoverySeconds = await scene.world.recovered()
  await repaired(scene, 'a')
  return { recoverySeconds, note: `${ended(scene) - before} restarts of replicas` }
})

fault(
  'etcd restarts',
  `killed for ${DOWN_MS.storage / 1_000} s, longer than the lease may go unrenewed, in the midst of projection`,
  async scene => {
    const { controlPlane } = scene.world
    const before = ended(scene)
    await changes(scene, 'b')
    await controlPlane.stopEtcd()
    await sleep(DOWN_MS.storage)
    await controlPlane.startEtcd()
    await until('the API server writes again', () => scene.world.addStore('after-etcd').then(() => true), {
      ms: 60_000,
    })
    const recoverySeconds = await scene.world.recovered()
    await repaired(scene, 'b')
    return { recoverySeconds, note: `${ended(scene) - before} restarts of replicas` }
  },
)

fault('watches are cut in the middle of a line', `${CUTS} times, each time with changes meanwhile`, async scene => {
  const { api } = scene.world
  const before = api.count.cut
  for (let cut = 0; cut < CUTS; cut++) {
    await until('watches are open', () => api.watching > 0)
    const had = api.count.cut
    api.cutWatches()
    await scene.world.turn(STORES[cut % STORES.length] ?? '')
    await until('one is cut', () => api.count.cut > had)
  }
  const recoverySeconds = await scene.world.recovered()
  return { recoverySeconds, note: `${api.count.cut - before} watches were cut` }
})

fault('watches fall silent', 'all of them, with their connections open, and changes meanwhile', async scene => {
  const { world } = scene
  world.api.silenceWatches()
  await changes(scene, 'c')
  await world.addStore('unheard')
  const recoverySeconds = await world.recovered()
  await repaired(scene, 'c')
  return { recoverySeconds, note: 'a watch counts as dead after 150 s without a byte' }
})

fault(
  'watches get 410 Gone',
  'broken and refused while objects change and go, etcd is compacted and the API server restarts',
  async scene => {
    const { world } = scene
    const { controlPlane, api } = world
    await world.addStore('goes')
    await world.recovered()
    api.breaks = isWatch
    try {
      api.breakWatches()
      await changes(scene, 'd')
      await world.client.delete(ARTIFACT_STORES, 'fleet', 'goes')
      await controlPlane.stopApiserver()
      await compact(controlPlane.etcdUrl)
      await controlPlane.startApiserver()
    } finally {
      api.breaks = () => false
    }
    await world.addStore('after-gone')
    const recoverySeconds = await world.recovered()
    await repaired(scene, 'd')
    await until('the deleted store has gone', async () => !(await world.stores()).some(isNamed('goes')), { ms: 60_000 })
    const gone = world.replicas.some(({ process }) => process.raw.some(line => /too old resource version/.test(line)))
    return { recoverySeconds, note: gone ? 'replicas have logged the 410' : 'no replica has logged a 410' }
  },
)

const isNamed =
  (name: string) =>
  ({ metadata }: { metadata: { name: string } }): boolean =>
    metadata.name === name

// By the proxy: priority and fairness of the API server lets one request through at a time, whatever its seats.
fault(
  'the API server answers 429 with Retry-After',
  `for ${REFUSED_MS / 1_000} s to all calls but those for the lease`,
  async scene => {
    const { world } = scene
    const { api } = world
    const before = api.count.refused
    api.refuses = ({ url = '' }) => !url.includes('/leases')
    try {
      await changes(scene, 'b')
      await world.addStore('refused')
      await until('calls are refused', () => api.count.refused > before)
      await sleep(REFUSED_MS)
    } finally {
      api.refuses = () => false
    }
    const recoverySeconds = await world.recovered()
    await repaired(scene, 'b')
    return { recoverySeconds, note: `${api.count.refused - before} calls were refused` }
  },
)
