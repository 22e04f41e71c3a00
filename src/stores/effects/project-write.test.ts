import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeMaterial, fakeSession, minutes, NOW, projectedSecret, store } from '../../../test/support/objects.ts'
import { type Failure, stalled, transient } from '../../api/failures.ts'
import { STORE_LABEL } from '../../api/names.ts'
import { noTracer } from '../../telemetry/tracer.ts'
import type { StorePlan } from '../plan/plan.ts'
import type { ProjectedSecret } from '../plan/projected-secret.ts'
import type { Target } from '../plan/targets.ts'
import { Ages } from './ages.ts'
import { Isolations } from './isolations.ts'
import { project } from './project.ts'
import { RepairLimit } from './repair-limit.ts'
import type { SecretWrite, SecretWriter } from './secret-writer.ts'

const target: Target = {
  role: 'step',
  cloud: 'aws',
  namespace: 'ml',
  secretNames: ['prod-step'],
  secretName: 'prod-step',
  location: { bucket: 'b', prefix: '', uri: 's3://b' },
  access: 'ReadWrite',
  required: [],
  durationMs: 3_600_000,
  mountPath: '/m',
  formats: ['AwsProfile'],
  grant: 'g',
}
const secret = projectedSecret('prod-step', { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) })

interface Attempt {
  /** By the name of the writer's call; a call without an answer succeeds. */
  answers?: Record<string, Failure | undefined>
  caPem?: string
  /** The time for grants is over. */
  late?: boolean
  repairs?: RepairLimit
  /** True if a Secret that could not be made anew was deleted nevertheless. */
  remakeDeletes?: boolean
  /** The Secret in the cache. */
  current?: ProjectedSecret
  write?: (secret: SecretWrite) => Failure | undefined
}

