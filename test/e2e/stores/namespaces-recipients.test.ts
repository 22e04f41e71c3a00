/** Namespaces that must have a label to get Secrets of stores in other namespaces: on real parts. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { NAMESPACES } from '../../../src/kube/resource.ts'
import { until } from '../../support/until.ts'
import { messageOf, Tenant, World } from '../../support/world.ts'

const LABEL = 'artifactstore.dev/recipient'

let world: World
let home: Tenant
before(async () => {
  world = await World.start()
  await world.startOperator(['--leader-elect=false', `--recipient-labels=${LABEL}=true`])
  home = await world.tenant('home')
  await home.connector('minio')
})
after(() => world.stop())

const relabel = (name: string, labels: Record<string, string>) =>
  world.client.jsonPatch(NAMESPACES, { name }, [{ op: 'add', path: '/metadata/labels', value: labels }])

test('a namespace gets Secrets only with the label of recipients, and loses them with it', async () => {
  const [named, selected] = [new Tenant(world, 'named'), new Tenant(world, 'selected')]
  await Promise.all([named.createNamespace(), selected.createNamespace()])
  await relabel('selected', { team: 'x' })
  const namespaces = { names: ['home', 'named'], selector: { matchLabels: { team: 'x' } } }
  await home.store('models', {
    credentials: [{ name: 'step', formats: ['AwsProfile'], namespaces }],
    allowedNamespaces: { from: 'All' },
  })
  const store = await home.storeCondition('models', 'Stalled', 'True', 'NamespaceNotRecipient')
  assert.match(messageOf(store), /names: "named": takes no Secrets .* the labels of the operator's --recipient-labels/)
  await until('the own one has it', () => home.getSecret('models-step'))
  assert.deepEqual(
    [await named.getSecret('models-step'), await selected.getSecret('models-step')],
    [undefined, undefined],
  )

  await relabel('named', { [LABEL]: 'true' })
  await relabel('selected', { [LABEL]: 'true', team: 'x' })
  await home.storeReady('models')
  for (const where of [named, selected]) await until(where.name, () => where.getSecret('models-step'))

  await relabel('selected', { team: 'x' })
  await until('it is gone', async () => (await selected.getSecret('models-step')) === undefined)
  assert.ok(await named.getSecret('models-step'))
})
