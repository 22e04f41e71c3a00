import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connector, minutes, NOW, projectedSecret, store } from '../../test/support/objects.ts'
import type { ArtifactStore, ArtifactStoreSpec, ArtifactStoreStatus } from '../api/artifact-store.ts'
import type { KubeObject } from '../api/object.ts'
import { Cache } from '../runtime/cache.ts'
import type { ProjectedSecret } from '../stores/plan/projected-secret.ts'
import type { Readings } from '../telemetry/read-gauges.ts'
import { readObjects } from './readings.ts'

const cacheOf = <T extends KubeObject>(objects: T[]) => {
  const cache = new Cache<T>()
  for (const object of objects) cache.observe(object)
  return { cache }
}

const ready = (status: 'True' | 'False' | 'Unknown', reason: string) => ({
  conditions: [{ type: 'Ready', status, reason, message: '', lastTransitionTime: '' }],
})

const named = (name: string, status: ArtifactStoreStatus = {}, spec: Partial<ArtifactStoreSpec> = {}) => {
  const { metadata, ...rest } = store(spec)
  return { ...rest, metadata: { ...metadata, name }, status }
}

/** A Secret of the store `ml/prod` that was issued at this minute for an hour. */
const secret = (name: string, issuedAtMinute: number): ProjectedSecret =>
  projectedSecret(name, { grant: 'g', issuedAt: minutes(issuedAtMinute), expiresAt: minutes(issuedAtMinute + 60) })

const read = (stores: ArtifactStore[], secrets: ProjectedSecret[] = [], byName = true): Readings =>
  readObjects(
    {
      stores: cacheOf(stores),
      connectors: cacheOf([{ ...connector(), status: ready('True', 'Authenticated') }]),
      projected: cacheOf(secrets),
    },
    byName,
    NOW,
  )

const valuesOf = (readings: Readings, name: keyof Readings) =>
  Object.fromEntries(samplesOf(readings, name).map(({ labels, value }) => [Object.values(labels).join('/'), value]))

const samplesOf = (readings: Readings, name: keyof Readings) => [...(readings[name] ?? [])]

const prod: ArtifactStore = named('prod', {
  ...ready('True', 'Verified'),
  expiresAt: '2026-03-01T11:00:00Z',
  usage: { objects: 3, bytes: 4096, scope: 'Prefix', measuredAt: '2026-03-01T09:00:00Z' },
})

test('metrics tell of each store whether it is Ready, when its credentials end, and how much is in it', () => {
  const readings = read([prod, named('broken', ready('False', 'PermissionDenied')), named('new')])
  assert.deepEqual(valuesOf(readings, 'store_ready'), { 'ml/prod': 1, 'ml/broken': 0, 'ml/new': 0 })
  assert.deepEqual(valuesOf(readings, 'connector_ready'), { 'ml/minio': 1 })
  const end = Date.parse('2026-03-01T11:00:00Z') / 1000
  assert.deepEqual(valuesOf(readings, 'credentials_expire_timestamp_seconds'), { 'ml/prod': end })
  assert.deepEqual(valuesOf(readings, 'usage_bytes'), { 'ml/prod': 4096 })
  assert.deepEqual(valuesOf(readings, 'usage_objects'), { 'ml/prod': 3 })
})

test('a suspended store is neither Ready nor not, and its credentials are not late', () => {
  const suspended = named('prod', ready('Unknown', 'Suspended'), { suspend: true })
  const readings = read([suspended], [secret('prod-step', -50)])
  assert.deepEqual(samplesOf(readings, 'store_ready'), [])
  assert.deepEqual(samplesOf(readings, 'credentials_refresh_due_timestamp_seconds'), [])
  assert.deepEqual(samplesOf(readings, 'credentials_refresh_overdue_seconds'), [{ labels: {}, value: 0 }])
})

for (const { name, secrets, dueMinute, overdueMinutes } of [
  { name: 'that are not due are not late', secrets: [secret('prod-step', 0)], dueMinute: 29.7, overdueMinutes: 0 },
  {
    name: 'are as late as the first of them',
    secrets: [secret('prod-step', 0), secret('prod-other', -40)],
    dueMinute: -10.3,
    overdueMinutes: 10.3,
  },
]) {
  test(`credentials ${name}`, () => {
    const readings = read([prod], secrets)
    const due = samplesOf(readings, 'credentials_refresh_due_timestamp_seconds')[0]?.value ?? 0
    assert.equal(due, minutes(dueMinute).getTime() / 1000)
    assert.equal(samplesOf(readings, 'credentials_refresh_overdue_seconds')[0]?.value, overdueMinutes * 60)
  })
}

test('Secrets that no seal proves to be the operator’s, and those of stores that are gone, are not late', () => {
  const old = secret('prod-step', -50)
  const unsealed = read([prod], [{ ...old, sealed: false }])
  assert.deepEqual(samplesOf(unsealed, 'credentials_refresh_due_timestamp_seconds'), [])
  assert.equal(samplesOf(read([], [old]), 'credentials_refresh_overdue_seconds')[0]?.value, 0)
})

test('a deleted Secret that the finalizer of a tenant holds is not late, however long it is there', () => {
  const old = secret('prod-step', -50)
  const held = { ...old, metadata: { ...old.metadata, deletionTimestamp: '2026-03-01T09:30:00Z', finalizers: ['a/b'] } }
  const readings = read([prod], [held])
  assert.deepEqual(samplesOf(readings, 'credentials_refresh_due_timestamp_seconds'), [])
  assert.deepEqual(samplesOf(readings, 'credentials_refresh_overdue_seconds'), [{ labels: {}, value: 0 }])
})

test('without metrics by name, stores are only counted, by reasons that are words', () => {
  const strange = named('c', ready('False', 'a reason "of" others'))
  const readings = read([prod, named('a', ready('True', 'Verified')), strange], [secret('prod-step', -40)], false)
  assert.deepEqual(Object.keys(readings), ['objects', 'credentials_refresh_overdue_seconds'])
  assert.deepEqual(valuesOf(readings, 'objects'), {
    'ArtifactStore/True/Verified': 2,
    'ArtifactStore/False/other': 1,
    'ServiceConnector/True/Authenticated': 1,
  })
})
