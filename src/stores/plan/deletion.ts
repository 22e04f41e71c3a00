/** Pure: what a store's deletion waits for, and whether it needs a finalizer for it. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { type Failure, stalled } from '../../api/failures.ts'
import { CONFIRM_DELETE_ANNOTATION, FINALIZER } from '../../api/names.ts'
import { confirmCommand, defaultInUse } from './default-store.ts'
import { recordedDays } from './lifecycle-rule.ts'
import { namespacesOf } from './namespaces.ts'
import { secretsElsewhere } from './targets.ts'
import type { StoreView } from './view.ts'

/** Whether the end of a store has something to undo (docs/adr/0008, 0014). Its spec may not be valid. */
export const needsFinalizer = (store: ArtifactStore, view: Pick<StoreView, 'secretsOf'>): boolean =>
  store.spec.deletionProtection === true ||
  store.spec.default === true ||
  mayHaveRule(store) ||
  namespacesOf(store).length > 0 ||
  secretsElsewhere(store, view).length > 0

export const hasFinalizer = ({ metadata }: ArtifactStore): boolean => metadata.finalizers?.includes(FINALIZER) ?? false

/** Whether the operator may have set a lifecycle rule that is still there. */
export const mayHaveRule = (store: ArtifactStore): boolean =>
  store.spec.bucket?.expirationDays !== undefined || recordedDays(store) !== undefined

/** Why a store that is to be deleted must wait. In a namespace that is being deleted it never does (docs/adr/0008). */
export function deletionBlockOf(
  store: ArtifactStore,
  view: Pick<StoreView, 'storesIn' | 'isTerminating'>,
): Failure | undefined {
  if (view.isTerminating(store.metadata.namespace ?? '') || isConfirmed(store)) return undefined
  return protectedFrom(store) ?? defaultInUse(store, view)
}

const isConfirmed = ({ metadata: { name, annotations } }: ArtifactStore): boolean =>
  annotations?.[CONFIRM_DELETE_ANNOTATION] === name

function protectedFrom(store: ArtifactStore): Failure | undefined {
  if (!store.spec.deletionProtection) return undefined
  return stalled(
    'DeletionProtected',
    `the deletion waits: spec.deletionProtection is set: to delete the store, run "${confirmCommand(store)}"`,
  )
}
