/** Pure: how roles know whose connector it is, when the operator's own identity assumes them. */
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { type Failure, transient } from '../../../api/failures.ts'
import { RESERVED_PREFIX } from '../../../api/names.ts'
import type { Resolved } from '../../provider.ts'

type RoleStep = NonNullable<AwsSpec['assumeRoles']>[number]

/**
 * The chain as the operator's own identity goes along it. All connectors are the same principal there, so the first role
 * is told which one it is by an external id that no spec can give.
 */
export function rolesOfOperator(roles: readonly RoleStep[], resolved: Resolved): RoleStep[] | Failure {
  const [first, ...others] = roles
  if (!first) return []
  const { connector, operatorIdentity } = resolved
  if (!operatorIdentity?.cluster) {
    return transient(
      'ClusterUnknown',
      'spec.aws.auth.implicit: the operator has not read the namespace kube-system, whose uid its external id has: it is tried again',
    )
  }
  return [{ ...first, externalId: operatorExternalId(operatorIdentity.cluster, connector) }, ...others]
}

/** The external id that the operator's own identity sends to the first role. `cluster`: uid of namespace kube-system. */
export const operatorExternalId = (cluster: string, { namespace, name }: { namespace: string; name: string }): string =>
  `${RESERVED_PREFIX}${cluster}/${namespace}/${name}`
