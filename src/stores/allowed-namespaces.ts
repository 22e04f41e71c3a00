/** Pure: whether a namespace may use what another namespace owns. */
import type { LabelSelector } from '../api/fields.ts'
import type { ServiceConnector } from '../api/service-connector.ts'

export function mayReference(
  connector: ServiceConnector,
  namespace: string,
  labels: Record<string, string> | undefined,
): boolean {
  if (connector.metadata.namespace === namespace) return true
  const allowed = connector.spec.allowedNamespaces
  switch (allowed?.from) {
    case 'All':
      return true
    case 'Selector':
      return labels !== undefined && allowed.selector !== undefined && matches(allowed.selector, labels)
    default:
      return false
  }
}

/** Kubernetes' label selector; an unknown operator matches nothing. */
function matches(selector: LabelSelector, labels: Record<string, string>): boolean {
  const byLabels = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  return byLabels && (selector.matchExpressions ?? []).every(expression => holds(expression, labels))
}

function holds(
  { key, operator, values = [] }: NonNullable<LabelSelector['matchExpressions']>[number],
  labels: Record<string, string>,
): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}
