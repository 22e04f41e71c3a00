/** Pure: conditions of status, and functions to change them. */
import * as z from 'zod'
import { ATOMIC_MAP } from './fields.ts'
import { rfc3339 } from './time.ts'

/** The most characters of a message that the CRD takes. */
const MAX_MESSAGE = 32_768

const conditionSchema = z.object({
  type: z.string().min(1).max(316).describe('Name of the condition.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: z.int().describe('Generation of the spec that the condition is about.').exactOptional(),
  lastTransitionTime: z
    .string()
    .meta({ format: 'date-time' })
    .describe('When `status` last changed; of a Ready that stays False, also when the spec did.'),
  reason: z.string().min(1).max(1024).describe('CamelCase word for programs and alerts.'),
  message: z.string().max(MAX_MESSAGE).describe('What, where and what to do, for people.'),
})

export const conditionsSchema = z
  // Writers share the list by type, and nobody writes a part of a condition.
  .array(conditionSchema.meta(ATOMIC_MAP).describe('One condition.'))
  .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
  .describe('Conditions by type.')

export type Condition = z.infer<typeof conditionSchema>

/** kstatus reads these: Ready says whether it works, Reconciling that work goes on, Stalled that a person must act. */
export const READY = 'Ready'
export const RECONCILING = 'Reconciling'
export const STALLED = 'Stalled'

/** Types that only an ArtifactStore has. */
export const CONNECTOR_READY = 'ConnectorReady'
export const BUCKET_REACHABLE = 'BucketReachable'
export const ACCESS_VERIFIED = 'AccessVerified'
export const CREDENTIALS_PROJECTED = 'CredentialsProjected'
/** Type that is present once credentials were tried: whether they reach no further than they should. */
export const ISOLATED = 'Isolated'
/** Type that is present only while `spec.usage` asks for measurements. */
export const USAGE_MEASURED = 'UsageMeasured'

/** Type that only a ServiceConnector has, once credentials made with it were tried: whether it may no more than its stores need. */
export const LEAST_PRIVILEGE = 'LeastPrivilege'

/** Type that only a ServiceConnector with `spec.resources` has: whether there is a bucket for each entry. */
export const RESOURCES_LISTED = 'ResourcesListed'

const OWN_TYPES = [
  READY,
  RECONCILING,
  STALLED,
  CONNECTOR_READY,
  BUCKET_REACHABLE,
  ACCESS_VERIFIED,
  CREDENTIALS_PROJECTED,
  ISOLATED,
  USAGE_MEASURED,
  LEAST_PRIVILEGE,
  RESOURCES_LISTED,
] as const

/** Types of conditions that the operator writes. Others in a status are those of other writers. */
export type OwnType = (typeof OWN_TYPES)[number]

/** What a reconcile has found out about one condition. */
export type Finding = Pick<Condition, 'status' | 'reason' | 'message'> & { type: OwnType }

const isOwn = ({ type }: Condition): boolean => (OWN_TYPES as readonly string[]).includes(type)

/** Returns our conditions of the first list, and those that others have written into the second. */
export const withForeign = (ours: readonly Condition[], known: readonly Condition[] = []): Condition[] => [
  ...ours.filter(isOwn),
  ...known.filter(condition => !isOwn(condition)),
]

export const findCondition = (conditions: readonly Condition[] | undefined, type: string): Condition | undefined =>
  conditions?.find(condition => condition.type === type)

/**
 * Returns `conditions` with `condition` in the place of the one of its type, or at the end. `lastTransitionTime` moves
 * only when `status` changes; when nothing changes, the same array comes back.
 */
export function setCondition(
  conditions: readonly Condition[],
  condition: Finding & Pick<Condition, 'observedGeneration'>,
  now: Date,
): Condition[] {
  const index = conditions.findIndex(({ type }) => type === condition.type)
  const old = conditions[index]
  const next: Condition = {
    ...condition,
    message: bounded(condition.message),
    lastTransitionTime: old?.status === condition.status ? old.lastTransitionTime : rfc3339(now),
  }
  if (!old) return [...conditions, next]
  return same(old, next) ? (conditions as Condition[]) : conditions.with(index, next)
}

/** Returns `conditions` without the one of this type; the same array when there is none. */
export const removeCondition = (conditions: readonly Condition[], type: string): Condition[] =>
  findCondition(conditions, type)
    ? conditions.filter(condition => condition.type !== type)
    : (conditions as Condition[])

const same = (a: Condition, b: Condition): boolean =>
  a.status === b.status &&
  a.reason === b.reason &&
  a.message === b.message &&
  a.observedGeneration === b.observedGeneration &&
  a.lastTransitionTime === b.lastTransitionTime

const bounded = (message: string): string =>
  message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE - 3)}...`
