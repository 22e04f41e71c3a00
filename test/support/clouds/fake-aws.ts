/** An HTTP server in place of S3 and STS, which answers as a test says and records the signature of each request. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AwsCall {
  /** `AssumeRole`, or `GET /bucket?list-type=2` without other parameters. */
  action: string
  /** The id of the key that signed; empty without a signature. */
  keyId: string
  /** The region that the signature is for. */
  region: string
  /** The time of the signature, as `20300101T000000Z`. */
  date: string
  /** The parameters of a request to STS. */
  parameters: Record<string, string>
  headers: IncomingHttpHeaders
}

export interface AwsReply {
  status: number
  body?: string
  headers?: Record<string, string>
}

export interface FakeAws {
  url: string
  /** `host:port` */
  host: string
  calls: AwsCall[]
  answer: (call: AwsCall) => AwsReply
  close(): Promise<void>
}

export async function startFakeAws(answer: FakeAws['answer']): Promise<FakeAws> {
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const url = new URL(request.url ?? '/', 'http://fake')
    const parameters = Object.fromEntries(new URLSearchParams(body.startsWith('Action=') ? body : ''))
    const [, keyId = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)/.exec(request.headers.authorization ?? '') ?? []
    const what = [...url.searchParams.keys()].filter(key => key !== 'x-id')
    const path = `${request.method} ${url.pathname}${what.length > 0 ? `?${what.join('&')}` : ''}`
    const call = {
      ...{ action: parameters['Action'] ?? path, keyId, region, parameters },
      date: `${request.headers['x-amz-date'] ?? ''}`,
      headers: request.headers,
    }
    fake.calls.push(call)
    const reply = fake.answer(call)
    response.writeHead(reply.status, { 'content-type': 'application/xml', ...reply.headers }).end(reply.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const fake: FakeAws = {
    url: `http://${host}`,
    host,
    calls: [],
    answer,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return fake
}

/** The answer of STS with a key whose id is `keyId`. */
export function stsCredentials(operation: string, keyId: string, expiresAt: Date, arn?: string): AwsReply {
  const key = `<AccessKeyId>${keyId}</AccessKeyId><SecretAccessKey>secret-of-${keyId}</SecretAccessKey><SessionToken>token-of-${keyId}</SessionToken>`
  const credentials = `<Credentials>${key}<Expiration>${expiresAt.toISOString()}</Expiration></Credentials>`
  const user = arn ? `<AssumedRoleUser><Arn>${arn}</Arn></AssumedRoleUser>` : ''
  return {
    status: 200,
    body: `<${operation}Response><${operation}Result>${credentials}${user}</${operation}Result></${operation}Response>`,
  }
}

export const callerIdentity = (arn: string): AwsReply => ({
  status: 200,
  body: `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${arn}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`,
})

export const stsError = (status: number, code: string, message = 'm'): AwsReply => ({
  status,
  body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
})

export const s3Error = (
  status: number,
  code: string,
  message = 'm',
  headers: Record<string, string> = {},
): AwsReply => ({
  ...{ status, headers },
  body: `<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
})
