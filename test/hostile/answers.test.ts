/** Endpoints that answer with more than any service does: nothing is read beyond a bound, and status says why. */
import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { answerOfError as azureAnswer, ask as azureAsk } from '../../src/providers/azure/answer.ts'
import { openBlob } from '../../src/providers/azure/clients.ts'
import { requestToken } from '../../src/providers/azure/credentials.ts'
import { createSend } from '../../src/providers/azure/http.ts'
import type { AzureIdentity } from '../../src/providers/azure/identity.ts'
import type { Answer } from '../../src/providers/network/answer.ts'
import { AnswerBudget } from '../../src/providers/network/answer-budget.ts'
import { connectionFailure } from '../../src/providers/network/connection-failures.ts'
import { createEndpointGuard } from '../../src/providers/network/endpoint-guard.ts'
import { Transports } from '../../src/providers/network/transports.ts'
import { answerOfError as s3Answer } from '../../src/providers/s3/answers/answer.ts'
import { openS3, openSts } from '../../src/providers/s3/calls/clients.ts'
import type { S3Identity } from '../../src/providers/s3/identity/identity.ts'

const none = new AbortController().signal
const KIB = 1024
const SMALL = 64 * KIB
const LARGE = 2 * KIB * KIB
/** What connections and streams take beside what is read. */
const SLACK = 6 * KIB * KIB

let status = 200
let size = 0
let sent = 0
let contentType = 'application/xml'
/** Answers each request with a body of `size` bytes, and counts what the other side takes. */
const server = createServer(async (request, response) => {
  for await (const _ of request) {
  }
  sent = 0
  response.writeHead(status, { 'content-type': contentType, 'x-ms-request-id': 'r' })
  await fill(response)
})

async function fill(response: ServerResponse): Promise<void> {
  const chunk = Buffer.alloc(16 * KIB, '<Key>k</Key>')
  response.setMaxListeners(0).on('error', () => undefined)
  response.write('<Any>')
  while (sent < size && !response.destroyed) {
    sent += chunk.length
    if (!response.write(chunk)) {
      await new Promise<void>(resolve => {
        response.once('drain', resolve)
        response.once('close', resolve)
      })
    }
  }
  response.end('</Any>')
}

