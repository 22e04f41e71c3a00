/** Namespaces say whether Secrets of stores elsewhere come in, and administrators how many: on real parts. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { CredentialsEntry } from '../../../src/api/artifact-store.ts'
import { RECIPIENT_LABEL } from '../../../src/api/names.ts'
import { NAMESPACES } from '../../../src/kube/resource.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { messageOf, Tenant, World } from '../../support/world.ts'

let world: World
let operator: OperatorProcess
let home: Tenant
before(async () => {
  world = await World.start()
  operator = await world.startOperator()
  home = await world.tenant('home')
  await home.connector('minio')
})
after(() => world.stop())

const relabel = (name: string, labels: Record<string, string>) =>
  world.client.jsonPatch(NAMESPACES, { name }, [{ op: 'add', path: '/metadata/labels', value: labels }])

async function namespace(name: string): Promise<Tenant> {
  const where = new Tenant(world, name)
  await where.createNamespace()
  return where
}
const into = (namespaces: NonNullable<CredentialsEntry['namespaces']>) => ({
  credentials: [{ name: 'step', formats: ['AwsProfile' as const], namespaces }],
  allowedNamespaces: { from: 'All' as const },
})

async function restart(...flags: string[]): Promise<void> {
  await operator.kill()
  operator = await world.startOperator(['--leader-elect=false', ...flags])
}

test('a namespace gets Secrets only with the label of recipients, and loses them with it', async () => {
  const [named, selected] = await Promise.all([namespace('named'), namespace('selected')])
  await relabel('selected', { team: 'x' })
  await home.store('models', into({ names: ['home', 'named'], selector: { matchLabels: { team: 'x' } } }))
  const store = await home.storeCondition('models', 'Stalled', 'True', 'NamespaceNotRecipient')
  await until('the own one has it', () => home.getSecret('models-step'))
  assert.deepEqual(
    [await named.getSecret('models-step'), await selected.getSecret('models-step')],
    [undefined, undefined],
  )

  const [, cure = ''] = /names: "named": accept no Secrets .* run "kubectl ([^"]+)"/.exec(messageOf(store)) ?? []
  await kubectl(world.controlPlane, cure.split(' '))
  await relabel('selected', { [RECIPIENT_LABEL]: 'true', team: 'x' })
  await home.storeReady('models')
  for (const where of [named, selected]) await until(where.name, () => where.getSecret('models-step'))

  await relabel('selected', { team: 'x' })
  await until('it is gone', async () => (await selected.getSecret('models-step')) === undefined)
  assert.ok(await named.getSecret('models-step'))
})

test('a store with more targets than are allowed says so, and those that are served go on', async () => {
  const names = ['many-b', 'many-c']
  const [b, c] = await Promise.all(names.map(namespace))
  for (const name of names) await relabel(name, { [RECIPIENT_LABEL]: 'true', many: 'true' })
  await home.store('many', into({ names: ['home'], selector: { matchLabels: { many: 'true' } } }))
  await home.storeReady('many')
  await restart('--max-targets=3')
  const a = await namespace('many-a')
  await relabel('many-a', { [RECIPIENT_LABEL]: 'true', many: 'true' })
  const store = await home.storeCondition('many', 'Stalled', 'True', 'TooManyTargets')
  assert.match(messageOf(store), /leads to 4 targets .* a store has 3 at most: .* such as "step" in "many-a": narrow/)
  assert.equal(await a.getSecret('many-step'), undefined)
  assert.deepEqual(
    store.status?.credentials?.map(({ namespace }) => namespace),
    ['home', 'many-b', 'many-c'],
  )
  for (const where of [home, b, c]) assert.ok(await where?.getSecret('many-step'))
})

test('without labels in --recipient-labels, a namespace gets the Secrets that stores send there', async () => {
  await restart('--recipient-labels=')
  const where = await namespace('open')
  await home.store('trusting', into({ names: ['open'] }))
  await home.storeReady('trusting')
  assert.ok(await where.getSecret('trusting-step'))
})
