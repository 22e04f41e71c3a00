/** Pure: what the plan of a store may read of the cluster. Caches only. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { LabelSelector } from '../../api/fields.ts'
import type { ObjectKey } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import type { ConnectorView } from '../../connectors/view.ts'
import type { ProjectedSecret } from './projected-secret.ts'

export interface StoreView extends ConnectorView {
  connector(key: ObjectKey): ServiceConnector | undefined
  /** Undefined: there is no such namespace. */
  namespaceLabels(name: string): Record<string, string> | undefined
  /** Whether its administrators let Secrets of stores elsewhere in, by its labels. */
  isRecipient(labels: Record<string, string>): boolean
  /** Names, also of those that are being deleted. */
  namespacesMatching(selector: LabelSelector): string[]
  /** Where the operator itself is. */
  operatorNamespace: string
  /** The namespace is being deleted, with all that is in it. */
  isTerminating(namespace: string): boolean
  /** Every store of a namespace. */
  storesIn(namespace: string): ArtifactStore[]
  /** Projected Secrets by `namespace/name`. */
  secret(key: ObjectKey): ProjectedSecret | undefined
  /** Every Secret, of any namespace, that was projected for the store `namespace/name`. */
  secretsOf(store: ObjectKey): ProjectedSecret[]
}
