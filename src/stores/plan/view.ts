/** Pure: what the plan of a store may read of the cluster, all of it from caches. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { LabelSelector } from '../../api/fields.ts'
import type { ObjectKey } from '../../api/object.ts'
import type { ServiceConnector } from '../../api/service-connector.ts'
import type { ConnectorView } from '../../connectors/view.ts'
import type { ProjectedSecret } from './projected-secret.ts'

export interface StoreView extends ConnectorView {
  connector(key: ObjectKey): ServiceConnector | undefined
  /** Labels of a namespace; undefined when there is no such namespace. */
  namespaceLabels(name: string): Record<string, string> | undefined
  /** Whether administrators labelled a namespace to accept Secrets of stores elsewhere (docs/adr/0017). */
  isRecipient(labels: Record<string, string>): boolean
  /** The labels that this takes. */
  recipientLabels: Readonly<Record<string, string>>
  /** How many targets a store may have. */
  maxTargets: number
  /** Names of the namespaces that match, also of those that are being deleted. */
  namespacesMatching(selector: LabelSelector): string[]
  /** Tells this cluster from others; undefined until it is known. */
  cluster?: string | undefined
  /** The namespace that the operator itself runs in. */
  operatorNamespace: string
  /** Whether a namespace is being deleted, with everything in it. */
  isTerminating(namespace: string): boolean
  /** Every store of a namespace. */
  storesIn(namespace: string): ArtifactStore[]
  /** Projected Secrets by `namespace/name`. */
  secret(key: ObjectKey): ProjectedSecret | undefined
  /** Every Secret, of any namespace, that was projected for the store `namespace/name`. */
  secretsOf(store: ObjectKey): ProjectedSecret[]
}
