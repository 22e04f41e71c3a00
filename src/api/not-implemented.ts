/** Pure: members of the API that are described but not built yet. Refused, never ignored; README lists the same. */
import type { ArtifactStoreSpec } from './artifact-store.ts'
import { type Failure, stalled } from './failures.ts'
import type { ServiceConnectorSpec } from './service-connector.ts'

type Member<Spec> = [field: string, used: (spec: Spec) => boolean]

const CONNECTOR_MEMBERS: Member<ServiceConnectorSpec>[] = [['spec.azure', spec => spec.azure !== undefined]]

const STORE_MEMBERS: Member<ArtifactStoreSpec>[] = [
  ['spec.path: az://, abfs:// or abfss://', spec => /^(az|abfss?):/.test(spec.path)],
  ...(['WebIdentity', 'ZenML', 'Turborepo', 'OpenMetadata', 'ArgoWorkflows', 'Hadoop', 'Rclone'] as const).map(
    (format): Member<ArtifactStoreSpec> => [
      `spec.credentials[].formats: ${format}`,
      spec => spec.credentials?.some(entry => entry.formats?.includes(format)) ?? false,
    ],
  ),
]

export const unimplementedConnectorMember = (spec: ServiceConnectorSpec): Failure | undefined =>
  refuse(CONNECTOR_MEMBERS, spec)

export const unimplementedStoreMember = (spec: ArtifactStoreSpec): Failure | undefined => refuse(STORE_MEMBERS, spec)

/** For README's drift check. */
export const NOT_IMPLEMENTED: readonly string[] = [...CONNECTOR_MEMBERS, ...STORE_MEMBERS].map(([field]) => field)

function refuse<Spec>(members: Member<Spec>[], spec: Spec): Failure | undefined {
  const used = members.filter(([, isUsed]) => isUsed(spec)).map(([field]) => field)
  if (used.length === 0) return undefined
  return stalled('NotImplemented', `${used.join(', ')}: not implemented in this version of the operator: remove it`)
}
