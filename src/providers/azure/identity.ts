/** Pure: `spec.azure` and what it names -> who to be, where. */
import { createHash } from 'node:crypto'
import type { AzureSpec } from '../../api/azure-connector.ts'
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import { DEFAULT_SESSION_DURATION, type ServiceConnectorSpec } from '../../api/service-connector.ts'
import { durationMs } from '../../api/time.ts'
import { withoutFinalSlashes } from '../../foreign/text.ts'
import { caPemOf, caReference } from '../ca-bundle.ts'
import { type EndpointGuard, refusedEndpoint } from '../network/endpoint-guard.ts'
import type { Identity, References, Resolved } from '../provider.ts'
import { type AzureAuth, authOf, authReferences, type Found, isEntra } from './auth.ts'
import { isAzure, isOfCloud, PUBLIC_AUTHORITY, storageSuffixOf } from './clouds.ts'
import { parseSasToken, type SasToken } from './sas-token.ts'

/** Where calls of one service go. */
export interface Endpoint {
  /** Without final slash; may have the account as its path. */
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
  /** What `auth` is, when that is a SAS token. A function, so that printing an identity shows no secret. */
  sas?: () => SasToken
}

const CA_FIELD = 'spec.azure.caBundle'

export function references(spec: ServiceConnectorSpec): References {
  const azure = azureOf(spec)
  const { keys, ...rest } = authReferences(azure)
  return { keys: azure.caBundle ? [caReference(azure.caBundle, CA_FIELD), ...keys] : keys, ...rest }
}

/** `guard`: says which endpoints may not be called. Default: those that may be nowhere. */
export function identity(
  spec: ServiceConnectorSpec,
  resolved: Resolved,
  guard: Pick<EndpointGuard, 'refusedEndpoint'> = { refusedEndpoint },
): AzureIdentity | Failure {
  const azure = azureOf(spec)
  const found = authOf(azure.auth, resolved)
  if (isFailure(found)) return found
  const place = placeOf(azure, found, guard)
  if (isFailure(place)) return place
  const caPem = caPemOf(azure.caBundle, CA_FIELD, resolved)
  if (isFailure(caPem)) return caPem
  const { auth } = found
  const sas = auth.kind === 'sasToken' ? parseSasToken(auth.token(), auth, isHttp(place.blob)) : undefined
  if (sas && isFailure(sas)) return sas

  const { namespace, name } = resolved.connector
  const { accountName, blob, authority } = place
  return {
    provider: 'azure',
    connector: `${namespace}/${name}`,
    fingerprint: fingerprint([namespace, name, accountName, blob.url, authority.url, caPem, ...authParts(auth)]),
    sessionDurationMs: durationMs(spec.sessionDuration ?? DEFAULT_SESSION_DURATION),
    cautions: sas ? cautionsOf(sas) : [],
    accountName,
    blob,
    authority,
    ...(caPem ? { caPem } : {}),
    auth,
    ...(sas ? { sas: () => sas } : {}),
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

interface Place {
  accountName: string
  blob: Endpoint
  authority: Endpoint
}

function placeOf(azure: AzureSpec, found: Found, guard: Pick<EndpointGuard, 'refusedEndpoint'>): Place | Failure {
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
    // Those need no leave, also where somebody writes them: portals do so in each connection string.
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

function noAccount(accountName: string | undefined, auth: AzureAuth): Failure {
  const what = accountName === undefined ? 'no storage account is named' : 'the Secret names no valid storage account'
  const or = 'secret' in auth ? `, or name it in Secret "${auth.secret}"` : ''
  return stalled('AccountNotSet', `spec.azure.accountName: ${what}: set it${or}`)
}

function endpointOf(given: string, field: string): Endpoint {
  const url = withoutFinalSlashes(given)
  return { url, host: URL.canParse(url) ? new URL(url).host : url, field }
}

/** Storage accounts are the first label of a host, or where that has no name of its own, the path. */
function accountOf(endpoint: string): string | undefined {
  if (!URL.canParse(endpoint)) return undefined
  const { hostname, pathname } = new URL(endpoint)
  return pathname.length > 1 ? pathname.split('/')[1] : /^([a-z0-9]{1,63})\.blob\./.exec(hostname)?.[1]
}

/** The account whose URL it surely is: other names may be anybody's own. */
function ownerOf(endpoint: string): string | undefined {
  const { hostname, pathname } = new URL(endpoint)
  return pathname.length > 1 || isAzure(hostname) ? accountOf(endpoint) : undefined
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
