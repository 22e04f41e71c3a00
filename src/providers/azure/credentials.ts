/**
 * Entra tokens by Azure's library, over connections of our own. The library hides what the service said: it has one
 * error for a missing tenant, an untrusted CA and an outage. So the service's last answer is kept, and judged instead.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  ClientAssertionCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
  type TokenCredentialOptions,
} from '@azure/identity'
import { BOUNDS } from '../../foreign/bounds.ts'
import { jsonObject, jwtClaims } from '../../foreign/json.ts'
import { countOf, timeOf } from '../../foreign/numbers.ts'
import { codeOf, idOf, shown, tokenOf } from '../../foreign/text.ts'
import { type Answer, isOk, UNEXPECTED } from '../network/answer.ts'
import { AnswerError, answerOfError, unexpectedAnswer } from './answer.ts'
import type { EntraAuth } from './auth.ts'
import type { HttpResponse, Send } from './http.ts'

export interface EntraToken {
  /** Secret. */
  token: string
  expiresAt: Date
  /** The tenant and client that the token names. */
  tenantId?: string
  clientId?: string
}

/** Who asks for a token. `assertion`: the ServiceAccount's token, for a workload identity. */
export interface Applicant {
  auth: EntraAuth
  /** URL of Entra. */
  authorityHost: string
  assertion?: string | undefined
}

/** One request for a token, which may take several HTTP requests. */
interface Exchange {
  send: Send
  signal: AbortSignal
  /** The last answer; absent when nothing was sent. */
  answer?: Answer | undefined
}

type HttpClient = NonNullable<TokenCredentialOptions['httpClient']>

/** Scope of tokens for Azure Storage, the same in all clouds. */
const SCOPE = 'https://storage.azure.com/.default'

/** Exchanges by async context, not by credential: the library has one client for all managed identities. */
const exchanges = new AsyncLocalStorage<Exchange>()

/** Throws AnswerError, or a bug. */
export async function requestToken(applicant: Applicant, send: Send, signal: AbortSignal): Promise<EntraToken> {
  const exchange: Exchange = { send, signal }
  try {
    // A new credential each time: one that has failed may fail again without asking the service.
    const found = await exchanges.run(exchange, () => credentialOf(applicant).getToken(SCOPE))
    // The library sets the end to now where the answer names none.
    const expiresAt = timeOf(found?.expiresOnTimestamp)
    const token = tokenOf(found?.token)
    if (!token || !expiresAt || expiresAt.getTime() <= Date.now()) throw unexpectedAnswer()
    return { token, expiresAt, ...claimsOf(token) }
  } catch (error) {
    const { answer } = exchange
    throw answer ? new AnswerError(isOk(answer) ? UNEXPECTED : answer) : error
  }
}

function credentialOf({ auth, authorityHost, assertion = '' }: Applicant): TokenCredential {
  const options = {
    httpClient,
    retryOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'artifact-store-operator' },
  }
  // The library would ask the public cloud whether the authority exists: the connector's author trusts it already.
  const atAuthority = { ...options, authorityHost, disableInstanceDiscovery: true }
  switch (auth.kind) {
    case 'workloadIdentity':
      return new ClientAssertionCredential(auth.tenantId, auth.clientId, async () => assertion, atAuthority)
    case 'servicePrincipal':
      return new ClientSecretCredential(auth.tenantId, auth.clientId, auth.clientSecret(), atAuthority)
    case 'managedIdentity': {
      const { clientId, resourceId } = auth
      if (resourceId) return new ManagedIdentityCredential({ ...options, resourceId })
      return new ManagedIdentityCredential({ ...options, ...(clientId ? { clientId } : {}) })
    }
  }
}

const httpClient: HttpClient = {
  async sendRequest(request) {
    const exchange = exchanges.getStore()
    if (!exchange) throw new Error('a request of nobody')
    const { url, method, headers, body } = request
    try {
      const response = await sent(exchange, { url, method, headers: headers.toJSON(), body, signal: exchange.signal })
      exchange.answer = answerOf(response)
      return { request, status: response.status, headers: NO_HEADERS, bodyAsText: response.body }
    } catch (error) {
      exchange.answer = answerOfError(error)
      throw error
    }
  },
}

/** The library parses what comes: it gets no more than an answer of Entra can be. */
async function sent({ send }: Exchange, request: Parameters<Send>[0]): Promise<HttpResponse> {
  const response = await send(request)
  if (response.body.length > BOUNDS.answer) throw unexpectedAnswer()
  return response
}

/** No headers are passed on, so the library finds no redirect to follow and no challenge to meet. */
const NO_HEADERS: Awaited<ReturnType<HttpClient['sendRequest']>>['headers'] = {
  get: () => undefined,
  has: () => false,
  set() {},
  delete() {},
  toJSON: () => ({}),
  [Symbol.iterator]: () => [][Symbol.iterator](),
}

/** The code is `AADSTS700016`, or `invalid_request` without a number. */
function answerOf({ status, body }: HttpResponse): Answer {
  const { error, error_codes: codes, error_description: description } = jsonObject(body)
  const number: unknown = Array.isArray(codes) ? codes[0] : undefined
  const code = countOf(number) === undefined ? codeOf(error) : `AADSTS${number}`
  const message = shown(description)
  return { status, ...(code ? { code } : {}), ...(message ? { message } : {}) }
}

function claimsOf(token: string): Pick<EntraToken, 'tenantId' | 'clientId'> {
  const { tid, appid, azp } = jwtClaims(token)
  // They are shown, and whoever is named as the authority can write anything.
  const [tenantId, clientId] = [idOf(tid), idOf(appid ?? azp)]
  return { ...(tenantId ? { tenantId } : {}), ...(clientId ? { clientId } : {}) }
}
