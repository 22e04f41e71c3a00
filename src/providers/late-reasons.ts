/**
 * Pure: which failures clouds get over by themselves. What was made a moment ago, often together with the store, is not
 * seen everywhere yet: roles, their trust, identity providers, policies, keys, buckets and their counterparts on Azure.
 * What is plainly wrong in a spec is not here, and calls a person at once.
 */
import type { Failure } from '../api/failures.ts'

const LATE: ReadonlySet<string> = new Set([
  // AWS, and services like it: roles and whom they trust.
  ...['RoleNotFound', 'RoleNotTrusted', 'AssumeRoleRefused', 'IssueRefused'],
  // OIDC providers.
  ...['IssuerNotTrusted', 'AudienceNotTrusted', 'TokenRejected'],
  // Keys, on both clouds.
  'CredentialsRejected',
  // Policies and role assignments, on both clouds. Issued credentials are other ones than those of the probe, and their
  // calls may meet a part of the service that has not heard of a policy yet.
  ...['PermissionDenied', 'IssuedCredentialsRefused'],
  // Buckets, containers and accounts.
  ...['BucketNotFound', 'ContainerNotFound', 'AccountNotFound', 'NetworkNotAllowed'],
  // Entra: clients, federated credentials, and managed identities.
  ...['ClientNotFound', 'FederatedCredentialMismatch', 'TokenRefused', 'ManagedIdentityNotFound', 'DelegationRefused'],
])

/** Whether a failure, or a condition that tells of one, is of that kind. A store passes on the reason of its connector. */
export const isLateInCloud = (failure: Pick<Failure, 'reason' | 'message'>): boolean => LATE.has(reasonBehind(failure))

/**
 * The reason of a failure, or that of the connector where a store passes it on. Reads what `stores/plan/connection.ts`
 * writes: nothing else of it is in status, and so outlasts a restart.
 */
export const reasonBehind = ({ reason, message }: Pick<Failure, 'reason' | 'message'>): string =>
  reason === 'ConnectorNotReady'
    ? (/^ServiceConnector "[^"]{1,512}": ([A-Za-z]{1,64}): /.exec(message)?.[1] ?? '')
    : reason
