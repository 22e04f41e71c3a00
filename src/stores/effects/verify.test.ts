import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  fakeProvider,
  fakeSession,
  fakeView,
  goodProbe,
  minutes,
  NOW,
  projectedSecret,
  store,
} from '../../../test/support/objects.ts'
import type { ArtifactStore, ArtifactStoreSpec, ArtifactStoreStatus } from '../../api/artifact-store.ts'
import { type Failure, transient } from '../../api/failures.ts'
import { REQUESTED_AT_ANNOTATION } from '../../api/names.ts'
import type { Probe, ProbeRequest, Session } from '../../providers/provider.ts'
import { planStore, type StorePlan } from '../plan/plan.ts'
import type { ProjectedSecret } from '../plan/projected-secret.ts'
import { Verifications } from './verifications.ts'
import { verify } from './verify.ts'

const INTERVAL = 10
const none = new AbortController().signal

const probed: Probe = {
  kind: 'probe',
  bucket: { name: 'bucket', prefix: 'team/' },
  permissions: [{ action: 's3:GetObject', result: 'Allowed' }],
}
/** What status says, which differs from what a probe says. */
const known = {
  bucket: { name: 'bucket', prefix: 'team/', region: 'eu-west-1' },
  permissions: ['s3:GetObject', 's3:PutObject'].map(action => ({ action, result: 'Allowed' as const })),
}
const ready: ArtifactStoreStatus = {
  observedGeneration: 1,
  conditions: [{ type: 'Ready', status: 'True', reason: 'Verified', message: '', lastTransitionTime: '' }],
  ...known,
}

/** Credentials with two formats that need a Secret each. */
const CREDENTIALS: ArtifactStoreSpec['credentials'] = [{ name: 'step', formats: ['AwsProfile', 'Env'] }]
const readyStore = (status: ArtifactStoreStatus = ready): ArtifactStore =>
  store({ credentials: CREDENTIALS }, { status })

const requested = (object: ArtifactStore, at: string): ArtifactStore => ({
  ...object,
  metadata: { ...object.metadata, annotations: { [REQUESTED_AT_ANNOTATION]: at } },
})

function planned(object: ArtifactStore): StorePlan {
  const plan = planStore(object, fakeView(), { aws: fakeProvider })
  assert.ok(plan.kind === 'plan', JSON.stringify(plan))
  return plan
}

function secretsFor({ targets }: StorePlan, grant = targets[0]?.grant ?? ''): Map<string, ProjectedSecret> {
  const stamp = { grant, issuedAt: NOW, expiresAt: minutes(60) }
  const names = targets.flatMap(({ secretNames }) => secretNames)
  return new Map(names.map(name => [`ml/${name}`, projectedSecret(name, stamp)]))
}

/** One process: its verifications, its time, the Secrets that it sees and the probes that it made. */
function start(secrets = new Map<string, ProjectedSecret>()) {
  const probes: ProbeRequest[] = []
  const process = {
    now: NOW,
    setBackMs: 0,
    probes,
    verifications: new Verifications(),
    result: probed as Probe | Failure,
    session: {} as Partial<Session>,
    async verify(object: ArtifactStore) {
      const look = await process.look(object)
      return look.verification
    },
    look: (object: ArtifactStore) =>
      verify(
        {
          store: object,
          plan: planned(object),
          session: fakeSession({
            probe: async request => {
              probes.push(request)
              return process.result
            },
            ...process.session,
          }),
        },
        {
          ...{ verifications: process.verifications, now: () => process.now, secret: key => secrets.get(key) },
          monotonic: () => process.now.getTime() + process.setBackMs,
        },
        none,
      ),
  }
  return process
}

