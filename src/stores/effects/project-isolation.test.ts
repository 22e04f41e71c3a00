import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeMaterial, fakeSession, minutes, NOW, projectedSecret, store } from '../../../test/support/objects.ts'
import { type Failure, stalled, transient } from '../../api/failures.ts'
import type { Isolation } from '../../providers/isolation.ts'
import type { Grant } from '../../providers/provider.ts'
import { rejection } from '../../providers/rejection.ts'
import { noTracer } from '../../telemetry/tracer.ts'
import type { Isolated } from '../plan/isolation.ts'
import type { StorePlan } from '../plan/plan.ts'
import type { ProjectedSecret } from '../plan/projected-secret.ts'
import type { Target } from '../plan/targets.ts'
import { Ages } from './ages.ts'
import { Isolations } from './isolations.ts'
import { project } from './project.ts'
import { RepairLimit } from './repair-limit.ts'
import type { SecretWriter } from './secret-writer.ts'

const target: Target = {
  ...{
    role: 'step',
    cloud: 'aws' as const,
    namespace: 'ml',
    secretNames: ['prod-step'],
    secretName: 'prod-step',
    required: [],
  },
  location: { bucket: 'b', prefix: 'a/', uri: 's3://b/a' },
  ...{ access: 'ReadOnly', durationMs: 3_600_000, mountPath: '/m', formats: ['AwsProfile'], grant: 'g1' },
}
const found = (result: Isolated['result'], detail?: string): Isolation => ({
  ...{ kind: 'isolation', result, holdsFor: 'bucket', identityReaches: {} },
  ...(detail ? { detail } : {}),
})
const TRUE = found('True')
const FALSE = found('False', 'write')
const UNKNOWN = found('Unknown', 'whether they may write')
const refused = stalled('IssuedCredentialsRefused', 'may not list')

function secret(isolation?: Isolated, { endless = false, due = false } = {}): ProjectedSecret {
  const issuedAt = minutes(due ? -40 : -1)
  return projectedSecret('prod-step', {
    ...{ grant: 'g1', issuedAt, expiresAt: endless ? undefined : minutes(due ? 20 : 59) },
    ...(isolation ? { isolation } : {}),
  })
}

interface Given {
  current?: ProjectedSecret
  trial?: Isolation | Failure
  required?: boolean
  endless?: boolean
  isolations?: Isolations
  monotonic?: number
  /** Why the Secret can't be removed. */
  unremoved?: Failure
}

async function run({ current, trial = TRUE, required = false, endless = false, ...rest }: Given) {
  const { isolations = new Isolations(), monotonic = 0, unremoved } = rest
  const calls: string[] = []
  let cautions = ''
  const writer: SecretWriter = {
    async write({ stamp }) {
      cautions = stamp.cautions ?? ''
      calls.push(`write ${stamp.isolation?.result}`)
      return undefined
    },
    remake: async () => undefined,
    blocked: async () => undefined,
    async remove() {
      calls.push('remove')
      return unremoved
    },
    forget() {},
  }
  const grant: Grant = {
    ...{ kind: 'grant', material: fakeMaterial, issuedAt: NOW },
    expiresAt: endless ? undefined : minutes(60),
  }
  const session = fakeSession({
    async grant() {
      calls.push('grant')
      return grant
    },
    async tryIssued({ proven }) {
      assert.deepEqual(proven, ['s3:ListBucket'])
      calls.push('try')
      return trial
    },
  })
  const identity = { fingerprint: 'f' }
  const plan = { encryption: { type: 'None' }, bucket: {}, identity, isolationRequired: required } as StorePlan
  const context = {
    ...{ secret: () => current, writer, repairs: new RepairLimit(), ages: new Ages(), isolations, mayCreate: true },
    ...{ now: () => NOW, monotonic: () => monotonic, until: monotonic + 1, proven: ['s3:ListBucket'] },
    tracer: noTracer,
  }
  const projection = await project({ store: store(), plan, session }, target, context, AbortSignal.timeout(5_000))
  const { served, failure, isolation, revocation } = projection
  const { reason, message = '' } = failure ?? {}
  return {
    calls: calls.join(),
    served,
    reason,
    message,
    revocation,
    cautions,
    isolation: isolation?.result,
    isolations,
  }
}

