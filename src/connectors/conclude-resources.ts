/** Pure: which buckets an identity can list -> what status says about them. They never keep a connector from Ready. */
import { type Condition, RESOURCES_LISTED, removeCondition, setCondition } from '../api/conditions.ts'
import { type Failure, isFailure } from '../api/failures.ts'
import { matchesResource } from '../api/resource-pattern.ts'
import type { ServiceConnector, ServiceConnectorStatus } from '../api/service-connector.ts'
import type { Resources } from '../providers/provider.ts'

export type ListedStatus = Pick<ServiceConnectorStatus, 'resources' | 'resourcesTruncated'>

/** What the service has answered, and to which principal. */
export interface Answered {
  answer: Resources | Failure
  principal: string
}

export const withoutListing = (conditions: readonly Condition[]): Condition[] =>
  removeCondition(conditions, RESOURCES_LISTED)

/** `conditions` are the connector's next ones, in which the one about its listing is still that of the status. */
export function concludeResources(
  connector: ServiceConnector,
  { answer, principal }: Answered,
  conditions: readonly Condition[],
  now: Date,
): ListedStatus & { conditions: Condition[] } {
  const { generation = 0 } = connector.metadata
  const patterns = connector.spec.resources ?? []
  const say = (status: Condition['status'], { reason, message }: Pick<Condition, 'reason' | 'message'>): Condition[] =>
    patterns.length === 0
      ? withoutListing(conditions)
      : setCondition(
          conditions,
          { type: RESOURCES_LISTED, status, observedGeneration: generation, reason, message },
          now,
        )

  if (!isFailure(answer)) return { ...listed(answer), conditions: say(...judge(patterns, answer, principal)) }
  if (answer.intent === 'stalled') return { conditions: say('False', answer) }
  if (connector.status?.observedGeneration !== generation) return { conditions: say('Unknown', answer) }
  // The failure passes, and until then the last listing is the best guess.
  return { ...lastListed(connector), conditions: [...conditions] }
}

export function lastListed({ status = {} }: ServiceConnector): ListedStatus {
  const { resources, resourcesTruncated } = status
  return { ...(resources ? { resources } : {}), ...(resourcesTruncated ? { resourcesTruncated } : {}) }
}

const listed = ({ resources, truncated }: Resources): ListedStatus => ({
  resources: resources.map(({ uri, region }) => (region ? { uri, region } : { uri })),
  ...(truncated ? { resourcesTruncated: true } : {}),
})

function judge(
  patterns: string[],
  { resources, truncated }: Resources,
  principal: string,
): [Condition['status'], Pick<Condition, 'reason' | 'message'>] {
  if (truncated) {
    const message = `more than ${resources.length} buckets match spec.resources: the first are listed`
    return ['True', { reason: 'Truncated', message }]
  }
  const absent = patterns.filter(pattern => !resources.some(({ uri }) => matchesResource(pattern, uri)))
  if (absent.length === 0) {
    return ['True', { reason: 'Listed', message: 'there is a bucket for every entry of spec.resources' }]
  }
  const message = `spec.resources: ${absent.join(', ')}: ${principal} can list no such bucket: create it, allow it to be listed, or correct the entry`
  return ['False', { reason: 'NotListed', message }]
}