describe('verify', () => {
  test('probes a store that is new, as its plan says', async () => {
    const process = start()
    const verification = await process.verify(store({ verification: { writeProbe: 'Object' } }))
    assert.ok('probe' in verification)
    assert.equal(verification.probe, probed)
    assert.deepEqual(process.probes, [
      {
        location: { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' },
        encryption: { type: 'None' },
        writeProbe: 'Object',
        probeId: 'uid-of-m',
        required: ['s3:GetObject', 's3:PutObject'],
      },
    ])
  })

  test('uses a verification until its interval is over, or up to a tenth of it earlier or later', async () => {
    const process = start()
    const first = await process.verify(store())
    assert.ok('nextAt' in first)
    assert.ok(first.nextAt >= minutes(INTERVAL * 0.9) && first.nextAt <= minutes(INTERVAL * 1.1), `${first.nextAt}`)
    process.now = new Date(first.nextAt.getTime() - 1)
    assert.deepEqual(await process.verify(store()), first)
    process.now = first.nextAt
    await process.verify(store())
    assert.equal(process.probes.length, 2)
  })

  describe('looks soon again at what a cloud may see late', () => {
    const DENIED: Probe = { ...probed, permissions: [{ action: 's3:PutObject', result: 'Denied' }] }
    const UNKNOWN: Probe = { ...probed, permissions: [{ action: 's3:PutObject', result: 'Unknown' }] }
    const waiting = (since: Date): ArtifactStoreStatus => {
      const why = { reason: 'PermissionDenied', message: 'm', lastTransitionTime: since.toISOString() }
      const conditions = ['Ready', 'Reconciling'].map(type => ({
        ...{ type, status: type === 'Ready' ? ('False' as const) : ('True' as const) },
        ...why,
      }))
      return { observedGeneration: 1, conditions }
    }
    const cases: [name: string, probe: Probe, status: ArtifactStoreStatus | undefined, seconds: [number, number]][] = [
      ['a denial right after a change, within 10 s', DENIED, undefined, [9, 12]],
      ['a denial a minute later, after about as long again', DENIED, waiting(minutes(-1)), [65, 80]],
      ['a denial after five minutes, at its interval', DENIED, waiting(minutes(-5)), [540, 660]],
      ['what can’t be proven, at its interval', UNKNOWN, undefined, [540, 660]],
      ['what is allowed, at its interval', goodProbe, undefined, [540, 660]],
    ]
    for (const [name, probe, status, [least, most]] of cases) {
      test(name, async () => {
        const process = start()
        process.result = probe
        const verification = await process.verify(store({}, status ? { status } : {}))
        assert.ok('nextAt' in verification)
        const after = (verification.nextAt.getTime() - NOW.getTime()) / 1_000
        assert.ok(after >= least && after <= most, `${after} s`)
      })
    }
  })

  test('does not remember a probe that failed', async () => {
    const process = start()
    process.result = transient('EndpointUnreachable', 'no answer')
    assert.equal(await process.verify(store()), process.result)
    process.result = probed
    await process.verify(store())
    assert.equal(process.probes.length, 2)
  })

  const changes: [name: string, changed: ArtifactStore][] = [
    ['a request for another look', requested(readyStore(), '2026-03-01T10:00:00Z')],
    [
      'another spec.verification',
      store({ credentials: CREDENTIALS, verification: { writeProbe: 'None' } }, { status: ready }),
    ],
  ]
  for (const [name, changed] of changes) {
    test(`probes again at once for ${name}, though status says Ready and the Secrets are right`, async () => {
      const process = start(secretsFor(planned(readyStore())))
      await process.verify(readyStore())
      assert.equal(process.probes.length, 0, 'adopted')
      assert.ok('probe' in (await process.verify(changed)))
      assert.equal(process.probes.length, 1)
    })
  }

  test('probes again when the store was forgotten', async () => {
    const process = start()
    await process.verify(store())
    process.verifications.delete(store().metadata.uid)
    await process.verify(store())
    assert.equal(process.probes.length, 2)
  })
})

describe('verify, after a restart', () => {
  const right = secretsFor(planned(readyStore()))
  const without = (...members: (keyof ArtifactStoreStatus)[]): ArtifactStoreStatus =>
    Object.fromEntries(Object.entries(ready).filter(([member]) => !members.includes(member as never)))
  const notReady: ArtifactStoreStatus['conditions'] = [
    { type: 'Ready', status: 'False', reason: 'PermissionDenied', message: '', lastTransitionTime: '' },
  ]

  const cases: [name: string, object: ArtifactStore, secrets: Map<string, ProjectedSecret>, probes: number][] = [
    ['uses the status of a store that is Ready and has its Secrets', readyStore(), right, 0],
    ['probes a store without a status', store({ credentials: CREDENTIALS }), right, 1],
    ['probes a store that is not Ready', readyStore({ ...ready, conditions: notReady }), right, 1],
    ['probes a store that was Ready for an older spec', readyStore({ ...ready, observedGeneration: 0 }), right, 1],
    ['probes a store without a bucket in its status', readyStore(without('bucket')), right, 1],
    ['probes a store without permissions in its status', readyStore(without('permissions')), right, 1],
    [
      'probes a store that now requires a permission which was not probed then',
      readyStore({ ...ready, permissions: known.permissions.slice(1) }),
      right,
      1,
    ],
    ['probes a store that lacks one of its Secrets', readyStore(), new Map([...right].slice(1)), 1],
    [
      'probes a store that has Secrets of another identity',
      readyStore(),
      secretsFor(planned(readyStore()), 'another'),
      1,
    ],
    [
      'probes a store whose Secrets lost their annotations',
      readyStore(),
      new Map(
        [...right].map(([key, secret]) => [key, { ...secret, metadata: { ...secret.metadata, annotations: {} } }]),
      ),
      1,
    ],
    [
      'probes a store with a request for a look, which may have come while no operator ran',
      requested(readyStore(), 'now'),
      right,
      1,
    ],
    ['probes a store without credentials, which would prove its identity', store({}, { status: ready }), new Map(), 1],
  ]
  for (const [name, object, secrets, probes] of cases) {
    test(name, async () => {
      const process = start(secrets)
      const verification = await process.verify(object)
      assert.equal(process.probes.length, probes)
      assert.ok('probe' in verification)
      assert.deepEqual(verification.probe, probes === 0 ? { kind: 'probe', ...known } : probed)
    })
  }

  test('probes a store whose status it used within one interval, and then uses that verification', async () => {
    const process = start(right)
    const adopted = await process.verify(readyStore())
    assert.ok('nextAt' in adopted)
    assert.ok(adopted.nextAt > NOW && adopted.nextAt <= minutes(INTERVAL), `${adopted.nextAt}`)
    process.now = adopted.nextAt
    const verification = await process.verify(readyStore())
    assert.ok('probe' in verification)
    assert.equal(verification.probe, probed)
  })
})
