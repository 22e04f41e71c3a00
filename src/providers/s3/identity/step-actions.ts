/** Pure: what becoming a role of the chain asks of its trust policy, and of the policy of the identity before it. */
import type { AwsSpec } from '../../../api/aws-connector.ts'

type RoleStep = NonNullable<AwsSpec['assumeRoles']>[number]

/** `tagged`: sessions of the identity before have tags, which go along with every step. */
export function stepActions({ tags = {}, sourceIdentity }: RoleStep, tagged = false): string[] {
  const actions = ['sts:AssumeRole']
  if (tagged || Object.keys(tags).length > 0) actions.push('sts:TagSession')
  if (sourceIdentity) actions.push('sts:SetSourceIdentity')
  return actions
}
