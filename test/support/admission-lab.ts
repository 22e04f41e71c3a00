/** A store that is reconciled each minute, in a cluster whose admission a test makes up. */

import { MANAGED_BY_LABEL } from '../../src/api/names.ts'
import { Ages } from '../../src/stores/effects/ages.ts'
import { Isolations } from '../../src/stores/effects/isolations.ts'
import { project } from '../../src/stores/effects/project.ts'
import { RepairLimit } from '../../src/stores/effects/repair-limit.ts'
import { createSecretWriter } from '../../src/stores/effects/secret-writer.ts'
import type { StorePlan } from '../../src/stores/plan/plan.ts'
import { type ProjectedSecret, toProjected } from '../../src/stores/plan/projected-secret.ts'
import { createSeal } from '../../src/stores/plan/seal.ts'
import type { Target } from '../../src/stores/plan/targets.ts'
import { noTracer } from '../../src/telemetry/tracer.ts'
import { fakeMaterial, fakeSession, NOW, store } from './objects.ts'
import { createSecretApi } from './secret-api.ts'

const target: Target = {
  ...{ role: 'step', cloud: 'aws' as const, namespace: 'ml', secretNames: ['prod-step'], secretName: 'prod-step' },
  ...{ location: { bucket: 'b', prefix: '', uri: 's3://b' }, access: 'ReadWrite', required: [] },
  ...{ durationMs: 3_600_000, mountPath: '/m', formats: ['AwsProfile'], grant: 'g' },
}
export const KEY = 'sEcReTaCcEsSkEy/1234567890abcdefghijklmn'
const seal = createSeal(Buffer.alloc(32), 'cluster')
export const MINUTE = 60_000

export function createAdmissionLab() {
  const api = createSecretApi()
  const lab = { api, grants: 0, clock: 0, grant: 'g', key: KEY }
  const cached = (name: string): ProjectedSecret | undefined => {
    const secret = api.stored.get(name)
    // The watch selects by this label.
    return secret?.metadata.labels?.[MANAGED_BY_LABEL] ? toProjected(secret, seal) : undefined
  }
  const cache = { get: (key: string) => cached(key.split('/')[1] ?? ''), observe() {} }
  const writer = createSecretWriter({ client: api.client, cache, seal })
  const repairs = new RepairLimit()
  const plan = { encryption: { type: 'None' }, bucket: {}, identity: {} } as StorePlan
  async function reconcile() {
    lab.clock += MINUTE
    const now = new Date(NOW.getTime() + lab.clock)
    const session = fakeSession({
      async grant() {
        lab.grants++
        const material = { ...fakeMaterial, secretAccessKey: lab.key }
        return { kind: 'grant', material, issuedAt: now, expiresAt: new Date(now.getTime() + 60 * MINUTE) }
      },
    })
    const context = {
      ...{
        secret: cache.get,
        writer,
        repairs,
        ages: new Ages(),
        isolations: new Isolations(),
        proven: [],
        now: () => now,
        mayCreate: true,
      },
      ...{ monotonic: () => lab.clock, until: Number.POSITIVE_INFINITY, tracer: noTracer },
    }
    const of = { ...target, grant: lab.grant }
    const { failure, served } = await project(
      { store: store(), plan, session },
      of,
      context,
      AbortSignal.timeout(5_000),
    )
    return { reason: failure?.reason, intent: failure?.intent, message: failure?.message ?? '', served }
  }
  return Object.assign(lab, { reconcile })
}
