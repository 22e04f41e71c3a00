/** Pure: namespaces that entries of stores name, and that do not accept Secrets of stores elsewhere (docs/adr/0017). */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Installation } from './installation.ts'

/** `labels`: those by which a namespace consents. A namespace that is not there is no matter of consent. */
export function closedNamespaces(
  stores: readonly ArtifactStore[],
  namespaces: readonly KubeObject[],
  labels: Readonly<Record<string, string>>,
): NonNullable<Installation['closed']> {
  const named = stores.flatMap(({ metadata: { namespace = '', name }, spec }) =>
    (spec.credentials ?? [])
      .flatMap(entry => entry.namespaces?.names ?? [])
      .filter(target => target !== namespace)
      .map(target => ({ target, store: { kind: 'store' as const, namespace, name } })),
  )
  const byTarget = Map.groupBy(named, ({ target }) => target)
  return namespaces.flatMap(({ metadata }) => {
    const asking = byTarget.get(metadata.name)
    const consents = Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value)
    if (!asking || consents) return []
    const unique = new Map(asking.map(({ store }) => [`${store.namespace}/${store.name}`, store]))
    return [{ namespace: metadata.name, stores: [...unique.values()], labels: { ...labels } }]
  })
}
