/**
 * What a storage account of Azure has and Azurite hasn't, in front of it: tokens are verified, roles are needed (also
 * by the identity behind a user-delegation SAS), and refusals carry Azure's codes. Everything else is Azurite's answer.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AccessTokens } from './accesstokens.ts'
import type { Azurite } from './azurite.ts'
import { actionOf, isGranted, type RoleAssignment } from './blobroles.ts'
import type { CertificateAuthority } from './certificates.ts'
import { createFaults, type Faults, listen, type Reply, send } from './emulator.ts'
import { isSignedBy, parseJwt } from './jwt.ts'

export interface BlobGateway extends Faults {
  /** Of the account, like Azurite's. */
  readonly endpoint: string
  /** Method and path with query of all requests so far. Queries hold signatures. */
  readonly requests: readonly { readonly method: string; readonly url: string }[]
  assign(assignment: RoleAssignment): void
  /** Takes all roles of the principal. */
  unassign(objectId: string): void
  stop(): Promise<void>
}

export interface BlobGatewayOptions {
  readonly azurite: Azurite
  readonly authority: CertificateAuthority
  /** Whose tokens are taken. */
  readonly tokens: AccessTokens
}

export async function startBlobGateway({ azurite, authority, tokens }: BlobGatewayOptions): Promise<BlobGateway> {
  const requests: { method: string; url: string }[] = []
  let assignments: RoleAssignment[] = []
  const faults = createFaults()
  const agent = new https.Agent({ ca: azurite.caPem, keepAlive: true })

  /** Why the request is refused before Azurite sees it. */
  function refusal(request: IncomingMessage): Reply | undefined {
    const { method = '', url = '/', headers } = request
    const { pathname, searchParams } = new URL(url, azurite.endpoint)
    const path = decodeURIComponent(pathname).slice(azurite.accountName.length + 2)
    let objectId = searchParams.get('skoid')
    if (headers.authorization?.startsWith('Bearer ')) {
      objectId = verified(headers.authorization.slice('Bearer '.length), tokens)
      if (!objectId) return invalidToken()
    }
    if (!objectId) return undefined
    const allowed = isGranted(
      assignments,
      objectId,
      actionOf(method, path, searchParams),
      path.split('/')[0] || undefined,
    )
    return allowed ? undefined : permissionMismatch()
  }

  function forward(request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request
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
    (request, response) => {
      requests.push({ method: request.method ?? '', url: request.url ?? '' })
      if (faults.strike(response)) return void request.resume()
      const refused = refusal(request)
      if (!refused) return forward(request, response)
      request.resume()
      send(response, refused)
    },
    await authority.issueServer('storage'),
  )
  return {
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
}

/** As the service writes errors, for `fail()` too: 503 `ServerBusy`, 500 `InternalError`, 409 `ContainerBeingDeleted`. */
export function storageError(status: number, code: string, text: string, headers: Record<string, string> = {}): Reply {
  const requestId = randomUUID()
  const message = `${text}\nRequestId:${requestId}\nTime:${new Date().toISOString()}`
  return {
    status,
    headers: { 'content-type': 'application/xml', 'x-ms-error-code': code, 'x-ms-request-id': requestId, ...headers },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  }
}

/** The object id in a token that lives. */
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

/** Azure's answer where Azurite's has another code. */
function correction({ headers }: IncomingMessage, authorization: string | undefined): Reply | undefined {
  const code = headers['x-ms-error-code']
  const wrongKey = code === 'InvalidAuthenticationInfo' && authorization?.startsWith('SharedKey ')
  if (code !== 'AuthorizationFailure' && !wrongKey) return undefined
  return storageError(
    403,
    'AuthenticationFailed',
    'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.',
  )
}