describe('credentials are tried before consumers get them', () => {
  const down = transient('ServiceUnavailable', 'm')
  const cases: [
    ...[name: string, given: Given, calls: string, served: boolean],
    ...[reason?: string | undefined, isolation?: string | undefined],
  ][] = [
    ['the first', {}, 'grant,try,write True', true, undefined, 'True'],
    ['the first, which work for nothing', { trial: refused }, 'grant,try', false, refused.reason],
    [
      'a renewal that works for nothing leaves what consumers have',
      { current: secret(TRUE, { due: true }), trial: refused },
      ...(['grant,try', true, refused.reason, 'True'] as const),
    ],
    [
      'those that reach too far are written, and said',
      { trial: FALSE },
      'grant,try,write False',
      true,
      undefined,
      'False',
    ],
    [
      'trouble that passes keeps nobody waiting',
      { trial: down },
      'grant,try,write Unknown',
      true,
      undefined,
      'Unknown',
    ],
    ['a session that is refused writes nothing', { trial: rejection(down) }, 'grant,try', false, down.reason],
    [
      'what was shown before counts until something else is shown',
      { current: secret(FALSE, { due: true }), trial: UNKNOWN },
      ...(['grant,try,write False', true, undefined, 'False'] as const),
    ],
    ['fresh ones are left alone', { current: secret(TRUE) }, '', true, undefined, 'True'],
    ['fresh ones of a time without trials are left alone', { current: secret() }, '', true],
  ]
  for (const [name, given, ...expected] of cases) {
    test(name, async () => {
      const { calls, served, reason, isolation } = await run(given)
      assert.deepEqual([calls, served, reason, isolation], [...expected, undefined, undefined].slice(0, 4))
    })
  }

  test('and a result that says nothing changes nothing that was shown', async () => {
    const { isolations } = await run({ trial: UNKNOWN })
    assert.equal((await run({ current: secret(FALSE), isolations })).isolation, 'False')
    assert.equal((await run({ current: secret(), isolations })).isolation, 'Unknown')
  })

  test('what a trial has left behind is told with the credentials, or with why they are not given out', async () => {
    const leftBehind = 'object "k" is left behind'
    assert.equal((await run({ trial: { ...TRUE, leftBehind } })).cautions, leftBehind)
    const { message } = await run({ trial: { ...FALSE, leftBehind }, required: true })
    assert.match(message, /; object "k" is left behind$/)
  })

  test('once for all', async () => {
    const { isolations } = await run({})
    assert.equal((await run({ isolations })).calls, 'grant,write True')
  })

  test('and those that never end again after some hours', async () => {
    const isolations = new Isolations()
    const current = secret(TRUE, { endless: true })
    assert.equal((await run({ current, isolations, endless: true })).calls, '')
    const monotonic = 6 * 3_600_000 + 1
    const again = await run({ current, isolations, endless: true, monotonic, trial: FALSE })
    assert.equal(again.calls, 'grant,try,write False')
    assert.equal((await run({ current, isolations, endless: true, monotonic })).isolation, 'False', 'the newest counts')
  })
})

describe('where isolation is required', () => {
  const required = true
  const cases: [name: string, given: Given, calls: string, served: boolean, reason?: string][] = [
    ['those that are proven are written', {}, 'grant,try,write True', true],
    ['those that reach too far are not', { trial: FALSE }, 'grant,try', false, 'NotIsolated'],
    ['those of which nobody knows are not', { trial: UNKNOWN }, 'grant,try', false, 'IsolationUnknown'],
    ['those that were proven are left alone', { current: secret(TRUE) }, '', true],
    ['those of which nobody knew are tried at once', { current: secret() }, 'grant,try,write True', true],
    ['those that reached too far are tried again at once', { current: secret(FALSE) }, 'grant,try,write True', true],
    [
      'those that end and reach too far stay until then, and are not replaced',
      { current: secret(FALSE), trial: FALSE },
      ...(['grant,try', true, 'NotIsolated'] as const),
    ],
    [
      'those that never end and reach too far are taken back',
      { current: secret(FALSE, { endless: true }), trial: FALSE, endless: true },
      ...(['grant,try,remove', false, 'NotIsolated'] as const),
    ],
    [
      'those that never end stay while nobody knows',
      { current: secret(undefined, { endless: true }), trial: UNKNOWN, endless: true },
      ...(['grant,try', true, 'IsolationUnknown'] as const),
    ],
    [
      'those that were proven stay when a later trial shows nothing',
      { current: secret(TRUE, { due: true }), trial: UNKNOWN },
      ...(['grant,try,write True', true] as const),
    ],
  ]
  for (const [name, given, ...expected] of cases) {
    test(name, async () => {
      const { calls, served, reason } = await run({ ...given, required })
      assert.deepEqual([calls, served, reason], [...expected, undefined].slice(0, 3))
    })
  }

  test('nothing is granted for what is known to reach too far', async () => {
    const { isolations } = await run({ trial: FALSE, required })
    const again = await run({ trial: FALSE, required, isolations })
    assert.deepEqual([again.calls, again.reason], ['', 'NotIsolated'])
  })

  test('a Secret that can not be taken back is said to be still there, and this is tried again', async () => {
    const unremoved = transient('SecretNotWritten', 'Secret "ml/prod-step" could not be written')
    const given = { current: secret(FALSE, { endless: true }), trial: FALSE, endless: true, required, unremoved }
    const first = await run(given)
    assert.deepEqual([first.served, first.reason, first.revocation], [true, 'NotIsolated', unremoved])
    assert.match(first.message, /; they are still in their Secret: Secret "ml\/prod-step" could not be written$/)
    const again = await run({ ...given, isolations: first.isolations })
    assert.deepEqual([again.calls, again.served], ['remove', true])
  })
})
