/** Emulators of EKS Pod Identity's agent and EC2's metadata service, which give pods the keys of their own identity. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ServedKey {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  expiresAt: Date
}

export interface CredentialEndpoint {
  /** Variables that point the SDK to the endpoint. */
  environment: Record<string, string>
  /** The key that the endpoint gives; undefined while it is out of order. */
  key: ServedKey | undefined
  /** Requests so far, as `GET /path 200`. */
  requests: string[]
  close(): Promise<void>
}

/** Gives keys only to callers that show `token`, the token of the ServiceAccount, which the SDK finds in a file. */
export async function startPodIdentityAgent(token: string): Promise<CredentialEndpoint> {
  const dir = await mkdtemp(join(tmpdir(), 'pod-identity-'))
  const tokenFile = join(dir, 'token')
  await writeFile(tokenFile, token)
  const { url, endpoint } = await serve(({ method, url, headers }) => {
    if (method !== 'GET' || url !== '/v1/credentials') return [404]
    if (headers.authorization !== token) return [401]
    return endpoint.key ? [200, wire(endpoint.key)] : [500]
  })
  endpoint.environment = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
  }
  const { close } = endpoint
  endpoint.close = async () => {
    await close()
    await rm(dir, { recursive: true })
  }
  return endpoint
}

const ROLES = '/latest/meta-data/iam/security-credentials/'
const ROLE = 'node-role'
const MAX_TTL_SECONDS = 21_600

/** Speaks IMDSv2 only: it gives nothing without a token, and no token without a lifetime. */
export async function startMetadataService(): Promise<CredentialEndpoint> {
  const token = 'metadata-token'
  const { url, endpoint } = await serve(({ method, url, headers }) => {
    if (method === 'PUT' && url === '/latest/api/token') {
      const ttl = Number(headers['x-aws-ec2-metadata-token-ttl-seconds'])
      return ttl >= 1 && ttl <= MAX_TTL_SECONDS ? [200, token] : [400]
    }
    if (headers['x-aws-ec2-metadata-token'] !== token) return [401]
    if (method !== 'GET') return [405]
    if (url === ROLES) return [200, ROLE]
    if (url !== ROLES + ROLE) return [404]
    return endpoint.key ? [200, wire(endpoint.key)] : [500]
  })
  endpoint.environment = { AWS_EC2_METADATA_SERVICE_ENDPOINT: url }
  return endpoint
}

async function serve(
  handle: (request: IncomingMessage) => [status: number, body?: string],
): Promise<{ url: string; endpoint: CredentialEndpoint }> {
  const server = createServer((request, response) => {
    const [status, body = ''] = handle(request)
    endpoint.requests.push(`${request.method} ${request.url} ${status}`)
    response.writeHead(status).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint: CredentialEndpoint = {
    ...{ environment: {}, key: undefined, requests: [] },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, endpoint }
}

const wire = ({ accessKeyId, secretAccessKey, sessionToken, expiresAt }: ServedKey): string =>
  JSON.stringify({
    ...{ Code: 'Success', Type: 'AWS-HMAC', AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey },
    ...{ Token: sessionToken, Expiration: expiresAt.toISOString() },
  })
