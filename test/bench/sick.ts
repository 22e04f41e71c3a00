/** The same load while stores of other tenants have an endpoint that takes connections and stops answering. */
import { startFaultProxy } from '../cluster/fault-proxy.ts'
import { until } from '../support/until.ts'
import type { Tenant, World } from '../support/world.ts'
import { load } from './load.ts'
import { inWorld } from './measure.ts'

/** Stores that share one connector, in a namespace of their own. */
const STORES_OF_A_TENANT = 10

/**
 * Makes the connectors Ready, then lets their endpoint hang and creates their stores. Resolves when the operator waits
 * for the endpoint. Returns a function that closes the endpoint.
 */
async function sicken(world: World, count: number): Promise<() => Promise<void>> {
  const hole = await startFaultProxy(world.minio)
  const tenants: Tenant[] = []
  for (let index = 0; index * STORES_OF_A_TENANT < count; index++) {
    const tenant = await world.tenant(`sick-${index}`)
    await tenant.connector('minio', { endpoint: hole.endpoint })
    await tenant.connectorReady('minio')
    tenants.push(tenant)
  }
  hole.fault = () => 'hold'
  const indices = Array.from({ length: count }, (_, index) => index)
  await Promise.all(indices.map(index => tenants[Math.floor(index / STORES_OF_A_TENANT)]?.store(`store-${index}`)))
  await until('calls hang', () => hole.held.size > 0)
  return () => hole.close()
}

/** Times so many stores beside the sick ones. */
export const measureBesideSick = (count: number, sickCount: number) =>
  inWorld(async ({ world, tenant }) => {
    const heal = await sicken(world, sickCount)
    try {
      return await load(world.client, { namespace: tenant.name, count })
    } finally {
      await heal()
    }
  })
