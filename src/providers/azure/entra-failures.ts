/** Pure: why Entra gives no token, and what to do about it. */
import { type Failure, stalled, transient } from '../../api/failures.ts'
import { jwtClaims } from '../../foreign/json.ts'
import { shown } from '../../foreign/text.ts'
import type { Answer } from '../network/answer.ts'
import { connectionFailure, type Service, unexpectedFailure } from '../network/connection-failures.ts'
import { rejection } from '../rejection.ts'
import { quoting } from '../said.ts'
import type { EntraAuth, ManagedIdentityAuth, ServicePrincipalAuth, WorkloadIdentityAuth } from './auth.ts'
import type { Endpoint } from './identity.ts'

const ENTRA: Service = { what: 'Entra', caField: 'spec.azure.caBundle' }

/** `assertion`: the ServiceAccount's token that was refused. The message shows only its issuer. */
export const entraFailure = (answer: Answer, auth: EntraAuth, authority: Endpoint, assertion?: string): Failure =>
  quoting(failureOf(answer, auth, authority, assertion), answer)

function failureOf(answer: Answer, auth: EntraAuth, authority: Endpoint, assertion: string | undefined): Failure {
  if (auth.kind === 'managedIdentity') return managedIdentityFailure(answer, auth)
  if (answer.status === 0) return connectionFailure(answer, authority, ENTRA)
  const { status, code = '' } = answer
  const number = Number(/^AADSTS(\d{1,9})$/.exec(code)?.[1] ?? Number.NaN)
  if (status === 429 || THROTTLED.has(number)) {
    return transient(
      'Throttled',
      `${authority.host} asks for fewer requests (${code || 'HTTP 429'}): trying again later`,
    )
  }
  if (status >= 500 || BUSY.has(number) || code === 'temporarily_unavailable') {
    return transient(
      'ServiceUnavailable',
      `${authority.host} answered HTTP ${status}${code && ` ${code}`}: trying again later`,
    )
  }
  if (!code) return unexpectedFailure(authority, ENTRA, answer)
  const specific =
    auth.kind === 'workloadIdentity'
      ? assertionFailure({ number, code, auth, authority, assertion })
      : secretFailure(number, code, auth)
  return specific ?? clientFailure(number, code, auth, authority)
}

/** Whether Entra may take another token of the same ServiceAccount: this one is too old, or its signing key is gone. */
export const refusesAssertion = ({ code = '' }: Answer): boolean => code === EXPIRED || UNVERIFIED.has(code)

const EXPIRED = 'AADSTS700024'
const UNVERIFIED = new Set(['AADSTS700027', 'AADSTS7000272'])

const THROTTLED = new Set([50053, 50196, 90055])
const BUSY = new Set([90006, 90012, 90024, 90033])
const NO_FEDERATED_CREDENTIAL = new Set([70021, 70025, 700211, 700212, 700213, 7002138])
const ISSUER_UNREACHABLE = new Set([50166, 501661, 90061])
const CONDITIONAL_ACCESS = new Set([53000, 53001, 53002, 53003, 53004, 530003])
const NO_TENANT = new Set([90002, 900021, 900023])
const NO_CLIENT = new Set([700016, 7000229])

interface AssertionRefusal {
  /** Number of an AADSTS code; NaN for any other code. */
  number: number
  code: string
  auth: WorkloadIdentityAuth
  authority: Endpoint
  assertion: string | undefined
}

