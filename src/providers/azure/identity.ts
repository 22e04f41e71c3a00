/** Pure: `spec.azure` and what it names -> who to be, where. */
import { createHash } from 'node:crypto'
import type { AzureSpec } from '../../api/azure-connector.ts'
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import { DEFAULT_SESSION_DURATION, type ServiceConnectorSpec } from '../../api/service-connector.ts'
import { durationMs } from '../../api/time.ts'
import { withoutFinalSlashes } from '../../foreign/text.ts'
import { caCautions, caPemOf, caReference } from '../ca-bundle.ts'
import { type EndpointRules, refusedEndpoint } from '../network/endpoint-rules.ts'
import { refusedForOperator } from '../operator-identity.ts'
import type { Identity, References, Resolved } from '../provider.ts'
import { type AzureAuth, authOf, authReferences, type Found, isEntra, type ManagedIdentityAuth } from './auth.ts'
import { isAzure, isOfCloud, PUBLIC_AUTHORITY, storageSuffixOf } from './clouds.ts'
import { parseSasToken, type SasToken } from './sas-token.ts'

/** Where calls to one service go. */
export interface Endpoint {
  /** URL without final slash; its path may be the account. */
  url: string
  /** `host:port`, for messages. */
  host: string
  /** The spec field that decides it, for messages. */
  field: string
}

export interface AzureIdentity extends Identity {
  provider: 'azure'
  accountName: string
  blob: Endpoint
  authority: Endpoint
  caPem?: string
  auth: AzureAuth
  /** The SAS token, where `auth` is one. A function, so that printing an identity shows no secret. */
  sas?: () => SasToken
}

/** In the list of clients that may be used: the one that `managedIdentity` without an id stands for. */
const DEFAULT_CLIENT = 'default'
const CA_FIELD = 'spec.azure.caBundle'

export function references(spec: ServiceConnectorSpec): References {
  const azure = azureOf(spec)
  const { keys, ...rest } = authReferences(azure)
  // The operator itself takes no CAs of connectors: that is said, and not that they are missing.
  return {
    keys: azure.caBundle && !rest.operatorIdentity ? [caReference(azure.caBundle, CA_FIELD), ...keys] : keys,
    ...rest,
  }
}

/** `guard`: says which endpoints may not be called. By default, only those that are refused everywhere. */
export function identity(
  spec: ServiceConnectorSpec,
  resolved: Resolved,
  guard: Pick<EndpointRules, 'refusedEndpoint'> = { refusedEndpoint },
): AzureIdentity | Failure {
  const azure = azureOf(spec)
  const found = authOf(azure.auth, resolved)
  if (isFailure(found)) return found
  const endpoints = accountEndpointsOf(azure, found, guard)
  if (isFailure(endpoints)) return endpoints
  const refused =
    found.auth.kind === 'managedIdentity' ? refusedAsOperator(azure, endpoints, found.auth, resolved) : undefined
  if (refused) return refused
  const caPem = caPemOf(azure.caBundle, CA_FIELD, resolved)
  if (isFailure(caPem)) return caPem
  const { auth } = found
  const sas = auth.kind === 'sasToken' ? parseSasToken(auth.token(), auth, isHttp(endpoints.blob)) : undefined
  if (sas && isFailure(sas)) return sas

  const { namespace, name } = resolved.connector
  const { accountName, blob, authority } = endpoints
  return {
    provider: 'azure',
    connector: `${namespace}/${name}`,
    fingerprint: fingerprint([namespace, name, accountName, blob.url, authority.url, caPem, ...authParts(auth)]),
    sessionDurationMs: durationMs(spec.sessionDuration ?? DEFAULT_SESSION_DURATION),
    cautions: [...(sas ? cautionsOf(sas) : []), ...caCautions(caPem, CA_FIELD, resolved)],
    confidential: () => confidentialOf(endpoints, auth),
    accountName,
    blob,
    authority,
    ...(caPem ? { caPem } : {}),
    auth,
    ...(sas ? { sas: () => sas, unnarrowed: true } : {}),
  }
}

const HANDED_ON =
  'the SAS token of the connector is handed on as it is: it ends at its own time, and its rights are not narrowed to access or path'

const ADDRESS_BOUND =
  'the SAS token of the connector is taken from some addresses only (sip): consumers must have one of them'

const cautionsOf = ({ addressBound }: SasToken): string[] => (addressBound ? [HANDED_ON, ADDRESS_BOUND] : [HANDED_ON])

export const isHttp = ({ url }: Endpoint): boolean => url.startsWith('http:')

function azureOf(spec: ServiceConnectorSpec): AzureSpec {
  if (!spec.azure) throw new Error('not an Azure connector')
  return spec.azure
}

interface AccountEndpoints {
  accountName: string
  blob: Endpoint
  authority: Endpoint
}

