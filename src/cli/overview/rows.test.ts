import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, minutes, projectedSecret, store } from '../../../test/support/objects.ts'
import { cautionsOf, connectorCautionsOf } from './cautions.ts'
import { healthOf, isWell } from './health.ts'
import { groupsOf } from './overview.ts'
import { connectorRow, storeRow } from './rows.ts'

const condition = (type: string, status: 'True' | 'False' | 'Unknown', reason: string, message = 'why') => ({
  ...{ type, status, reason, message, lastTransitionTime: '2026-03-01T10:00:00Z' },
})
const credentials = [{ name: 'step', namespace: 'ml', secretName: 'prod-step', expiresAt: '2026-03-01T11:00:00Z' }]
const projected = store({ credentials: [{ name: 'step', formats: ['Env'] }] }, { status: { credentials } })
const stamp = { grant: 'g', issuedAt: minutes(0), expiresAt: minutes(60) }

describe('a row of a store', () => {
  test('says from the annotations of its Secret when it will be refreshed', () => {
    const [secret] = storeRow(projected, () => projectedSecret('prod-step', stamp)).secrets
    assert.equal(secret?.issuedAt, '2026-03-01T10:00:00Z')
    const due = Date.parse(secret?.refreshAt ?? '')
    assert.ok(due >= minutes(24).getTime() && due <= minutes(30).getTime(), secret?.refreshAt)
  })

  test('says nothing of that where the Secret can not be read', () => {
    const [secret] = storeRow(projected, () => undefined).secrets
    assert.deepEqual(secret, {
      ...{ namespace: 'ml', name: 'prod-step', role: 'step', expiresAt: '2026-03-01T11:00:00Z' },
    })
  })

  test('believes no Secret that was made for another store', () => {
    const secret = projectedSecret('prod-step', stamp)
    secret.metadata.labels = { ...secret.metadata.labels, 'artifactstore.dev/store': 'other' }
    assert.equal(storeRow(projected, () => secret).secrets[0]?.refreshAt, undefined)
  })

  test('says that it is being deleted, as does a connector', () => {
    const deletionTimestamp = '2026-03-01T10:00:00Z'
    const { metadata } = store()
    const ending = store({}, { metadata: { ...metadata, deletionTimestamp } })
    assert.equal(storeRow(ending, () => undefined).deletedAt, deletionTimestamp)
    assert.equal(storeRow(store(), () => undefined).deletedAt, undefined)
    const object = connector()
    const deleted = { ...object, metadata: { ...object.metadata, deletionTimestamp } }
    assert.equal(connectorRow(deleted).deletedAt, deletionTimestamp)
  })

  test('names its connector, also in another namespace', () => {
    assert.equal(storeRow(store(), () => undefined).connector, 'ml/minio')
    const elsewhere = store({ connectorRef: { name: 'aws', namespace: 'shared' } })
    assert.equal(storeRow(elsewhere, () => undefined).connector, 'shared/aws')
  })
})

describe('health', () => {
  const at = (conditions: ReturnType<typeof condition>[], observedGeneration = 1) =>
    healthOf(store({}, { status: { observedGeneration, conditions } }))

  test('of an object that nobody has looked at is unknown, and not well', () => {
    const health = healthOf(store())
    assert.equal(health.reason, 'NotSeen')
    assert.ok(!isWell(health))
  })

  test('of one that is Ready with trouble says both', () => {
    const health = at([
      condition('Ready', 'True', 'Verified'),
      condition('Reconciling', 'True', 'ProbeTimeout', 'slow'),
    ])
    assert.equal(health.trouble, 'ProbeTimeout: slow')
    assert.ok(isWell(health))
  })

  test('of one whose spec has changed since is not current', () => {
    assert.equal(at([condition('Ready', 'True', 'Verified')], 0).isCurrent, false)
  })

  test('of one that was suspended is well', () => assert.ok(isWell(at([condition('Ready', 'Unknown', 'Suspended')]))))
})

describe('cautions', () => {
  test('are what is False without holding anything up, and what passed with a caution', () => {
    const conditions = [
      condition('Ready', 'True', 'Verified'),
      condition('AccessVerified', 'True', 'VerifiedWithCaution', 'no versions'),
      condition('CredentialsProjected', 'True', 'Projected'),
      condition('Isolated', 'False', 'NotIsolated', 'they reach all'),
    ]
    assert.deepEqual(cautionsOf(conditions), ['VerifiedWithCaution: no versions', 'NotIsolated: they reach all'])
  })

  test('of a connector are also behind the name of whom it acts as', () => {
    const conditions = [condition('Ready', 'True', 'Authenticated', 'authenticated as x; the key is old')]
    assert.deepEqual(connectorCautionsOf({ conditions }), ['Authenticated: the key is old'])
  })
})

test('stores are grouped by their connectors, also by one that is not there', () => {
  const lost = store({ connectorRef: { name: 'gone' } }, { metadata: { ...store().metadata, name: 'lost' } })
  const stores = [lost, store()].map(one => storeRow(one, () => undefined))
  const groups = groupsOf({ connectors: [connectorRow(connector()), connectorRow(connector({}, 'unused'))], stores })
  assert.deepEqual(
    groups.map(({ key, connector, stores }) => [key, connector?.name, stores.map(({ name }) => name)]),
    [
      ['ml/gone', undefined, ['lost']],
      ['ml/minio', 'minio', ['prod']],
      ['ml/unused', 'unused', []],
    ],
  )
})
