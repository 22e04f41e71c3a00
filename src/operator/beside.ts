/**
 * Whether this process, run by a person, is beside an installation. Each would have a key and a Lease of its own, take the
 * Secrets of the other for edited ones, and make all credentials anew, again and again (docs/adr/0024).
 */
import type { KubeObject } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import { isFailedCall } from '../kube/errors.ts'
import { CLUSTER_ROLE_BINDINGS } from '../kube/resource.ts'

const INSTALLATION = 'artifact-store-operator'

type Binding = KubeObject & { subjects?: { kind: string; name: string; namespace?: string }[] }

/**
 * Why this process must not start, and what to do; undefined: it may. It asks for what only an administrator can write: a
 * Secret or a Lease with the right name could be a tenant's. The operator itself may not read it, and needs not.
 */
export async function refusalBeside(
  client: Pick<Client, 'get'>,
  own: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const binding = await client.get<Binding>(CLUSTER_ROLE_BINDINGS, undefined, INSTALLATION, { signal }).catch(error => {
    if (isFailedCall(error) || signal.aborted) return undefined
    throw error
  })
  const installed = binding?.subjects?.find(({ kind, name }) => kind === 'ServiceAccount' && name === INSTALLATION)
  const { namespace } = installed ?? {}
  if (namespace === undefined || namespace === own) return undefined
  return `the operator is installed in namespace "${namespace}", and this process would take "${own}" for its own: both would replace the credentials of the other again and again: set POD_NAMESPACE=${namespace}, so that they share a key and take turns to lead; to lead at once, run "kubectl scale deployment ${INSTALLATION} -n ${namespace} --replicas=0" first`
}
