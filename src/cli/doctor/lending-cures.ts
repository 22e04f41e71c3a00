/** Pure: what the owner of a connector changes, so that a store may use it. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { isFailure } from '../../api/failures.ts'
import type { ServiceConnector, ServiceConnectorSpec } from '../../api/service-connector.ts'
import { formatStoreUri, parseStoreUri } from '../../api/uri.ts'
import type { Shell } from '../text/kubectl.ts'
import { patchConnector } from './connector-cures.ts'
import type { Cure } from './finding.ts'

/** Label by which Kubernetes names each namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name'

type Allowed = ServiceConnectorSpec['allowedNamespaces']

/**
 * `allowedNamespaces` that let these namespaces in by name, besides those that it does already; undefined where that can't be
 * said beside the selector that is there.
 */
export function withNamespaces(allowed: Allowed, namespaces: readonly string[]): object | undefined {
  const selector = (values: readonly string[]) => ({
    from: 'Selector',
    selector: { matchExpressions: [{ key: NAME_LABEL, operator: 'In', values }] },
  })
  if (allowed?.from !== 'Selector') return selector(namespaces)
  const { matchLabels = {}, matchExpressions = [] } = allowed.selector ?? {}
  const [only, ...others] = matchExpressions
  if (only?.key !== NAME_LABEL || only.operator !== 'In' || others.length + Object.keys(matchLabels).length > 0)
    return undefined
  return selector([...new Set([...(only.values ?? []), ...namespaces])])
}

export function admitted(connector: ServiceConnector, { metadata }: ArtifactStore, shell: Shell): Cure[] {
  const { namespace = '' } = metadata
  const allowedNamespaces = withNamespaces(connector.spec.allowedNamespaces, [namespace])
  if (!allowedNamespaces) return []
  const words = `let stores of namespace "${namespace}" use the connector, if you own it`
  return [patchConnector(connector, { spec: { allowedNamespaces } }, words, shell)]
}

export function lentBucket(connector: ServiceConnector, { spec }: ArtifactStore, shell: Shell): Cure[] {
  const uri = parseStoreUri(spec.path)
  if (isFailure(uri) || !connector.spec.resources) return []
  const bucket = formatStoreUri({ ...uri, prefix: '' })
  const patch = { spec: { resources: [...connector.spec.resources, bucket] } }
  return [patchConnector(connector, patch, `let stores use ${bucket} by the connector, if you own it`, shell)]
}

export function lendCures(connector: ServiceConnector, message: string, shell: Shell): Cure[] {
  const [, lent] = /\bset spec\.lend\.(webIdentity|bucketSetup|wholeContainer|static): true\b/.exec(message) ?? []
  if (lent === undefined) return []
  return [patchConnector(connector, { spec: { lend: { [lent]: true } } }, 'lend it, if you own the connector', shell)]
}
