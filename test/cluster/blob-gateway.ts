/**
 * A gateway in front of Azurite with what a storage account of Azure has and Azurite lacks: it verifies tokens,
 * requires roles (also of the identity behind a user-delegation SAS) and separate permissions for index tags and the
 * sources of copies, and refuses with Azure's codes. Everything else is answered by Azurite.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AccessTokens } from './access-tokens.ts'
import type { Azurite } from './azurite.ts'
import { atContainer, isToDirectory } from './blob-directories.ts'
import { actionOf, isGranted, type RoleAssignment } from './blob-roles.ts'
import { hasLetters, isAboutTags, unsigned } from './blob-sas.ts'
import type { CertificateAuthority } from './certificates.ts'
import { createFaults, type Faults, listen, type Reply, send } from './emulator.ts'
import { isSignedBy, parseJwt } from './jwt.ts'

export interface BlobGateway extends Faults {
  /** The endpoint of the account, in the form of Azurite's. */
  readonly endpoint: string
  /** Method and path with query of all requests so far. The queries contain signatures. */
  readonly requests: readonly { readonly method: string; readonly url: string }[]
  assign(assignment: RoleAssignment): void
  /** Takes all roles from the principal. */
  unassign(objectId: string): void
  /** Whether the account has a hierarchical namespace: it takes SAS tokens to directories. False at first. */
  hierarchical: boolean
  stop(): Promise<void>
}

export interface BlobGatewayOptions {
  readonly azurite: Azurite
  readonly authority: CertificateAuthority
  /** The issuer of the tokens that are accepted. */
  readonly tokens: AccessTokens
}

export async function startBlobGateway({ azurite, authority, tokens }: BlobGatewayOptions): Promise<BlobGateway> {
  const requests: { method: string; url: string }[] = []
  let assignments: RoleAssignment[] = []
  const faults = createFaults()
  const agent = new https.Agent({ ca: azurite.caPem, keepAlive: true })

  /** The refusal of a request before Azurite sees it; undefined when it may pass. */
  function refusal({ method = '', url = '/', headers }: Asked): Reply | undefined {
    const { pathname, searchParams: query } = new URL(url, azurite.endpoint)
    const path = decodeURIComponent(pathname).slice(azurite.accountName.length + 2)
    if (!hasLetters({ method, query, headers })) return permissionMismatch()
    let objectId = query.get('skoid')
    if (headers.authorization?.startsWith('Bearer ')) {
      objectId = verified(headers.authorization.slice('Bearer '.length), tokens)
      if (!objectId) return invalidToken()
    }
    if (!objectId) return undefined
    const principal = objectId
    const actions = [
      actionOf(method, path, query),
      ...(isAboutTags({ method, query, headers }) ? ['blobs/tags' as const] : []),
    ]
    const container = path.split('/')[0] || undefined
    const allowed = actions.every(action => isGranted(assignments, principal, action, container))
    return allowed ? undefined : permissionMismatch()
  }

  /**
   * The refusal of a copy whose source may not be read. Azure reads the source with the credentials in its URL; Copy
   * Blob, which doesn't wait for the copy, also as the caller. Azurite lets everybody read the whole account.
   */
  async function refusalOfSource({ headers }: IncomingMessage): Promise<Reply | undefined> {
    const source = headers['x-ms-copy-source']
    if (typeof source !== 'string' || isSharedKey(headers)) return undefined
    const url = URL.parse(source)
    if (url?.origin !== server.url) return unverifiedSource(404)
    const { authorization, 'x-ms-version': version, 'x-ms-requires-sync': waits } = headers
    const asked = {
      ...{ method: 'HEAD', url: url.pathname + url.search },
      headers: { ...(version && { 'x-ms-version': version }), ...(authorization && !waits && { authorization }) },
    }
    const status = refusal(asked)?.status ?? (await statusOf(asked))
    return status === 200 ? undefined : unverifiedSource(status)
  }

  /** The refusal of a token to a directory. One that is taken goes on as one to the container. */
  function refusalOfDirectory(request: IncomingMessage): Reply | undefined {
    const { url = '/' } = request
    if (!gateway.hierarchical || !isToDirectory(url)) return undefined
    const whole = atContainer(url, azurite)
    if (!whole) return unauthenticated()
    request.url = whole
    return undefined
  }

  const statusOf = ({ method, url, headers }: Asked): Promise<number> =>
    new Promise(resolve => {
      const request = https.request(new URL(url ?? '', azurite.endpoint), { method, headers, agent }, answer => {
        answer.resume()
        resolve(answer.statusCode ?? 500)
      })
      request.once('error', () => resolve(500))
      request.end()
    })

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request
    const source = headers['x-ms-copy-source']
    if (typeof source === 'string' && !isSharedKey(headers)) headers['x-ms-copy-source'] = unsigned(source)
    const onward = https.request(new URL(url, azurite.endpoint), { method, headers, agent }, answer => {
      const corrected = correction(answer, headers.authorization)
      if (corrected) {
        answer.resume()
        return send(response, corrected)
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    })
    onward.once('error', () => response.destroy())
    request.pipe(onward)
  }

  const server = await listen(
    async (request, response) => {
      requests.push({ method: request.method ?? '', url: request.url ?? '' })
      if (faults.strike(response)) return void request.resume()
      const refused = refusal(request) ?? (await refusalOfSource(request)) ?? refusalOfDirectory(request)
      if (!refused) return forward(request, response)
      request.resume()
      send(response, refused)
    },
    await authority.issueServer('storage'),
  )
  const gateway: BlobGateway = {
    hierarchical: false,
    endpoint: `${server.url}/${azurite.accountName}`,
    requests,
    fail: faults.fail,
    recover: faults.recover,
    assign: assignment => void assignments.push(assignment),
    unassign(objectId) {
      assignments = assignments.filter(assignment => assignment.objectId !== objectId)
    },
    async stop() {
      await server.stop()
      agent.destroy()
    },
  }
  return gateway
}

