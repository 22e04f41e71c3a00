/** The test of one bad input, for any cloud. */
import assert from 'node:assert/strict'
import type { ArtifactStoreSpec } from '../../../src/api/artifact-store.ts'
import { findCondition, READY } from '../../../src/api/conditions.ts'
import type { ServiceConnectorSpec } from '../../../src/api/service-connector.ts'
import { ARTIFACT_STORES, EVENTS, type Resource, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import type { Namespace } from '../../support/namespace.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'

/** A bad input, and what status says about it. The objects of the input have its name. */
export interface BadInput<W> {
  name: string
  /** Creates what the objects of the input name and the world does not have. */
  arrange?(world: W, name: string): Promise<unknown>
  /** The connector of the input; absent when the store uses a connector that works. */
  connector?(world: W, name: string): ServiceConnectorSpec
  /** The store of the input; if present, the store's status is the one that is read. */
  store?(world: W, name: string): Partial<ArtifactStoreSpec>
  /** The type of the condition that is read. Default: Ready. */
  condition?: string
  reason: string
  /** Parts of the message: the field, and some words of the cure. */
  says: string[]
}

/** An input that the API server refuses. */
export interface RefusedInput {
  name: string
  resource: Resource
  spec: object
  /** A part of the API server's message. */
  says: string
}

/** The name of the test: the input, and what is said about it. */
export const titleOf = (row: { name: string } & ({ reason: string } | { says: string })): string =>
  `${row.name}: ${'reason' in row ? row.reason : row.says}`

/** The world in which inputs are tried, in the namespace of one tenant. */
interface InputWorld {
  tenant: Namespace
  operator: OperatorProcess
  /** Secret values, which must never be seen in status, events or logs. */
  secrets: Set<string>
}

/** The longest time from the creation of an object to the status that explains it. */
const PROMISED_MS = 5_000

/** `usual`: the bucket and the connector of stores that name no other. */
export async function explained<W extends InputWorld>(
  row: BadInput<W>,
  world: W,
  usual: { bucket: string; connector: string },
): Promise<void> {
  const { tenant } = world
  const { name, condition: type = READY, reason, says } = row
  await row.arrange?.(world, name)
  if (row.connector) await tenant.create(SERVICE_CONNECTORS, name, { spec: row.connector(world, name) })
  if (row.store) {
    const connectorRef = { name: row.connector ? name : usual.connector }
    const spec = { path: `${usual.bucket}/${name}`, connectorRef, ...row.store(world, name) }
    await tenant.create(ARTIFACT_STORES, name, { spec })
  }
  const read = () => (row.store ? tenant.getStore(name) : tenant.getConnector(name))
  const condition = await until(
    `${name} is ${reason}`,
    async () => {
      const { status, metadata } = await read()
      const found = findCondition(status?.conditions, type)
      return status?.observedGeneration === metadata.generation && found?.reason === reason && found
    },
    { ms: PROMISED_MS, last: async () => (await read()).status?.conditions },
  )
  assert.equal(condition.status, 'False')
  for (const words of says) assert.ok(condition.message.includes(words), `${condition.message}\nlacks: ${words}`)
}

export async function refused({ name, resource, spec, says }: RefusedInput, { tenant }: InputWorld): Promise<void> {
  await assert.rejects(tenant.create(resource, name, { spec }), error => {
    assert.ok(error instanceof Error)
    assert.ok(error.message.includes(says), `${error.message}\nlacks: ${says}`)
    return true
  })
}

/** Checks that no secret value is in status, events or logs. */
export async function noSecretSeen({ tenant, operator, secrets }: InputWorld): Promise<void> {
  const objects = await Promise.all(
    [SERVICE_CONNECTORS, ARTIFACT_STORES, EVENTS].map(resource => tenant.world.client.list(resource, tenant.name)),
  )
  const lines = [...operator.raw, ...objects.flatMap(({ items }) => items.map(item => JSON.stringify(item)))]
  assert.ok(secrets.size > 20 && operator.raw.length > 0)
  for (const secret of secrets) {
    const line = lines.find(text => text.includes(secret) || text.includes(Buffer.from(secret).toString('base64')))
    assert.equal(line, undefined)
  }
}
