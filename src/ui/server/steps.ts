/** Pure: the way of a store, connector -> bucket -> access -> credentials, and what is known of a connector, from conditions. */
import {
  ACCESS_VERIFIED,
  BUCKET_REACHABLE,
  CONNECTOR_READY,
  type Condition,
  CREDENTIALS_PROJECTED,
  findCondition,
  LEAST_PRIVILEGE,
  READY,
  RESOURCES_LISTED,
} from '../../api/conditions.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import { connectorCautionsOf, isCaution } from '../../cli/overview/cautions.ts'
import type { Step } from '../contract.ts'

type Way = readonly (readonly [name: Step['name'], type: string])[]

const OF_STORE: Way = [
  ['connector', CONNECTOR_READY],
  ['bucket', BUCKET_REACHABLE],
  ['access', ACCESS_VERIFIED],
  ['credentials', CREDENTIALS_PROJECTED],
]

export const stepsOf = (conditions: readonly Condition[] = []): Step[] => along(OF_STORE, conditions, stateOf)

/** Nothing but authentication keeps a connector from Ready. */
export const connectorSteps = ({ spec, status }: ServiceConnector): Step[] =>
  along(
    [
      ['authentication', READY],
      ...(spec.resources ? [['buckets', RESOURCES_LISTED] as const] : []),
      ['privileges', LEAST_PRIVILEGE],
    ],
    status?.conditions,
    condition => {
      if (condition.type !== READY) return condition.status === 'False' ? 'Caution' : stateOf(condition)
      const hasMore = connectorCautionsOf({ conditions: [condition] }).length > 0
      return condition.status === 'True' && hasMore ? 'Caution' : stateOf(condition)
    },
  )

function along(
  way: Way,
  conditions: readonly Condition[] = [],
  stateOf: (condition: Condition) => Step['state'],
): Step[] {
  return way.map(([name, type]) => {
    const condition = findCondition(conditions, type)
    if (!condition) return { name, state: 'Waiting', reason: '', message: '' }
    const { reason, message, lastTransitionTime: since } = condition
    return { name, state: stateOf(condition), reason, message, since }
  })
}

function stateOf(condition: Condition): Step['state'] {
  if (condition.status === 'False') return 'Failed'
  if (condition.status === 'Unknown') return 'Waiting'
  return isCaution(condition) ? 'Caution' : 'Done'
}
