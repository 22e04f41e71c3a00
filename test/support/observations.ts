/** What a reconcile found out about a store with which all is well, and the plan that it was reconciled by. */
import type { ConcludedPlan, Observations } from '../../src/stores/conclude/observations.ts'
import type { Projection } from '../../src/stores/effects/projection.ts'
import type { Verification } from '../../src/stores/effects/verifications.ts'
import type { Target } from '../../src/stores/plan/targets.ts'
import { goodProbe, minutes } from './objects.ts'

const location = { bucket: 'bucket', prefix: 'team/', uri: 's3://bucket/team/' }
const target = { role: 'step', namespace: 'ml', secretNames: ['prod-step'], secretName: 'prod-step' } as Target

export const served: Projection = {
  target,
  served: true,
  expiresAt: minutes(60),
  refreshAt: minutes(27),
  warnings: [],
}
export const unserved: Projection = { target, served: false, warnings: [] }

/** `expirationDays`: of the operator's lifecycle rule. */
export const verification = (expirationDays?: number): Verification => ({
  probe: goodProbe,
  expirationDays,
  nextAt: minutes(10),
})

export const concludedPlan = (overrides: Partial<ConcludedPlan> = {}): ConcludedPlan => ({
  location,
  bucket: { location, create: false, ruleId: 'rule' },
  unmatched: [],
  required: ['s3:GetObject', 's3:PutObject'],
  requiredByDefault: { withVersions: [] },
  identity: { cautions: [] },
  connectorRequest: undefined,
  ...overrides,
})

export const observations = (overrides: Partial<Observations> = {}): Observations => ({
  principal: 'arn:aws:iam::1:role/x',
  bucket: { verification: verification() },
  changes: [],
  access: undefined,
  projections: [],
  revocation: undefined,
  usage: undefined,
  ...overrides,
})
