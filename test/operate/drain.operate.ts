/** Evictions, as `kubectl drain` asks for them: the budget of deploy/ lets nodes be drained, and keeps a replica where it can. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { KubeObject } from '../../src/api/object.ts'
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts'
import { CRDS, Installation } from '../support/installation.ts'
import { until } from '../support/until.ts'

const SYSTEM = 'artifact-store-system'
const NAME = 'artifact-store-operator'
const PODS = `/api/v1/namespaces/${SYSTEM}/pods`
const DEPLOYMENT = `/apis/apps/v1/namespaces/${SYSTEM}/deployments/${NAME}`
const BUDGET = `/apis/policy/v1/namespaces/${SYSTEM}/poddisruptionbudgets/${NAME}`
const REFUSED = 429

let controlPlane: ControlPlane
let installation: Installation
before(async () => {
  const moreControllers = ['deployment', 'replicaset', 'disruption']
  controlPlane = await startControlPlane({ crds: CRDS, moreControllers })
  installation = await new Installation(controlPlane).install()
})
after(async () => {
  await installation?.stop()
  await controlPlane?.stop()
})

async function read(path: string) {
  const { status, json, text } = await controlPlane.request('GET', path)
  assert.equal(status, 200, text)
  return json
}

const pods = async (): Promise<KubeObject[]> =>
  (await read(`${PODS}?labelSelector=app.kubernetes.io/name=${NAME}`)).items

/** Waits for so many pods, says that they are ready, as a kubelet would, and waits until one of them may go. */
async function readyPods(count: number): Promise<string[]> {
  const found = await until(`${count} pods`, async () => {
    const items = await pods()
    return items.length === count && items
  })
  for (const pod of found) {
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
    const path = `${PODS}/${pod.metadata.name}/status`
    const answer = await controlPlane.request('PUT', path, { ...pod, apiVersion: 'v1', kind: 'Pod', status })
    assert.equal(answer.status, 200, answer.text)
  }
  await until('the budget allows one', async () => {
    const { status } = await read(BUDGET)
    return status?.currentHealthy === count && status.disruptionsAllowed === 1
  })
  return found.map(({ metadata }) => metadata.name)
}

/** Returns the code of the answer. */
async function evict(name: string): Promise<number> {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: SYSTEM } }
  return (await controlPlane.request('POST', `${PODS}/${name}/eviction`, eviction)).status
}

test('of two replicas, one is evicted, and the other one when there is another', async () => {
  const [first = '', second = ''] = await readyPods(2)
  assert.deepEqual([await evict(first), await evict(second)], [201, REFUSED])
  assert.ok((await readyPods(2)).includes(second))
  assert.equal(await evict(second), 201)
})

test('a single replica is evicted, so that its node can be drained', async () => {
  const scale = { metadata: { name: NAME, namespace: SYSTEM }, spec: { replicas: 1 } }
  const { status, text } = await controlPlane.request('PUT', `${DEPLOYMENT}/scale`, scale)
  assert.equal(status, 200, text)
  const [only = ''] = await readyPods(1)
  assert.equal(await evict(only), 201)
})
