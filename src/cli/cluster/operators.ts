/** Finds the operator's Deployments, as far as the person may. */
import { OPERATOR } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Resource } from '../../kube/resource.ts'
import type { Cluster } from './connect.ts'
import { ifAllowed, listPages } from './read.ts'

const DEPLOYMENTS: Resource = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true }

/** Where deploy/ installs the operator: looked at where a person may not look at all namespaces. */
export const SYSTEM_NAMESPACE = 'artifact-store-system'

/** Deployments with the operator's label; undefined, with a note, where the person may list none. */
export async function operatorDeployments(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ deployments?: KubeObject[]; note?: string }> {
  const options = { signal, labelSelector: `app.kubernetes.io/name=${OPERATOR}` }
  let last: string | undefined
  for (const namespace of [undefined, SYSTEM_NAMESPACE]) {
    const { value, note } = await ifAllowed({ verb: 'list', resource: DEPLOYMENTS, namespace }, () =>
      listPages<KubeObject>(cluster, DEPLOYMENTS, namespace, options),
    )
    if (value) {
      const none = value.length > 0 ? {} : { note: `no Deployment has the label ${options.labelSelector}` }
      return { deployments: value, ...none }
    }
    last = note
  }
  return last === undefined ? {} : { note: last }
}