describe('writing the Secrets of a target', () => {
  const plan = { encryption: { type: 'None' }, bucket: {}, identity: {} } as StorePlan

  /** Projects for a store in `ml`, with a writer that answers each of its calls with what `answers` has for it. */
  async function attempt(
    of: Partial<Target>,
    {
      answers = {},
      caPem,
      late = false,
      repairs = new RepairLimit(),
      remakeDeletes = false,
      current,
      write,
    }: Attempt = {},
  ) {
    const calls: string[] = []
    const answer = (call: string) => async () => {
      calls.push(call)
      return answers[call]
    }
    const writer: SecretWriter = {
      write: write ? async secret => write(secret) : answer('write'),
      async remake() {
        const failure = await answer('remake')()
        return failure && { failure, isGone: remakeDeletes }
      },
      blocked: async () => answers['blocked'],
      remove: answer('remove'),
      forget() {},
    }
    const session = fakeSession({
      async grant({ sessionName }) {
        calls.push(`grant ${sessionName}`)
        const given = { ...fakeMaterial, ...(caPem ? { caPem } : {}) }
        return { kind: 'grant', material: given, issuedAt: NOW, expiresAt: minutes(60) }
      },
    })
    const context = {
      ...{
        secret: () => current,
        writer,
        repairs,
        ages: new Ages(),
        isolations: new Isolations(),
        proven: [],
        now: () => NOW,
        mayCreate: true,
      },
      ...{ monotonic: () => 0, until: late ? 0 : 1, tracer: noTracer },
    }
    const signal = AbortSignal.timeout(5_000)
    const projection = await project({ store: store(), plan, session }, { ...target, ...of }, context, signal)
    return { projection, calls, reason: projection.failure?.reason }
  }
  const immutable = stalled('SecretImmutable', 'm')

  test('names the session after the namespace that uses it', async () => {
    assert.deepEqual((await attempt({})).calls, ['grant ml.prod.step', 'write'])
    assert.deepEqual((await attempt({ namespace: 'team' })).calls, ['grant team@ml.prod.step', 'write'])
  })
  test('leaves an excluded namespace without credentials, whatever is still there', async () => {
    const { projection, calls } = await attempt({ excluded: immutable }, { current: secret })
    assert.deepEqual(
      [calls, projection],
      [[], { target: projection.target, served: false, failure: immutable, warnings: [] }],
    )
  })
  test('serves nobody by a Secret of somebody else, and grants nothing for it', async () => {
    const conflict = stalled('SecretConflict', 'm')
    const theirs = secret
    const labels = { ...theirs.metadata.labels, [STORE_LABEL]: 'other' }
    const of = { ...theirs, metadata: { ...theirs.metadata, labels } }
    const { projection, calls } = await attempt({}, { answers: { blocked: conflict }, current: of })
    assert.deepEqual([calls, projection.served, projection.failure], [[], false, conflict])
  })
  test('begins no grant when the time of the reconcile is over', async () => {
    const { projection, calls, reason } = await attempt({}, { late: true })
    assert.deepEqual([calls, projection.served, reason], [[], false, 'ProjectionUnfinished'])
    const fresh = await attempt({}, { late: true, current: secret })
    assert.deepEqual([fresh.projection.served, fresh.reason], [true, undefined])
  })
  test('makes a Secret anew that was made immutable, once a minute', async () => {
    const repairs = new RepairLimit()
    const { projection, calls } = await attempt({}, { answers: { write: immutable }, repairs })
    assert.deepEqual(calls, ['grant ml.prod.step', 'write', 'remake'])
    assert.deepEqual([projection.served, projection.failure, projection.remade], [true, undefined, ['ml/prod-step']])
    assert.equal(projection.isWritten, true)
    const again = await attempt({}, { answers: { write: immutable }, repairs })
    assert.deepEqual([again.calls.length, again.reason, again.projection.remade], [2, 'SecretImmutable', undefined])
  })
  test('reports a Secret that could not be made anew', async () => {
    const failure = transient('SecretChanged', 'm')
    const old = projectedSecret('prod-step', { grant: 'other', issuedAt: minutes(-50), expiresAt: minutes(10) })
    const answers = { write: immutable, remake: failure }
    const kept = await attempt({}, { answers, current: old })
    assert.deepEqual([kept.reason, kept.projection.remade, kept.projection.served], ['SecretChanged', undefined, true])
    const lost = await attempt({}, { answers, current: old, remakeDeletes: true })
    assert.deepEqual([lost.reason, lost.projection.remade, lost.projection.served], ['SecretChanged', undefined, false])
  })
  test('serves nobody by a pair of Secrets of which only the first could be written', async () => {
    const pair = { secretNames: ['prod-step', 'prod-step-env'], formats: ['AwsProfile' as const, 'Env' as const] }
    const failure = transient('SecretNotWritten', 'm')
    const writes: string[] = []
    const { projection } = await attempt(pair, {
      write({ name }) {
        writes.push(name)
        return name === 'prod-step-env' ? failure : undefined
      },
    })
    assert.deepEqual(writes, ['prod-step', 'prod-step-env'])
    assert.deepEqual([projection.served, projection.failure], [false, failure])
  })
  test('serves until the second Secret of a pair ends, if only the first was renewed', async () => {
    const pair = { secretNames: ['prod-step', 'prod-step-env'], formats: ['AwsProfile' as const, 'Env' as const] }
    const old = projectedSecret('prod-step', { grant: 'other', issuedAt: minutes(-50), expiresAt: minutes(10) })
    const failure = transient('SecretNotWritten', 'm')
    const { projection } = await attempt(pair, {
      current: old,
      write: ({ name }) => (name === 'prod-step-env' ? failure : undefined),
    })
    assert.deepEqual([projection.served, projection.expiresAt, projection.failure], [true, minutes(10), failure])
    const none = await attempt(pair, { answers: { write: failure }, current: old })
    assert.deepEqual(none.projection.expiresAt, minutes(10))
  })
  test('does not write a Secret that is too large', async () => {
    const { projection, calls, reason } = await attempt({}, { caPem: 'x'.repeat(1_100_000) })
    assert.deepEqual([calls.length, projection.served, reason], [1, false, 'SecretTooLarge'])
    assert.match(projection.failure?.message ?? '', /largest keys are "ca.crt" 1075 KiB/)
  })
})
