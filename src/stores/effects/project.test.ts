import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeMaterial, fakeSession, minutes, NOW, store } from '../../../test/support/objects.ts'
import { type Failure, stalled, transient } from '../../api/failures.ts'
import { EXPIRES_AT_ANNOTATION, SEAL_ANNOTATION } from '../../api/names.ts'
import type { Grant } from '../../providers/provider.ts'
import { noTracer } from '../../telemetry/tracer.ts'
import type { StorePlan } from '../plan/plan.ts'
import {
  contentHash,
  isEdited,
  ownerLabels,
  type ProjectedSecret,
  readStamp,
  refreshAt,
  stampAnnotations,
  toProjected,
} from '../plan/projected-secret.ts'
import { createSeal } from '../plan/seal.ts'
import type { Target } from '../plan/targets.ts'
import { Ages } from './ages.ts'
import { Isolations } from './isolations.ts'
import { project } from './project.ts'
import { type Need, needOf, soundStamp, standing } from './projection.ts'
import { RepairLimit } from './repair-limit.ts'
import type { SecretWriter } from './secret-writer.ts'

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
  grant: 'g1',
}

const data = { config: 'YQ==' }
const seal = createSeal(Buffer.alloc(32), 'cluster')
function secret(
  stamp: { grant?: string; issued?: number; expires?: number | 'never'; cautions?: string } = {},
  edited = false,
): ProjectedSecret {
  const { grant = 'g1', issued = 0, expires = 60, cautions } = stamp
  const expiresAt = expires === 'never' ? undefined : minutes(expires)
  const annotations = stampAnnotations({ grant, issuedAt: minutes(issued), expiresAt, cautions }, contentHash(data))
  const labels = ownerLabels(store(), 'step')
  Object.assign(annotations, { [SEAL_ANNOTATION]: seal.of('ml/prod-step', 'ml/prod') })
  const metadata = { name: 'prod-step', namespace: 'ml', uid: 'u', resourceVersion: '1', labels, annotations }
  const changed = edited ? { config: 'Yg==' } : data
  return toProjected({ apiVersion: 'v1', kind: 'Secret', metadata, data: changed } as never, seal)
}

function withoutEnd({ metadata, ...rest }: ProjectedSecret): ProjectedSecret {
  const { [EXPIRES_AT_ANNOTATION]: _, ...annotations } = metadata.annotations ?? {}
  return { ...rest, metadata: { ...metadata, annotations } }
}

describe('needOf', () => {
  const cases: [name: string, secrets: (ProjectedSecret | undefined)[], need: Need][] = [
    ['a fresh Secret', [secret()], 'none'],
    ['an absent Secret', [undefined], 'create'],
    ['a pair of Secrets of which one is absent', [secret(), undefined], 'create'],
    ['a Secret whose data somebody edited', [secret({}, true)], 'repair'],
    ['a Secret whose seal proves nothing', [{ ...secret(), sealed: false }], 'repair'],
    [
      'a Secret whose annotations are damaged',
      [{ ...secret(), metadata: { ...secret().metadata, annotations: {} } }],
      'repair',
    ],
    ['a Secret that was made for something else', [secret({ grant: 'g0' })], 'replace'],
    ['a Secret at a third of its life', [secret({ issued: -20, expires: 40 })], 'none'],
    ['a Secret at half of its life', [secret({ issued: -30, expires: 30 })], 'refresh'],
    ['a Secret whose credentials have ended', [secret({ issued: -120, expires: -60 })], 'refresh'],
    ['a Secret without an end', [secret({ issued: -100_000, expires: 'never' })], 'none'],
    [
      'a Secret without an end that was made for something else',
      [secret({ grant: 'g0', expires: 'never' })],
      'replace',
    ],
    ['a Secret that no longer tells its end', [withoutEnd(secret())], 'repair'],
  ]
  for (const [name, secrets, need] of cases)
    test(`says ${need} for ${name}`, () => assert.equal(needOf(target, secrets, NOW), need))
})

test('a Secret that is due within a minute is refreshed already', () => {
  const due = refreshAt({ issuedAt: NOW, expiresAt: minutes(60) }, 'ml/prod-step')?.getTime() ?? 0
  assert.equal(needOf(target, [secret()], new Date(due - 60_000)), 'refresh')
  assert.equal(needOf(target, [secret()], new Date(due - 60_001)), 'none')
})

