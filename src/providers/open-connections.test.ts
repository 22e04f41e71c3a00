/** Bursts of calls open no more connections than calls run at once, and the next burst opens none. */
import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createCertificateAuthority } from '../../test/cluster/certificates.ts'
import { answerOfError as answerOfAzure } from './azure/answer.ts'
import { openBlob } from './azure/clients.ts'
import type { AzureIdentity } from './azure/identity.ts'
import { createEndpointGuard } from './network/endpoint-guard.ts'
import { Transports } from './network/transports.ts'
import { answerOfError as answerOfS3 } from './s3/answers/answer.ts'
import { openS3, openSts } from './s3/calls/clients.ts'
import type { S3Identity } from './s3/identity/identity.ts'

const none = new AbortController().signal
/** Calls that run at once. */
const LIMIT = 8

let connections = 0
/** Whether an answer to HEAD says how long that to GET is. Node closes the connection after one that does not. */
let saysLength = true
const answer: RequestListener = (request, response) => {
  request.resume()
  const length = request.method === 'HEAD' && saysLength ? { 'content-length': '7' } : {}
  response.writeHead(request.method === 'HEAD' ? 404 : 200, {
    ...length,
    'content-type': 'application/xml',
    'x-ms-request-id': 'r',
  })
  response.end(request.method === 'HEAD' ? undefined : '<Any><Blobs/></Any>')
}
const counted = () => connections++
const plain = createServer(answer).on('connection', counted)
let secure: ReturnType<typeof createSecureServer>
let caPem = ''

before(async () => {
  const authority = await createCertificateAuthority('test')
  const { certPem: cert, keyPem: key } = await authority.issueServer('server')
  caPem = authority.certPem
  secure = createSecureServer({ cert, key }, answer).on('secureConnection', counted)
  for (const server of [plain, secure]) {
    server.keepAliveTimeout = 60_000
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  }
})
after(() => {
  for (const server of [plain, secure]) {
    server.closeAllConnections()
    server.close()
  }
})

const urls = {
  http: () => `http://127.0.0.1:${(plain.address() as AddressInfo).port}`,
  https: () => `https://localhost:${(secure.address() as AddressInfo).port}`,
}

const who = { fingerprint: 'f', connector: 'ml/c', sessionDurationMs: 1, cautions: [] }

type Open = (transports: Transports, url: string) => (() => Promise<unknown>)[]

function s3Calls(transports: Transports, url: string): ReturnType<Open> {
  const endpoint = { url, host: new URL(url).host, field: 'spec.aws.endpoint' }
  const key = { accessKeyId: 'AKIA', secretAccessKey: 'hush' }
  const identity: S3Identity = {
    ...{ ...who, provider: 'aws', region: 'us-east-1', s3: endpoint, sts: endpoint, addressingStyle: 'path', caPem },
    auth: { kind: 'accessKey', secret: 'ml/c', temporary: false, key: () => key },
  }
  const { calls } = openS3(transports, identity, key)
  const sts = openSts(transports, identity, key).calls
  const at = { bucket: 'ml', key: 'k' }
  return [
    () => calls.headObject(at, none),
    () => calls.listObjects('ml', '', none),
    () => calls.createUpload(at, { type: 'None' }),
    () => sts.whoAmI(none),
  ]
}

function azureCalls(transports: Transports, url: string): ReturnType<Open> {
  const blob = { url: `${url}/acc`, host: new URL(url).host, field: 'spec.azure.endpoint' }
  const identity = {
    ...{ ...who, provider: 'azure', accountName: 'acc', blob, caPem },
    auth: { kind: 'accountKey', secret: 'ml/c', key: () => 'aHVzaA==' },
  } as unknown as AzureIdentity
  const { calls } = openBlob(transports, identity)
  return [() => calls.listBlobs('c', '', none), () => calls.getTags({ container: 'c', blob: 'k' }, none)]
}

/** Where a proxy is named, but used for no host. */
const BY_THE_SDK = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' }

describe('bursts of calls', () => {
  for (const [cloud, open, answerOf, proxyEnv] of [
    ['S3', s3Calls, answerOfS3, {}],
    ['S3 by the SDK', s3Calls, answerOfS3, BY_THE_SDK],
    ['Azure', azureCalls, answerOfAzure, {}],
  ] as const) {
    for (const [scheme, url] of Object.entries(urls)) {
      test(`open no more connections to ${cloud} over ${scheme} than calls run at once`, async () => {
        const network = { guard: createEndpointGuard(), proxyEnv }
        const transports = new Transports({ monotonic: () => performance.now(), answerOf, network, limit: LIMIT })
        connections = 0
        saysLength = proxyEnv === BY_THE_SDK
        const calls = open(transports, url())
        const one = async (index: number) => {
          for (let turn = 0; turn < 8; turn++) await calls[(index + turn) % calls.length]?.()
        }
        for (const atOnce of [1, 3, LIMIT, 2, LIMIT, 4 * LIMIT, 3]) {
          const before = connections
          await Promise.all(Array.from({ length: atOnce }, (_, index) => one(index)))
          const most = Math.max(before, Math.min(atOnce, LIMIT))
          assert.ok(connections <= most, `${connections} connections for ${atOnce} calls at once`)
        }
        transports.close()
      })
    }
  }
})
