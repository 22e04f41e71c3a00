/** Pure: whether the STS of a connector can know its roles: each partition of AWS has its own. */
import { type Failure, stalled } from '../../../api/failures.ts'
import type { Auth } from './auth.ts'
import { type Endpoint, isAwsEndpoint } from './endpoints.ts'
import { partitionOf, partitionOfArn } from './partition.ts'

interface Acting {
  auth: Auth
  assumeRoles: readonly { roleArn: string }[]
  region: string
  sts: Endpoint
}

/** A Failure for the first role of another partition than the region: the STS that is asked has never heard of it. */
export function roleElsewhere({ auth, assumeRoles, region, sts }: Acting): Failure | undefined {
  if (!isAwsEndpoint(sts)) return undefined
  const roles = [
    ...(auth.kind === 'webIdentity' ? [['spec.aws.auth.webIdentity', auth.roleArn] as const] : []),
    ...assumeRoles.map(({ roleArn }, step) => [`spec.aws.assumeRoles[${step}]`, roleArn] as const),
  ]
  const here = partitionOf(region).name
  for (const [field, roleArn] of roles) {
    const there = partitionOfArn(roleArn)
    if (there === undefined || there === here) continue
    return stalled(
      'WrongPartition',
      `${field}: the role ${roleArn} is of ${there}, and region "${region}" of ${here}: set spec.aws.region to a region of ${there}, or correct the role`,
    )
  }
  return undefined
}