test('credentials that were granted before the service refused the identity are replaced', () => {
  assert.equal(needOf(target, [secret({ issued: -5, expires: 55 })], NOW, minutes(-4)), 'replace')
  assert.equal(needOf(target, [secret({ issued: -3, expires: 57 })], NOW, minutes(-4)), 'none')
})

describe('the projection that stands', () => {
  test('serves nobody with credentials that have ended', () => {
    const { served, expiresAt } = standing(target, [secret({ issued: -60, expires: -1 })].map(soundStamp), NOW)
    assert.deepEqual([served, expiresAt], [false, undefined])
  })
  test('serves without another look when credentials have no end', () => {
    const { served, expiresAt, refreshAt, warnings } = standing(
      target,
      [secret({ expires: 'never' })].map(soundStamp),
      NOW,
    )
    assert.deepEqual([served, expiresAt, refreshAt], [true, undefined, undefined])
    assert.match(warnings[0] ?? '', /do not expire/)
  })
  test('ends with the one Secret that has an end', () => {
    assert.deepEqual(
      standing(target, [secret({ expires: 'never' }), secret()].map(soundStamp), NOW).expiresAt,
      minutes(60),
    )
  })
  test('ends with the Secret that ends first', () => {
    assert.deepEqual(standing(target, [secret(), secret({ expires: 50 })].map(soundStamp), NOW).expiresAt, minutes(50))
  })
  test('serves nobody with half of a pair of Secrets', () =>
    assert.equal(standing(target, [secret(), undefined].map(soundStamp), NOW).served, false))
  test('has the same warnings as after a write', () => {
    assert.match(standing(target, [secret({ expires: 15 })].map(soundStamp), NOW).warnings[0] ?? '', /live 15 min/)
  })
})