function accountEndpointsOf(
  azure: AzureSpec,
  found: Found,
  guard: Pick<EndpointRules, 'refusedEndpoint'>,
): AccountEndpoints | Failure {
  const { auth } = found
  const authority = endpointOf(azure.authorityHost ?? PUBLIC_AUTHORITY, 'spec.azure.authorityHost')
  const given = azure.endpoint ?? found.endpoint
  const accountName = azure.accountName ?? found.accountName ?? (given && accountOf(given))
  if (accountName === undefined || !/^[a-z0-9]{3,24}$/.test(accountName)) return noAccount(accountName, auth)
  if (azure.accountName && found.accountName && azure.accountName !== found.accountName) {
    const elsewhere = 'spec.azure.accountName names another storage account than its Secret'
    return stalled('AccountMismatch', `${elsewhere}: correct one of them`)
  }

  const suffix = storageSuffixOf(authority.url)
  if (!given && !suffix) {
    return stalled(
      'EndpointNotSet',
      `spec.azure.endpoint: "${authority.host}" belongs to no known cloud, so the URL of the blob service is needed: set it`,
    )
  }
  const field = azure.endpoint || !found.endpoint ? 'spec.azure.endpoint' : 'BlobEndpoint of the connection string'
  const blob = endpointOf(given ?? `https://${accountName}.blob.${suffix}`, field)
  for (const { url, field } of isEntra(auth) ? [blob, authority] : [blob]) {
    // Endpoints of Azure's clouds are always allowed, even when spelled out, as portals do in each connection string.
    const refused = isOfCloud(url) ? undefined : guard.refusedEndpoint(url)
    if (refused) return stalled('EndpointRefused', `${field}: ${refused}: use the address of a service of Azure`)
  }
  const owner = ownerOf(blob.url)
  if (owner && owner !== accountName) {
    const is = `${blob.field} is that of storage account "${owner}", but "${accountName}" is named`
    return stalled('AccountMismatch', `${is}: correct one of them`)
  }
  if (isEntra(auth) && isHttp(blob)) {
    return stalled('InsecureEndpoint', `${blob.field}: Entra tokens are not sent over http: use an https URL`)
  }
  return { accountName, blob, authority }
}

/** What a connector that is the operator itself may not be, or where it may not be so. */
function refusedAsOperator(
  { caBundle }: AzureSpec,
  { blob }: AccountEndpoints,
  { clientId, resourceId }: ManagedIdentityAuth,
  { operatorIdentity: loan }: Resolved,
): Failure | undefined {
  const asked = { loan, endpoints: [blob], isOfCloud, caField: caBundle && CA_FIELD }
  const id = clientId ?? resourceId
  const refused = refusedForOperator(asked)
  if (refused || loan?.clientIds.includes((id ?? DEFAULT_CLIENT).toLowerCase())) return refused
  const [field, what] = id
    ? [`spec.azure.auth.managedIdentity.${clientId ? 'clientId' : 'resourceId'}`, `"${id}"`]
    : ['spec.azure.auth.managedIdentity', 'the identity that needs no id']
  return stalled(
    'ImplicitAuthNotAllowed',
    `${field}: connectors of this namespace may not be ${what}: name one that an administrator has listed, or have it added to --implicit-auth-client-ids`,
  )
}

function noAccount(accountName: string | undefined, auth: AzureAuth): Failure {
  const what = accountName === undefined ? 'no storage account is named' : 'the Secret names no valid storage account'
  const or = 'secret' in auth ? `, or name it in Secret "${auth.secret}"` : ''
  return stalled('AccountNotSet', `spec.azure.accountName: ${what}: set it${or}`)
}

function endpointOf(given: string, field: string): Endpoint {
  const url = withoutFinalSlashes(given)
  return { url, host: URL.canParse(url) ? new URL(url).host : url, field }
}

/** The account is the first label of the host, or the path where one host serves many accounts. */
function accountOf(endpoint: string): string | undefined {
  if (!URL.canParse(endpoint)) return undefined
  const { hostname, pathname } = new URL(endpoint)
  return pathname.length > 1 ? pathname.split('/')[1] : /^([a-z0-9]{1,63})(?:\.z\d{1,3})?\.blob\./.exec(hostname)?.[1]
}

/** The account that an endpoint surely belongs to; undefined for a custom host name, which shows none. */
function ownerOf(endpoint: string): string | undefined {
  const { hostname, pathname } = new URL(endpoint)
  return pathname.length > 1 || isAzure(hostname) ? accountOf(endpoint) : undefined
}

function confidentialOf({ accountName, blob, authority }: AccountEndpoints, auth: AzureAuth): [string, string][] {
  const ids = 'clientId' in auth ? [auth.clientId] : []
  return [
    [`storage account "${accountName}"`, 'its storage account'],
    ...[blob, authority].flatMap(({ url, host }): [string, string][] => [
      [url, 'its endpoint'],
      [host, 'its endpoint'],
    ]),
    ...('secret' in auth ? [[auth.secret, 'its Secret'] as [string, string]] : []),
    ...('subject' in auth ? [[auth.subject, 'its ServiceAccount'] as [string, string]] : []),
    ...('tenantId' in auth ? [[auth.tenantId, 'its tenant'] as [string, string]] : []),
    ...('resourceId' in auth && auth.resourceId ? [[auth.resourceId, 'its identity'] as [string, string]] : []),
    ...ids.flatMap((id): [string, string][] => (id ? [[id, 'its client']] : [])),
  ]
}

function authParts(auth: AzureAuth): (string | undefined)[] {
  switch (auth.kind) {
    case 'workloadIdentity':
      return [auth.kind, auth.clientId, auth.tenantId, auth.audience, auth.subject]
    case 'managedIdentity':
      return [auth.kind, auth.clientId, auth.resourceId]
    case 'servicePrincipal':
      return [auth.kind, auth.secret, auth.clientId, auth.tenantId, auth.clientSecret()]
    case 'accountKey':
      return [auth.kind, auth.secret, auth.key()]
    case 'sasToken':
      return [auth.kind, auth.secret, auth.token()]
  }
}

const fingerprint = (parts: (string | undefined)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')
