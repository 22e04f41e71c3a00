/** Whatever people write: within seconds, status says what is wrong, where, and what to do about it. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { findCondition, READY } from '../../src/api/conditions.ts'
import { ARTIFACT_STORES, EVENTS, SERVICE_CONNECTORS } from '../../src/kube/resource.ts'
import { until } from '../support/until.ts'
import { type Place, type Row, startPlace } from './bad-input.ts'
import { bucketRows } from './bad-input-bucket.ts'
import { chainRows } from './bad-input-chain.ts'
import { endpointRows } from './bad-input-endpoint.ts'
import { identityRows } from './bad-input-identity.ts'
import { type RefusedRow, refusedRows } from './bad-input-refused.ts'
import { storeRows } from './bad-input-store.ts'

/** From the object's creation to the status that says it all. */
const PROMISED_MS = 5_000

const rows = [...identityRows, ...endpointRows, ...chainRows, ...storeRows, ...bucketRows]

let place: Place
before(async () => {
  place = await startPlace()
})
after(() => place.stop())

describe('bad input is explained', { concurrency: 6 }, () => {
  for (const row of rows) test(row.name, () => explained(row))
})

describe('bad input is refused by the API server', { concurrency: true }, () => {
  for (const row of refusedRows) test(row.name, () => refused(row))
})

test('no secret was seen in status, events or logs', async () => {
  const { world, tenant, operator, secrets } = place
  const objects = await Promise.all(
    [SERVICE_CONNECTORS, ARTIFACT_STORES, EVENTS].map(resource => world.client.list(resource, tenant.name)),
  )
  const lines = [...operator.raw, ...objects.flatMap(({ items }) => items.map(item => JSON.stringify(item)))]
  assert.ok(secrets.size > 20 && operator.raw.length > 0)
  for (const secret of secrets) {
    const line = lines.find(text => text.includes(secret) || text.includes(Buffer.from(secret).toString('base64')))
    assert.equal(line, undefined)
  }
})

async function explained(row: Row): Promise<void> {
  const { tenant } = place
  const { name, condition: type = READY, reason, says } = row
  await row.arrange?.(place, name)
  if (row.connector) await tenant.create(SERVICE_CONNECTORS, name, { spec: row.connector(place, name) })
  if (row.store) {
    const connectorRef = { name: row.connector ? name : 'aws' }
    const spec = { path: `s3://data/${name}`, connectorRef, ...row.store(place, name) }
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

async function refused({ name, resource, spec, says }: RefusedRow): Promise<void> {
  await assert.rejects(place.tenant.create(resource, name, { spec }), error => {
    assert.ok(error instanceof Error)
    assert.ok(error.message.includes(says), `${error.message}\nlacks: ${says}`)
    return true
  })
}
