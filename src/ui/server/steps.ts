/** Pure: the way of a store, connector -> bucket -> access -> credentials, from its conditions. */
import {
  ACCESS_VERIFIED,
  BUCKET_REACHABLE,
  CONNECTOR_READY,
  type Condition,
  CREDENTIALS_PROJECTED,
  findCondition,
} from '../../api/conditions.ts'
import { isCaution } from '../../cli/overview/cautions.ts'
import type { Step } from '../contract.ts'

const STEPS = [
  ['connector', CONNECTOR_READY],
  ['bucket', BUCKET_REACHABLE],
  ['access', ACCESS_VERIFIED],
  ['credentials', CREDENTIALS_PROJECTED],
] as const

export const stepsOf = (conditions: readonly Condition[] = []): Step[] =>
  STEPS.map(([name, type]) => {
    const condition = findCondition(conditions, type)
    if (!condition) return { name, state: 'Waiting', reason: '', message: '' }
    const { reason, message, lastTransitionTime: since } = condition
    return { name, state: stepState(condition), reason, message, since }
  })

function stepState(condition: Condition): Step['state'] {
  if (condition.status === 'False') return 'Failed'
  if (condition.status === 'Unknown') return 'Waiting'
  return isCaution(condition) ? 'Caution' : 'Done'
}
