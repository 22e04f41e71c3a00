/** Pure: who may become the roles of a connector, and what each of them may do for the next. */
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { stepActions } from '../identity/step-actions.ts'
import type { Explained, Statement } from './statements.ts'

type RoleStep = NonNullable<AwsSpec['assumeRoles']>[number]

/** A ServiceAccount as its tokens say who it is. */
export interface TokenHolder {
  /** URL of the cluster's issuer, as it is in tokens. */
  issuer: string
  audience: string
  /** `system:serviceaccount:namespace:name`. */
  subject: string
}

/** The issuer as ARNs and condition keys have it. */
const issuerName = (issuer: string): string => issuer.replace(/^https:\/\//, '')

/** ARN of the account's IAM OIDC provider for an issuer. */
export const providerArn = (issuer: string, partition: string, account: string): string =>
  `arn:${partition}:iam::${account}:oidc-provider/${issuerName(issuer)}`

/** Lets the tokens of one ServiceAccount become a role. */
export function tokenTrust(holder: TokenHolder, partition: string, account: string): Explained {
  const name = issuerName(holder.issuer)
  const statement: Statement = {
    Effect: 'Allow',
    Principal: { Federated: providerArn(holder.issuer, partition, account) },
    Action: ['sts:AssumeRoleWithWebIdentity'],
    Condition: { StringEquals: { [`${name}:sub`]: holder.subject, [`${name}:aud`]: holder.audience } },
  }
  return { statement, because: ['lets the tokens of this ServiceAccount, with this audience, become the role'] }
}

/** Lets the identity before a step become its role. `tagged`: sessions of that identity have tags, which go along. */
export function stepTrust(step: RoleStep, principal: string, tagged: boolean): Explained {
  const { actions, because } = actionsOf(step, tagged)
  const conditions = step.externalId === undefined ? undefined : { StringEquals: { 'sts:ExternalId': step.externalId } }
  const statement: Statement = {
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: actions,
    ...(conditions ? { Condition: conditions } : {}),
  }
  return { statement, because }
}

/** Allows an identity to become the role of the step after it. */
export function stepRight(step: RoleStep, tagged: boolean): Explained {
  const { actions, because } = actionsOf(step, tagged)
  return { statement: { Effect: 'Allow', Action: actions, Resource: step.roleArn }, because }
}

const BECAUSE: Readonly<Record<string, string>> = {
  'sts:AssumeRole': 'becomes the role',
  'sts:TagSession': 'sends the tags of the step, and those that EKS Pod Identity gives the operator',
  'sts:SetSourceIdentity': 'sends the sourceIdentity of the step',
}

function actionsOf(step: RoleStep, tagged: boolean): { actions: string[]; because: string[] } {
  const actions = stepActions(step, tagged)
  return { actions, because: actions.map(action => BECAUSE[action] ?? '') }
}

/** Makes credentials for consumers of a user's long-term key. */
export const federationRight: Explained = {
  statement: { Effect: 'Allow', Action: ['sts:GetFederationToken'], Resource: '*' },
  because: ['makes credentials for consumers, narrowed to bucket, prefix and access'],
}
