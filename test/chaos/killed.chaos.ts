/** The operator is killed a hundred times, at requests that chance chooses, in the midst of projection and clean-up. */
import type { IncomingMessage } from 'node:http'
import { MANAGED_BY_LABEL, OPERATOR, STORE_LABEL } from '../../src/api/names.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { ARTIFACT_STORES, SECRETS } from '../../src/kube/resource.ts'
import { isTokenRequest, type Moment } from '../cluster/api-proxy.ts'
import { asInTheImage, OperatorProcess } from '../support/operator-process.ts'
import { until } from '../support/until.ts'
import { faultsIn } from './fault.ts'
import { Replica } from './replica.ts'
import { ChaosWorld } from './world.ts'

const KILLS = 100
/**
 * A round of work has about as many requests, of which these write. Half of the deaths come at a write: probes are most of
 * the requests, and an operator that dies before each of its writes never projects anything.
 */
const MOMENTS = { request: 60, write: 8 }
const STORES = ['a', 'b', 'c', 'd']
/** Stores of the last rounds that are there at a time. */
const NEW = 5
const ALONE = ['--leader-elect=false']

const isWork = (request: IncomingMessage): boolean =>
  isTokenRequest(request) || ['POST', 'PATCH', 'PUT', 'DELETE'].includes(request.method ?? '')

const isWrite = (request: IncomingMessage): boolean =>
  isWork(request) && /\/(secrets|artifactstores)(\/|\?|$)/.test(request.url ?? '')

interface Death {
  of: 'request' | 'write'
  at: number
  moment: Moment
}

const fault = faultsIn(() => ChaosWorld.open())

fault(
  'kill -9 in the midst of projection',
  `${KILLS} times, before or after the n-th write of a Secret or store, or the n-th request to the API server or the object store; n and which by the seed`,
  async ({ world, random }) => {
    for (const name of STORES) await world.addStore(name)
    const first = new Replica(world, ALONE)
    await world.recovered()
    await first[Symbol.asyncDispose]()
    let atRest = 0
    for (let round = 0; round < KILLS; round++) {
      await makeWork(world, round, STORES[Math.floor(random() * STORES.length)] ?? '')
      const of = random() < 0.5 ? 'request' : 'write'
      const moment = random() < 0.5 ? 'before' : 'after'
      if (!(await diesAt(world, { of, moment, at: 1 + Math.floor(random() * MOMENTS[of]) }))) atRest++
    }
    world.replicas.push(new Replica(world, ALONE))
    const recoverySeconds = await world.recovered()
    await checkSecrets(world)
    return { recoverySeconds, note: `${atRest} of the ${KILLS} deaths came when all was done` }
  },
)

/** A new store, one that needs other credentials, and one that goes. */
async function makeWork(world: ChaosWorld, round: number, turned: string): Promise<void> {
  await world.addStore(`new-${round}`)
  await world.turn(turned)
  if (round >= NEW) await world.client.delete(ARTIFACT_STORES, 'fleet', `new-${round - NEW}`)
}

/** Runs an operator until it dies at the moment, or until it has nothing more to do. Returns whether it was the former. */
async function diesAt(world: ChaosWorld, { of, at, moment }: Death): Promise<boolean> {
  const { api, service } = world
  let count = 0
  let dead = false
  const tick = () => {
    if (++count !== at) return
    dead = true
    process.kill(operator.pid, 'SIGKILL')
  }
  const operator = OperatorProcess.spawn(await world.operatorKubeconfig(), ALONE, asInTheImage())
  const counts = of === 'write' ? isWrite : isWork
  api.at = (now, request) => void (now === moment && counts(request) && tick())
  service.fault = () => {
    if (of === 'request') tick()
    return dead ? 'break' : undefined
  }
  // What the dead one has sent before does not reach anybody any more.
  api.breaks = () => dead
  try {
    await until('the operator dies or rests', async () => operator.exited || (await rests(world)), {
      ms: 60_000,
      last: () => operator.raw.slice(-10),
    })
    const died = dead
    await operator.kill()
    return died
  } finally {
    api.at = () => {}
    api.breaks = () => false
    service.fault = () => undefined
  }
}

const rests = async (world: ChaosWorld): Promise<boolean> => (await world.restless()).length === 0

/** Each store has its two Secrets, and there are no others. */
async function checkSecrets(world: ChaosWorld): Promise<void> {
  const wanted = (await world.stores()).flatMap(({ metadata: { name } }) =>
    ['elsewhere', 'fleet'].map(namespace => `${namespace}/${name}-step`),
  )
  const labelSelector = `${MANAGED_BY_LABEL}=${OPERATOR},${STORE_LABEL}`
  await until('each store has its Secrets, and nobody has others', async () => {
    const { items } = await world.client.list<KubeObject>(SECRETS, undefined, { labelSelector })
    const found = items.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`)
    return found.sort().join() === wanted.sort().join()
  })
}
