/** Pure: answers that are about the blob service itself, the credentials or the container, not about permissions. */
import { type Failure, stalled, transient } from '../../api/failures.ts'
import { type Answer, isOk } from '../network/answer.ts'
import { connectionFailure, OPERATOR_CAS, type Service, unexpectedFailure } from '../network/connection-failures.ts'
import { rejection } from '../rejection.ts'
import { quoting } from '../said.ts'
import { type AccountKeyAuth, isEntra, type SasAuth } from './auth.ts'
import type { AzureIdentity } from './identity.ts'
import { API_VERSION } from './sas-version.ts'

export interface Asked {
  identity: Pick<AzureIdentity, 'auth' | 'blob' | 'accountName'>
  /** Who asks, for messages. */
  who: string
  /** Absent for calls about no container. */
  container?: string
}

/** Undefined when the answer is about what was asked, such as a permission. */
export function failureOf(answer: Answer, asked: Asked): Failure | undefined {
  if (answer.status === 0) return noAnswer(answer, asked)
  if (isOk(answer)) return undefined
  const failure =
    credentialsFailure(answer, asked) ??
    accountFailure(answer, asked) ??
    containerFailure(answer, asked) ??
    serviceFailure(answer, asked)
  return quoting(failure, answer)
}

const BLOB: Service = { what: 'a blob service', caField: 'spec.azure.caBundle' }

function noAnswer(answer: Answer, { identity: { auth, blob, accountName } }: Asked): Failure {
  // Transient, as a name server in trouble answers the same.
  if (answer.code === 'ENOTFOUND') {
    return transient(
      'AccountNotFound',
      `there is no host ${blob.host} (${blob.field}): check that storage account "${accountName}" exists, in this cloud, and that its name resolves here`,
    )
  }
  return connectionFailure(answer, blob, auth.kind === 'managedIdentity' ? { ...BLOB, caField: OPERATOR_CAS } : BLOB)
}

function credentialsFailure({ status, code = '', message = '' }: Answer, asked: Asked): Failure | undefined {
  const { auth, blob } = asked.identity
  // Azurite has other codes for a wrong signature, with the words of AuthenticationFailed.
  const unauthenticated =
    status === 401 ||
    code === 'AuthenticationFailed' ||
    code === 'InvalidAuthenticationInfo' ||
    (code === 'AuthorizationFailure' && message.includes('failed to authenticate'))
  if (!unauthenticated) return undefined
  if (/date header|RequestDateTooOld|clock/i.test(message)) {
    return transient(
      'ClockSkewed',
      `${blob.host} refuses the operator's clock as too far off its own: synchronize the clocks of both`,
    )
  }
  return isEntra(auth) ? tokenFailure(message, asked) : secretFailure(message, auth, asked)
}

function tokenFailure(message: string, { identity: { blob, accountName }, who }: Asked): Failure {
  if (/issuer/i.test(message)) {
    return stalled(
      'TenantMismatch',
      `${blob.host} does not take tokens of the tenant of ${who}: use a client of the tenant that storage account "${accountName}" belongs to`,
    )
  }
  if (/audience/i.test(message)) {
    return stalled(
      'AudienceNotTrusted',
      `${blob.host} does not take tokens for Azure Storage: check that it is a blob service of the same cloud as ${who}`,
    )
  }
  return rejection(transient('SessionExpired', `${blob.host} refused the Entra token of ${who}: asking for another`))
}

function secretFailure(message: string, auth: AccountKeyAuth | SasAuth, asked: Asked): Failure {
  const { blob } = asked.identity
  const refused = `${blob.host} refused ${asked.who}`
  if (auth.kind === 'accountKey') {
    return rejection(
      stalled(
        'CredentialsRejected',
        `${refused}: ${auth.encoded ?? 'check that it is a key of the account and was not regenerated'}`,
      ),
    )
  }
  // No rejection: opening a session does not prove a container's SAS token, so another session would be no better.
  if (/time frame|expir|not valid/i.test(message)) {
    return stalled('CredentialsExpired', `${refused} as not valid now: put a fresh one into the Secret`)
  }
  return stalled(
    'CredentialsRejected',
    `${refused}: check that it is whole and for this place, and that the key or policy which signed it still exists`,
  )
}

