/** Pure: whether a namespace may use what another namespace owns. */
import type { LabelSelector } from '../../api/fields.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'

/** A ServiceConnector or an ArtifactStore. */
interface Owner {
  metadata: Pick<ServiceConnector['metadata'], 'namespace'>
  spec: Pick<ServiceConnector['spec'], 'allowedNamespaces'>
}

/** `labels` are those of the namespace; undefined when there is no such namespace. */
export function mayReference(owner: Owner, namespace: string, labels: Record<string, string> | undefined): boolean {
  if (owner.metadata.namespace === namespace) return true
  const allowed = owner.spec.allowedNamespaces
  switch (allowed?.from) {
    case 'All':
      return true
    case 'Selector':
      return labels !== undefined && allowed.selector !== undefined && matches(allowed.selector, labels)
    default:
      return false
  }
}

/** Matches as label selectors of Kubernetes do; an unknown operator matches nothing. */
export function matches(selector: LabelSelector, labels: Record<string, string>): boolean {
  const byLabels = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  return byLabels && (selector.matchExpressions ?? []).every(expression => isSatisfied(expression, labels))
}

function isSatisfied(
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
