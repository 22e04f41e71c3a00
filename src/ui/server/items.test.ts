import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, minutes, projectedSecret, store } from '../../../test/support/objects.ts'
import type { Condition } from '../../api/conditions.ts'
import { connectorItem, storeItem } from './items.ts'
import { stepsOf } from './steps.ts'

const condition = (type: string, status: Condition['status'], reason: string, message = 'why'): Condition => ({
  ...{ type, status, reason, message, lastTransitionTime: '2026-03-01T10:00:00Z' },
})
const withConditions = (...conditions: Condition[]) => store({}, { status: { observedGeneration: 1, conditions } })

describe('the state of an object is', () => {
  const stalled = condition('Stalled', 'True', 'NoSuchBucket')
  for (const [want, ...conditions] of [
    ['Unseen'],
    ['Ready', condition('Ready', 'True', 'Verified')],
    ['Trouble', condition('Ready', 'True', 'Verified'), condition('Reconciling', 'True', 'Unavailable', 'slow')],
    ['Working', condition('Ready', 'False', 'Unavailable'), condition('Reconciling', 'True', 'Unavailable')],
    ['Working', condition('Ready', 'Unknown', 'Progressing')],
    ['Stalled', condition('Ready', 'False', 'NoSuchBucket'), stalled],
    ['Suspended', condition('Ready', 'Unknown', 'Suspended')],
  ] as [string, ...Condition[]][]) {
    const words = conditions.map(({ type, status, reason }) => `${type} is ${status}: ${reason}`).join(', ')
    test(`${want} with ${words || 'no conditions'}`, () =>
      assert.equal(storeItem(withConditions(...conditions), () => undefined).state, want))
  }
})

test('a message of a row is cut, and that of an object is left as it is', () => {
  const object = withConditions(condition('Ready', 'False', 'Denied', 'x'.repeat(9000)))
  assert.equal(storeItem(object, () => undefined).health.message.length, 300)
  assert.equal(object.status?.conditions?.[0]?.message.length, 9000)
})

test('each of two Secrets of an entry has its own formats, and the times of its own annotations', () => {
  const entry = { name: 'step', formats: ['AwsProfile' as const, 'Env' as const, 'Rclone' as const] }
  const credentials = ['prod-step', 'prod-step-env'].map(secretName => ({ name: 'step', namespace: 'ml', secretName }))
  const stamp = { grant: 'g', issuedAt: minutes(0), expiresAt: minutes(60) }
  const { secrets } = storeItem(store({ credentials: [entry] }, { status: { credentials } }), key =>
    key === 'ml/prod-step' ? projectedSecret('prod-step', stamp) : undefined,
  )
  assert.deepEqual(
    secrets.map(({ name, formats, issuedAt, expiresAt }) => [name, formats, issuedAt, expiresAt]),
    [
      ['prod-step', ['AwsProfile', 'Rclone'], '2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z'],
      ['prod-step-env', ['Env'], undefined, undefined],
    ],
  )
})

test('a Secret of an entry that is no longer in the spec has no formats', () => {
  const credentials = [{ name: 'gone', namespace: 'ml', secretName: 'prod-gone' }]
  assert.deepEqual(storeItem(store({}, { status: { credentials } }), () => undefined).secrets[0]?.formats, [])
})

test('a connector says whom it acts as, and for how many stores', () => {
  const status = { principal: 'arn:aws:iam::1:role/x', stores: 3, expiresAt: '2026-03-01T11:00:00Z' }
  const { key, cloud, principal, storesInAll, expiresAt } = connectorItem(connector({ status }))
  assert.deepEqual(
    [key, cloud, principal, storesInAll, expiresAt],
    [...['ml/minio', 'aws', 'arn:aws:iam::1:role/x', 3, '2026-03-01T11:00:00Z']],
  )
})

test('the steps of a store are four, whatever its status has', () => {
  const states = (...conditions: Condition[]) => stepsOf(conditions).map(({ name, state }) => `${name} ${state}`)
  assert.deepEqual(states(), ['connector Waiting', 'bucket Waiting', 'access Waiting', 'credentials Waiting'])
  assert.deepEqual(
    states(
      condition('ConnectorReady', 'True', 'ConnectorReady'),
      condition('BucketReachable', 'True', 'Reachable'),
      condition('AccessVerified', 'True', 'VerifiedWithCaution'),
      condition('CredentialsProjected', 'False', 'CredentialsUnwritable'),
    ),
    ['connector Done', 'bucket Done', 'access Caution', 'credentials Failed'],
  )
  assert.deepEqual(states(condition('AccessVerified', 'Unknown', 'NotVerified'))[2], 'access Waiting')
  assert.deepEqual(stepsOf([])[0], { name: 'connector', state: 'Waiting', reason: '', message: '' })
})