let base = ''
before(async () => {
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

function open() {
  const budget = new AnswerBudget()
  const network = { guard: createEndpointGuard(), proxyEnv: {}, budget }
  const common = { monotonic: () => performance.now(), network }
  const s3 = new Transports({ ...common, answerOf: s3Answer })
  const azure = new Transports({ ...common, answerOf: azureAnswer })
  const host = new URL(base).host
  const endpoint = { url: base, host, field: 'spec.aws.endpoint' }
  const key = { accessKeyId: 'AKIA', secretAccessKey: 'hush' }
  const who = { fingerprint: 'f', connector: 'ml/c', sessionDurationMs: 1, cautions: [] }
  const aws: S3Identity = {
    ...{ ...who, provider: 'aws', region: 'us-east-1', s3: endpoint, sts: endpoint, addressingStyle: 'path' },
    auth: { kind: 'accessKey', secret: 'ml/c', temporary: false, key: () => key },
  }
  const blob = {
    ...{ ...who, provider: 'azure', accountName: 'acc' },
    blob: { url: `${base}/acc`, host, field: 'spec.azure.endpoint' },
    auth: { kind: 'accountKey', secret: 'ml/c', key: () => 'aHVzaA==' },
  } as unknown as AzureIdentity
  const entra = azure.acquire({ endpoint: base })
  return {
    budget,
    s3: openS3(s3, aws, key).calls,
    sts: openSts(s3, aws, key).calls,
    blob: openBlob(azure, blob).calls,
    token: () => {
      const auth = {
        kind: 'servicePrincipal',
        tenantId: 't',
        clientId: 'c',
        secret: 'ml/c',
        clientSecret: () => 'hush',
      }
      const authorityHost = 'https://login.test'
      const applicant = { auth: auth as never, authorityHost }
      const http = createSend(entra.agents, base, entra.answers)
      // The library takes no authority without TLS.
      const send: typeof http = request => http({ ...request, url: request.url.replace(authorityHost, base) })
      return azureAsk(entra.gate, 'GetToken', none, signal => requestToken(applicant, send, signal))
    },
    close() {
      s3.close()
      azure.close()
    },
  }
}

type Lab = ReturnType<typeof open>
const at = { bucket: 'b', key: 'k' }
const target = { container: 'c', blob: 'k' }

const calls: [operation: string, bound: number, call: (lab: Lab) => Promise<unknown>][] = [
  ['GetCallerIdentity', SMALL, ({ sts }) => sts.whoAmI(none)],
  ['ListObjectsV2', SMALL, ({ s3 }) => s3.listObjects('b', '', none)],
  ['GetBucketVersioning', SMALL, ({ s3 }) => s3.versioning('b', none)],
  ['ListMultipartUploads', SMALL, ({ s3 }) => s3.listUploads(at, none)],
  ['GetBucketLocation', SMALL, ({ s3 }) => s3.location('b', none)],
  ['GetObjectAcl', SMALL, ({ s3 }) => s3.getAcl(at, undefined, none)],
  ['CreateMultipartUpload', SMALL, ({ s3 }) => s3.createUpload(at, { type: 'None' })],
  ['ListBuckets', LARGE, ({ s3 }) => s3.listBuckets(none)],
  ['ListObjectsV2', LARGE, ({ s3 }) => s3.objectPage('b', '', undefined, none)],
  ['GetBucketLifecycleConfiguration', LARGE, ({ s3 }) => s3.lifecycle('b', none)],
  ['GetUserDelegationKey', SMALL, ({ blob }) => blob.delegationKey(new Date(), new Date())],
  ['ListBlobs', SMALL, ({ blob }) => blob.listBlobs('c', '', none)],
  ['GetBlobTags', SMALL, ({ blob }) => blob.getTags(target, none)],
  ['ListContainers', LARGE, ({ blob }) => blob.containerPage(undefined, none)],
  ['ListBlobs', LARGE, ({ blob }) => blob.blobPage('c', '', undefined, none)],
  ['GetToken', SMALL, lab => lab.token()],
]

describe('an answer of 64 MiB', () => {
  for (const [operation, bound, call] of calls) {
    const words = bound === SMALL ? '64 KiB' : '2 MiB'
    test(`to ${operation} is read to ${words}, and the Failure says so`, async () => {
      const lab = open()
      size = 64 * KIB * KIB
      status = 200
      contentType = operation === 'GetToken' ? 'application/json' : 'application/xml'
      const answer = (await call(lab)) as Answer
      assert.deepEqual(answer, { status: 0, code: 'AnswerTooLarge', message: `${operation} with more than ${words}` })
      assert.ok(sent <= bound + SLACK, `${sent} bytes were taken`)
      assert.equal(lab.budget.inFlight, 0, 'all memory is given back')
      const failure = connectionFailure(answer, { host: 'h:1', field: 'spec.f' }, { what: 'a service', caField: '' })
      assert.deepEqual([failure.intent, failure.reason], ['stalled', 'AnswerTooLarge'])
      assert.equal(
        failure.message,
        `h:1 (spec.f) answered ${operation} with more than ${words}, which a service does not: check the address and the port`,
      )
      lab.close()
    })
  }

  for (const [operation, , call] of calls) {
    test(`that refuses ${operation} is read to 64 KiB`, async () => {
      const lab = open()
      size = 64 * KIB * KIB
      status = 403
      contentType = operation === 'GetToken' ? 'application/json' : 'application/xml'
      const answer = (await call(lab)) as Answer
      assert.equal(answer.message, `${operation} with more than 64 KiB`)
      assert.ok(sent <= SMALL + SLACK, `${sent} bytes were taken`)
      lab.close()
    })
  }
})
