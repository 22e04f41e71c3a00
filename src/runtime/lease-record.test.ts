import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Decision, decide, type LeaseSpec, type Observation, observe, released } from './lease-record.ts'

const ME = { identity: 'me', leaseDurationMs: 15_000 }
const NOW = '2030-01-01T00:00:00.000000Z'
const THEN = '2029-06-01T00:00:00.000000Z'
const wall = Date.parse(NOW)

const heldBy = (holderIdentity: string, more: LeaseSpec = {}): LeaseSpec => ({
  holderIdentity,
  leaseDurationSeconds: 15,
  acquireTime: THEN,
  renewTime: THEN,
  leaseTransitions: 3,
  ...more,
})
const mine = (more: LeaseSpec): Decision => ({
  kind: 'write',
  spec: { holderIdentity: 'me', leaseDurationSeconds: 15, acquireTime: NOW, renewTime: NOW, ...more },
})

const cases: { name: string; lease: Observation | undefined; monotonic: number; want: Decision }[] = [
  { name: 'no lease: made', lease: undefined, monotonic: 0, want: mine({ leaseTransitions: 0 }) },
  {
    name: 'another has the lease, just seen: waits, however old its times are',
    lease: { spec: heldBy('other'), since: 1000 },
    monotonic: 1000,
    want: { kind: 'wait', holder: 'other' },
  },
  {
    name: 'another has the lease, with a clock years ahead: only the time since it changed counts',
    lease: { spec: heldBy('other', { renewTime: '2099-01-01T00:00:00.000000Z' }), since: 1000 },
    monotonic: 16_000,
    want: mine({ leaseTransitions: 4 }),
  },
  {
    name: 'a moment before it expires: waits',
    lease: { spec: heldBy('other'), since: 1000 },
    monotonic: 15_999,
    want: { kind: 'wait', holder: 'other' },
  },
  {
    name: 'the duration that counts is the one in the lease',
    lease: { spec: heldBy('other', { leaseDurationSeconds: 60 }), since: 0 },
    monotonic: 59_999,
    want: { kind: 'wait', holder: 'other' },
  },
  {
    name: 'released: taken at once',
    lease: { spec: heldBy('', { leaseDurationSeconds: 1 }), since: 1000 },
    monotonic: 1000,
    want: mine({ leaseTransitions: 4 }),
  },
  {
    name: 'own: renewed, acquireTime and transitions stay',
    lease: { spec: heldBy('me'), since: 0 },
    monotonic: 5000,
    want: mine({ acquireTime: THEN, leaseTransitions: 3 }),
  },
  {
    name: 'own and expired: renewed',
    lease: { spec: heldBy('me'), since: 0 },
    monotonic: 500_000,
    want: mine({ acquireTime: THEN, leaseTransitions: 3 }),
  },
  {
    name: 'made by hand, empty: taken',
    lease: { spec: {}, since: 0 },
    monotonic: 0,
    want: mine({ leaseTransitions: 1 }),
  },
]

for (const { name, lease, monotonic, want } of cases) {
  test(`decide: ${name}`, () => assert.deepEqual(decide(ME, lease, { monotonic, wall }), want))
}

test('observe: the clock runs from when the lease last changed, not from when it was last read', () => {
  const first = observe(undefined, heldBy('other'), 100)
  const same = observe(first, heldBy('other'), 900)
  assert.equal(same.since, 100)
  assert.equal(observe(same, heldBy('other', { renewTime: NOW }), 900).since, 900)
})

test('released: no holder, a second long, transitions stay', () => {
  assert.deepEqual(released(heldBy('me'), { monotonic: 0, wall }), {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: NOW,
    renewTime: NOW,
    leaseTransitions: 3,
  })
})