describe('project', () => {
  const grant: Grant = {
    kind: 'grant',
    material: fakeMaterial,
    issuedAt: NOW,
    expiresAt: minutes(60),
  }
  const plan = { encryption: { type: 'None' }, bucket: {}, identity: {} } as StorePlan

  interface Circumstances {
    mayCreate?: boolean
    wrote?: Failure
    repairs?: RepairLimit
    of?: Target
    ages?: Ages
    monotonic?: number
  }

  async function run(
    current: ProjectedSecret | undefined,
    given: Grant | Failure,
    {
      mayCreate = true,
      wrote,
      repairs = new RepairLimit(),
      of = target,
      ages = new Ages(),
      monotonic = 0,
    }: Circumstances = {},
  ) {
    const calls: string[] = []
    const holds: string[] = []
    const writer: SecretWriter = {
      async write({ name, data, stamp }) {
        holds.push(...(stamp.holds ?? []))
        calls.push(`write ${name} ${Object.keys(data).sort().join(',')} ${stamp.expiresAt?.toISOString()}`)
        return wrote
      },
      async remake({ name }) {
        calls.push(`remake ${name}`)
        return undefined
      },
      blocked: async () => undefined,
      remove: async () => undefined,
      forget() {},
    }
    const session = fakeSession({
      async grant({ webIdentity }) {
        calls.push(webIdentity ? 'grant with web identity' : 'grant')
        return given
      },
    })
    const context = {
      ...{ secret: () => current, writer, repairs, ages, mayCreate, isolations: new Isolations(), proven: [] },
      ...{ now: () => NOW, monotonic: () => monotonic, until: monotonic + 1, tracer: noTracer },
    }
    const projection = await project({ store: store(), plan, session }, of, context, AbortSignal.timeout(5_000))
    return { projection, calls, holds }
  }

  test('calls nothing while the Secret is fresh', async () => {
    const { projection, calls } = await run(secret(), grant)
    assert.deepEqual(calls, [])
    assert.deepEqual(projection.expiresAt, minutes(60))
  })
  test('grants and writes a new Secret', async () => {
    const { projection, calls } = await run(undefined, grant)
    assert.deepEqual(calls, ['grant', 'write prod-step config,credentials.json 2026-03-01T11:00:00.000Z'])
    assert.deepEqual(projection.expiresAt, minutes(60))
  })
  test('gives new consumers nothing while access is not verified', async () => {
    assert.deepEqual((await run(undefined, grant, { mayCreate: false })).calls, [])
    assert.equal(
      (await run(undefined, grant, { mayCreate: false })).projection.refreshAt,
      undefined,
      'there is nothing to wake up for',
    )
  })
  test('refreshes the credentials that consumers have while access is not verified', async () => {
    assert.equal((await run(secret({ issued: -30, expires: 30 }), grant, { mayCreate: false })).calls.length, 2)
    assert.equal(
      (await run(secret({ grant: 'g0' }), grant, { mayCreate: false })).calls.length,
      2,
      'also when what they are made from has changed',
    )
  })
  test('keeps the old credentials when a refresh fails', async () => {
    const failure = transient('Down', 'm')
    const { projection, calls } = await run(secret({ issued: -30, expires: 30 }), failure)
    assert.deepEqual(calls, ['grant'])
    assert.deepEqual(projection.expiresAt, minutes(30))
    assert.equal(projection.failure, failure)
  })
  test('repairs a Secret that others keep changing with one grant a minute', async () => {
    const repairs = new RepairLimit()
    const edited = secret({}, true)
    assert.equal((await run(edited, grant, { repairs })).calls.length, 2)
    const again = await run(edited, grant, { repairs })
    assert.deepEqual(again.calls, [])
    assert.equal(again.projection.failure?.reason, 'SecretEdited')
    assert.equal(repairs.take('ml/prod-step', 60_000), true)
  })
  test('reports a conflict', async () => {
    const conflict = stalled('SecretConflict', 'm')
    const { projection } = await run(undefined, grant, { wrote: conflict })
    assert.equal(projection.failure, conflict)
    assert.equal(projection.expiresAt, undefined)
  })
  test('does not write credentials that are about to end', async () => {
    const { projection, calls } = await run(undefined, { ...grant, expiresAt: minutes(0.5) })
    assert.deepEqual(calls, ['grant'])
    assert.equal(projection.failure?.reason, 'CredentialsTooShort')
  })
  test('writes credentials without an end', async () => {
    const { projection, calls } = await run(undefined, { ...grant, expiresAt: undefined })
    assert.deepEqual(calls, ['grant', 'write prod-step config,credentials.json undefined'])
    assert.deepEqual([projection.served, projection.expiresAt, projection.refreshAt], [true, undefined, undefined])
  })
  test('writes down with the credentials what they open', async () => {
    const webIdentity = { roleArn: 'arn:aws:iam::1:role/x', token: 't', sessionName: 's' }
    const withIdentity = { ...grant, material: { ...fakeMaterial, webIdentity } }
    assert.deepEqual((await run(undefined, grant)).holds, ['Scoped'])
    const of = { ...target, formats: ['WebIdentity' as const] }
    assert.deepEqual((await run(undefined, withIdentity, { of })).holds, ['Identity'])
  })
  test('asks for the identity itself only where a format hands it out', async () => {
    const { calls } = await run(undefined, grant, { of: { ...target, formats: ['WebIdentity'] } })
    assert.deepEqual(calls, ['grant with web identity'])
  })
  test('reports rights that reach too far, also when nothing is granted', async () => {
    const { projection } = await run(undefined, { ...grant, cautions: ['reach the whole container', 'and more'] })
    assert.equal(projection.caution, 'reach the whole container; and more')
    const kept = await run(secret({ cautions: 'reach the whole container' }), grant)
    assert.deepEqual([kept.calls, kept.projection.caution], [[], 'reach the whole container'])
    assert.equal((await run(secret(), grant)).projection.caution, undefined)
  })
  test('asks for nothing impossible, and lets earlier credentials work until they end', async () => {
    const impossible = { ...target, impossible: stalled('DurationTooLong', 'm') }
    const none = await run(undefined, grant, { of: impossible })
    assert.deepEqual([none.calls, none.projection.served], [[], false])
    const old = await run(secret({ issued: -30, expires: 30 }), grant, { of: impossible })
    assert.deepEqual([old.calls, old.projection.served, old.projection.expiresAt], [[], true, minutes(30)])
    assert.equal(old.projection.failure?.reason, 'DurationTooLong')
  })
})

test('the cache does not keep the data of a Secret', () => {
  const kept = secret()
  assert.equal('data' in kept, false)
  assert.equal(isEdited(kept), false)
  assert.equal(readStamp(kept)?.grant, 'g1')
})
