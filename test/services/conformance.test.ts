/**
 * S3 services that run for real, beside those that the other tests use. `make test-services` (ALL_SERVICES=1) also runs
 * those that take long to build. ONLY_SERVICE=Garage,SeaweedFS runs these. RECORD_SERVICES=1 writes what was found instead of
 * comparing it.
 */
import { after, before, describe } from 'node:test'
import type { MotoService } from '../cluster/services/moto.ts'
import type { S3Service } from '../cluster/services/service.ts'
import { conformance } from './conformance.suite.ts'
import { ROWS, type Row } from './rows.ts'
import { ServicesWorld } from './world.ts'

const ALL = Boolean(process.env['ALL_SERVICES'])
const only = process.env['ONLY_SERVICE']?.split(',')

const rows: Row[] = []
for (const row of ROWS) {
  if (only && !only.includes(row.service)) continue
  if (!row.extra) rows.push(row)
  else if (ALL) {
    const why = await row.extra()
    if (why) process.stderr.write(`${why}\n`)
    else rows.push(row)
  }
}

describe('S3 services', () => {
  const services = new Map<string, S3Service>()
  let world: ServicesWorld
  let environment: MotoService['environment'] = {}

  before(async () => {
    world = await ServicesWorld.start()
    const started = await Promise.allSettled(
      rows.map(async row => services.set(row.service, await row.start(world.controlPlane))),
    )
    for (const result of started) if (result.status === 'rejected') throw result.reason
    for (const service of services.values() as Iterable<Partial<MotoService>>)
      environment = service.environment ?? environment
    // The provider in this process finds moto as an operator does.
    Object.assign(process.env, environment)
    await world.operate(environment)
  })
  after(async () => {
    await world?.stop()
    await Promise.all([...services.values()].map(service => service.stop()))
  })

  for (const row of rows) {
    conformance(row, { world: () => world, service: () => services.get(row.service) as S3Service })
  }
})
