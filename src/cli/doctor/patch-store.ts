/** Pure: a change of a store as a cure. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import type { JsonPatchOperation } from '../../api/json-patch.ts'
import { ARTIFACT_STORES } from '../../kube/resource.ts'
import type { Shell } from '../text/kubectl.ts'
import { commandOf, type Edit } from './changes.ts'
import type { Cure } from './finding.ts'

/** `patch`: a merge patch of the object, or operations of a JSON patch. */
export function patchStore(
  { metadata: { namespace = '', name } }: ArtifactStore,
  patch: object | JsonPatchOperation[],
  words: string,
  shell: Shell,
): Cure {
  const place = { resource: ARTIFACT_STORES, namespace, name }
  const change: Edit = Array.isArray(patch)
    ? { kind: 'json', ...place, operations: patch }
    : { kind: 'merge', ...place, patch }
  return { place: 'cluster', words, commands: [commandOf(change, shell)], needs: [], changes: [change] }
}