function assertionFailure({ number, code, auth, authority, assertion }: AssertionRefusal): Failure | undefined {
  const { clientId, tenantId, subject, audience } = auth
  const { host } = authority
  const issuer = issuerOf(assertion)
  const client = `client ${clientId} of tenant ${tenantId}`
  if (NO_FEDERATED_CREDENTIAL.has(number)) {
    return stalled(
      'FederatedCredentialMismatch',
      `${client} does not trust the ServiceAccount (${code}): give it a federated credential with issuer ${issuer}, subject "${subject}" and audience "${audience}", exactly so`,
    )
  }
  if (code === EXPIRED) {
    return transient(
      'TokenExpired',
      `${host} takes the token of ${subject} for expired or not valid yet (${code}): trying again with a new one; if that goes on, synchronize the clocks`,
    )
  }
  if (UNVERIFIED.has(code)) {
    return transient(
      'TokenSignatureRefused',
      `${host} can't verify the token of ${subject} (${code}): check that the keys which issuer ${issuer} publishes are those of the cluster`,
    )
  }
  if (number === 5002738) {
    return stalled(
      'TokenAlgorithmRefused',
      `${host} takes only tokens that are signed with RS256 (${code}): have the cluster sign those of ServiceAccounts with an RSA key`,
    )
  }
  if (!ISSUER_UNREACHABLE.has(number)) return undefined
  return transient(
    'IssuerUnreachable',
    `${host} can't read the keys of issuer ${issuer} (${code}): make its discovery documents reachable from the internet`,
  )
}

function secretFailure(number: number, code: string, auth: ServicePrincipalAuth): Failure | undefined {
  const { secret, clientId, encoded } = auth
  if (number === 7000215) {
    return rejection(
      stalled(
        'CredentialsRejected',
        `the client secret in Secret "${secret}" is not one of client ${clientId} (${code}): ${encoded ?? 'store the value of the secret, not its id'}`,
      ),
    )
  }
  if (number !== 7000222) return undefined
  return rejection(
    stalled(
      'CredentialsExpired',
      `the client secret in Secret "${secret}" has expired (${code}): create another for client ${clientId}`,
    ),
  )
}

function clientFailure(
  number: number,
  code: string,
  { clientId, tenantId }: WorkloadIdentityAuth | ServicePrincipalAuth,
  { host, field }: Endpoint,
): Failure {
  if (NO_TENANT.has(number)) {
    return stalled(
      'TenantNotFound',
      `${host} knows no tenant ${tenantId} (${code}): correct the tenant id, or ${field}`,
    )
  }
  if (NO_CLIENT.has(number)) {
    return stalled(
      'ClientNotFound',
      `there is no client ${clientId} in tenant ${tenantId} (${code}): correct the client id or the tenant id`,
    )
  }
  if (number === 7000112) {
    return stalled('ClientDisabled', `client ${clientId} of tenant ${tenantId} is disabled (${code}): enable it`)
  }
  if (CONDITIONAL_ACCESS.has(number)) {
    return stalled(
      'ConditionalAccess',
      `a conditional access policy of tenant ${tenantId} blocks client ${clientId} (${code}): except it, or allow the cluster's addresses`,
    )
  }
  return stalled(
    'TokenRefused',
    `${host} gives client ${clientId} of tenant ${tenantId} no token for Azure Storage (${code}): look the code up at https://login.microsoftonline.com/error`,
  )
}

function managedIdentityFailure({ status, code = '' }: Answer, auth: ManagedIdentityAuth): Failure {
  const field = 'spec.azure.auth.managedIdentity'
  const which = auth.clientId ?? auth.resourceId ?? "the node's own identity"
  if (status === 0) {
    return transient(
      'EndpointUnreachable',
      `${field}: the identity service of Azure can't be reached from the operator (${code}): run it in Azure with access to that service, or use auth.workloadIdentity`,
    )
  }
  if (status === 404 || status === 410 || status === 429 || status >= 500) {
    return transient('ServiceUnavailable', `${field}: the identity service answered HTTP ${status}: trying again later`)
  }
  return stalled(
    'ManagedIdentityNotFound',
    `${field}: the identity service gives no token for ${which} (HTTP ${status}${code && ` ${code}`}): assign that identity to the nodes of the operator, or name another`,
  )
}

function issuerOf(token: string | undefined): string {
  const issuer = shown(jwtClaims(token)['iss'])
  return issuer === undefined ? 'of the cluster' : `"${issuer}"`
}