/** A Failure instead of a rejection: requests for one store are refused, although the account takes the same credentials. */
export const refusedHere = (uri: string, { identity: { blob } }: Asked): Failure =>
  transient(
    'RequestRefused',
    `${blob.host} refuses the signature of requests for ${uri}, but takes the same credentials for others: use a path of plain letters and digits, or look for a proxy that changes requests; trying again`,
  )

/** Reasons by code, each with what is wrong and what to do about it. */
const ACCOUNT: Record<string, [reason: string, cure: string]> = {
  AccountIsDisabled: ['AccountIsDisabled', 'is disabled: enable it, or the subscription it belongs to'],
  AccountBeingCreated: ['AccountBeingCreated', 'is being created: it is tried again'],
  AuthorizationFailure: [
    'NetworkNotAllowed',
    "refuses requests from the operator's network: allow it in the account's firewall, or give the cluster a private endpoint",
  ],
  KeyBasedAuthenticationNotPermitted: [
    'KeyBasedAuthenticationNotPermitted',
    'takes no account keys and no SAS tokens made with one: use auth.workloadIdentity, or allow shared keys in the account',
  ],
  PublicAccessNotPermitted: ['PublicAccessNotPermitted', 'takes no anonymous requests: check the SAS token'],
  AccountRequiresHttps: ['InsecureEndpoint', 'takes no http: use an https URL in spec.azure.endpoint'],
  ResourceNotFound: ['AccountNotFound', 'is not known there: check the name and spec.azure.endpoint'],
  AuthorizationSourceIPMismatch: [
    'NetworkNotAllowed',
    "refuses the SAS token from the operator's address (sip): create one without sip, or for the cluster's addresses",
  ],
  AuthorizationProtocolMismatch: [
    'InsecureEndpoint',
    'takes the SAS token over https only (spr): use an https endpoint',
  ],
  AuthorizationServiceMismatch: [
    'SasInsufficient',
    'takes the SAS token for other services only (ss): create one with ss=b',
  ],
  AuthorizationResourceTypeMismatch: [
    'SasInsufficient',
    'takes the SAS token for other resource types only (srt): create one with srt=co',
  ],
}

function accountFailure({ code = '', message = '' }: Answer, { identity }: Asked): Failure | undefined {
  const account = `storage account "${identity.accountName}" (${identity.blob.host})`
  if (code === 'InvalidHeaderValue' && /version/i.test(message)) {
    return stalled(
      'ServiceTooOld',
      `${account} does not support version ${API_VERSION} of the API, with which the operator calls and signs SAS tokens: update the service (Azurite also takes it with --skipApiVersionCheck), or use a storage account of Azure`,
    )
  }
  const [reason, cure] = (Object.hasOwn(ACCOUNT, code) && ACCOUNT[code]) || []
  if (!reason) return undefined
  return (code === 'AccountBeingCreated' ? transient : stalled)(reason, `${account} ${cure}`)
}

function containerFailure({ code = '' }: Answer, { identity, container }: Asked): Failure | undefined {
  const { host } = identity.blob
  switch (code) {
    case 'ContainerNotFound':
      return stalled(
        'ContainerNotFound',
        `there is no container "${container}" at ${host}: create it, set spec.bucket.create, or correct spec.path`,
      )
    case 'ContainerBeingDeleted':
      return transient(
        'ContainerBeingDeleted',
        `container "${container}" at ${host} is being deleted: trying again later`,
      )
    case 'ContainerDisabled':
      return stalled('ContainerDisabled', `container "${container}" at ${host} was disabled: ask Azure why`)
    case 'InvalidResourceName':
      return stalled('InvalidContainerName', `${host} takes "${container}" for no container name: correct spec.path`)
  }
  return undefined
}

const BUSY = /^(ServerBusy|OperationTimedOut|TooManyRequests|IngressExceedsAccountLimit|EgressExceedsAccountLimit)$/

function serviceFailure(
  { status, code = '', message = '' }: Answer,
  { identity: { blob } }: Asked,
): Failure | undefined {
  if (status === 429 || BUSY.test(code)) {
    return transient(
      'Throttled',
      `${blob.host} asks for fewer requests (${code || `HTTP ${status}`}): trying again later`,
    )
  }
  if (status >= 500) {
    return transient(
      'ServiceUnavailable',
      `${blob.host} answered HTTP ${status}${code && ` ${code}`}: trying again later`,
    )
  }
  return code === '' ? unexpectedFailure(blob, BLOB, { message }) : undefined
}
