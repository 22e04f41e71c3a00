/** Entra tokens for Azure Storage: one request each. Judging refusals is in entra-failures.ts. */
import { type Failure, isFailure } from '../../api/failures.ts'
import { type Answer, AnswerError, isOk, unexpectedAnswer } from './answer.ts'
import { ask } from './ask.ts'
import type { EntraAuth, ManagedIdentityAuth, ServicePrincipalAuth, WorkloadIdentityAuth } from './auth.ts'
import { entraFailure, refusesAssertion } from './entra-failures.ts'
import type { HttpRequest, Send } from './http.ts'
import type { AzureIdentity } from './identity.ts'
import { jsonObject, jwtClaims } from './jwt.ts'
import type { Transports } from './transports.ts'

export interface EntraToken {
  /** Secret. */
  token: string
  expiresAt: Date
  /** As the token says. */
  tenantId?: string
  clientId?: string
}

export interface EntraOptions {
  transports: Transports
  clock: () => Date
  /** Where managed identities get their tokens: the identity service of the node. */
  nodeIdentityUrl: string
}

/** The same in all clouds. */
const RESOURCE = 'https://storage.azure.com/'
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export async function entraToken(
  { transports, clock, nodeIdentityUrl }: EntraOptions,
  { authority, caPem }: AzureIdentity,
  auth: EntraAuth,
  signal: AbortSignal,
): Promise<EntraToken | Failure> {
  const assertion = auth.kind === 'workloadIdentity' ? await auth.token(signal) : undefined
  if (isFailure(assertion)) return assertion
  const [key, request] =
    auth.kind === 'managedIdentity'
      ? [{ url: nodeIdentityUrl }, nodeRequest(nodeIdentityUrl, auth)]
      : [{ url: authority.url, caPem }, clientRequest(authority.url, auth, assertion)]
  const { send, gate, release } = transports.acquire(key)
  try {
    const answer = await ask(gate, 'GetToken', signal, s => getToken(send, { ...request, signal: s }, clock))
    if (isOk(answer) && answer.value) return answer.value
    if (auth.kind === 'workloadIdentity' && assertion && refusesAssertion(answer)) auth.refused(assertion)
    return entraFailure(answer, auth, authority, assertion)
  } finally {
    release()
  }
}

function clientRequest(
  authorityHost: string,
  auth: WorkloadIdentityAuth | ServicePrincipalAuth,
  assertion = '',
): HttpRequest {
  const proof =
    auth.kind === 'servicePrincipal'
      ? { client_secret: auth.clientSecret() }
      : { client_assertion_type: JWT_BEARER, client_assertion: assertion }
  return {
    method: 'POST',
    url: `${authorityHost}/${auth.tenantId}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: `${RESOURCE}.default`,
      client_id: auth.clientId,
      ...proof,
    }).toString(),
  }
}

function nodeRequest(url: string, { clientId, resourceId }: ManagedIdentityAuth): HttpRequest {
  const query = new URLSearchParams({
    'api-version': '2018-02-01',
    resource: RESOURCE,
    ...(clientId ? { client_id: clientId } : {}),
    ...(resourceId ? { msi_res_id: resourceId } : {}),
  })
  return { method: 'GET', url: `${url}/metadata/identity/oauth2/token?${query}`, headers: { metadata: 'true' } }
}

async function getToken(send: Send, request: HttpRequest, clock: () => Date): Promise<EntraToken> {
  const { status, body } = await send(request)
  const answer = jsonObject(body)
  if (status !== 200) throw new AnswerError({ status, ...refusalOf(answer) })
  const { access_token: token, expires_in: lifetime } = answer
  const seconds = Number(lifetime)
  if (typeof token !== 'string' || !(seconds > 0)) throw unexpectedAnswer()
  return { token, expiresAt: new Date(clock().getTime() + seconds * 1000), ...claimsOf(token) }
}

/** `AADSTS700016`, or `invalid_request` where there is no such number. The description holds ids and a time. */
function refusalOf({ error, error_codes: codes }: Record<string, unknown>): Pick<Answer, 'code'> {
  const number: unknown = Array.isArray(codes) ? codes[0] : undefined
  if (typeof number === 'number') return { code: `AADSTS${number}` }
  return typeof error === 'string' && /^\w{1,64}$/.test(error) ? { code: error } : {}
}

function claimsOf(token: string): Pick<EntraToken, 'tenantId' | 'clientId'> {
  const { tid, appid, azp } = jwtClaims(token)
  const clientId = appid ?? azp
  return {
    ...(typeof tid === 'string' ? { tenantId: tid } : {}),
    ...(typeof clientId === 'string' ? { clientId } : {}),
  }
}