/**
 * An error as the service writes it. For `fail()`, too: 503 `ServerBusy`, 500 `InternalError`, 409
 * `ContainerBeingDeleted`.
 */
export function storageError(status: number, code: string, text: string, headers: Record<string, string> = {}): Reply {
  const requestId = randomUUID()
  const message = `${text}\nRequestId:${requestId}\nTime:${new Date().toISOString()}`
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': code, 'x-ms-request-id': requestId, ...headers },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  }
}

type Asked = Pick<IncomingMessage, 'method' | 'url' | 'headers'>

/** True for a request signed with the account's key, whose signature covers the source of a copy. */
const isSharedKey = ({ authorization }: IncomingMessage['headers']): boolean =>
  authorization?.startsWith('SharedKey ') === true

/** The object id in a token that is valid now; null in any other. */
function verified(token: string, { jwks }: AccessTokens): string | null {
  const jwt = parseJwt(token)
  const lives = jwt && Number(jwt.claims['exp']) * 1000 > Date.now() && Number(jwt.claims['nbf']) * 1000 <= Date.now()
  return lives && jwks.keys.some(key => isSignedBy(jwt, key)) ? String(jwt.claims['oid']) : null
}

const invalidToken = () =>
  storageError(
    401,
    'InvalidAuthenticationInfo',
    'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
    {
      'www-authenticate':
        'Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=https://storage.azure.com',
    },
  )

const permissionMismatch = () =>
  storageError(
    403,
    'AuthorizationPermissionMismatch',
    'This request is not authorized to perform this operation using this permission.',
  )

const unverifiedSource = (status: number) =>
  storageError(status, 'CannotVerifyCopySource', 'Could not verify the copy source within the specified time.')

/** The answer of Azure to a request that Azurite refuses with another code. */
function correction({ headers }: IncomingMessage, authorization: string | undefined): Reply | undefined {
  const code = headers['x-ms-error-code']
  const wrongKey = code === 'InvalidAuthenticationInfo' && authorization?.startsWith('SharedKey ')
  if (code !== 'AuthorizationFailure' && !wrongKey) return undefined
  return unauthenticated()
}

const unauthenticated = () =>
  storageError(
    403,
    'AuthenticationFailed',
    'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.',
  )
