/** Changes objects as the person who runs the command. */

import { pointerOf } from '../../api/json-patch.ts'
import type { KubeObject } from '../../api/object.ts'
import type { JsonPatchOperation } from '../../kube/client.ts'
import { ApiError, isDenied, isFailedTest, isNotFound } from '../../kube/errors.ts'
import type { Resource } from '../../kube/resource.ts'
import { foundFailure, usageFailure } from '../frame/failures.ts'
import { harmless } from '../text/harmless.ts'
import type { Cluster } from './connect.ts'
import { guarded } from './read.ts'

/** Applies a patch. Fails when the object is another one now, or the cluster refuses it. */
export async function change<T extends KubeObject>(
  cluster: Cluster,
  resource: Resource,
  { metadata }: T,
  { operations, dryRun = false, signal }: { operations: JsonPatchOperation[]; dryRun?: boolean; signal: AbortSignal },
): Promise<T> {
  const { namespace = '', name, uid } = metadata
  const what = `${resource.kind} "${namespace}/${name}"`
  const all: JsonPatchOperation[] = [{ op: 'test', path: '/metadata/uid', value: uid }, ...operations]
  return guarded(cluster, { verb: 'patch', resource, namespace }, async () => {
    try {
      // Values of Secrets and ConfigMaps never come here.
      const metadataOnly = resource.apiVersion === 'v1'
      return await cluster.client.jsonPatch<T>(resource, { namespace, name }, all, { signal, dryRun, metadataOnly })
    } catch (error) {
      if (isNotFound(error))
        throw usageFailure(`${what} is gone`, 'see what there is with "kubectl artifactstore status"')
      if (isFailedTest(error))
        throw foundFailure(`${what} was changed by somebody else just now`, 'run the command again')
      if (isDenied(error) || (error instanceof ApiError && error.code === 422))
        throw foundFailure(`the cluster refuses the change of ${what}`, harmless(error.words))
      throw error
    }
  })
}

/** Operations that set an annotation, whether the object has others or not. */
export function annotate({ metadata }: KubeObject, annotation: string, value: string): JsonPatchOperation[] {
  const path = pointerOf('metadata', 'annotations', annotation)
  const parent: JsonPatchOperation[] = metadata.annotations
    ? []
    : [
        // Another one may have been added since, which must stay.
        { op: 'test', path: '/metadata/annotations', value: null },
        { op: 'add', path: '/metadata/annotations', value: {} },
      ]
  return [...parent, { op: 'add', path, value }]
}
