/** Pure: what people should know of an object although it works. */
import {
  ACCESS_VERIFIED,
  type Condition,
  CREDENTIALS_PROJECTED,
  findCondition,
  ISOLATED,
  LEAST_PRIVILEGE,
  READY,
  RESOURCES_LISTED,
  USAGE_MEASURED,
} from '../../api/conditions.ts'
import type { ServiceConnectorStatus } from '../../api/service-connector.ts'

/** Types of conditions that hold no object up: what is False of them is a caution. */
const INFORMATIVE = [ISOLATED, USAGE_MEASURED, LEAST_PRIVILEGE, RESOURCES_LISTED]
/** Reasons without a caution of conditions that are True. */
const PLAIN = ['PermissionsVerified', 'Projected', 'NoneRequested', 'NotRefreshed', 'Reachable', 'Authenticated']

const wordsOf = ({ reason, message }: Condition): string => `${reason}: ${message}`

export function cautionsOf(conditions: readonly Condition[] = []): string[] {
  const informative = conditions.filter(({ type, status }) => INFORMATIVE.includes(type) && status === 'False')
  const passed = [ACCESS_VERIFIED, CREDENTIALS_PROJECTED].flatMap(type => findCondition(conditions, type) ?? [])
  return [...passed.filter(isCaution), ...informative].map(wordsOf)
}

/** Whether a condition of access or credentials holds, and says something that people should know. */
export const isCaution = ({ type, status, reason }: Condition): boolean =>
  [ACCESS_VERIFIED, CREDENTIALS_PROJECTED].includes(type) && status === 'True' && !PLAIN.includes(reason)

/** Of a connector: also what the message of Ready says beside who it acts as. */
export function connectorCautionsOf(status: ServiceConnectorStatus | undefined): string[] {
  const ready = findCondition(status?.conditions, READY)
  const parts = ready?.status === 'True' ? ready.message.split('; ').slice(1) : []
  return [...(parts.length > 0 ? [`${ready?.reason}: ${parts.join('; ')}`] : []), ...cautionsOf(status?.conditions)]
}
