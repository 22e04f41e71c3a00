/**
 * An S3 service that proves keys well, so that its connectors become Ready, and answers all else with 7 MiB. At the
 * bucket `usage` it also takes probes well, so that its stores become Ready and their objects are counted.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fakeBucket } from '../../src/providers/lab.contract.ts'
import { startFakeS3 } from '../support/clouds/fake-s3.ts'

const ANSWER_BYTES = 7 * 2 ** 20
const CHUNK = Buffer.alloc(64 * 1024, '<Key>k</Key>')

export interface FireHose {
  endpoint: string
  /** How many answers of 7 MiB each kind of request has got: `GET /` lists buckets, `GET /usage` objects. */
  answers: Map<string, number>
  close(): Promise<void>
}

export async function startFireHose(): Promise<FireHose> {
  const service = await startFakeS3()
  for (const bucket of ['hose', 'usage']) service.buckets.set(bucket, fakeBucket())
  const answers: FireHose['answers'] = new Map()
  const proven = new Set<string>()

  function isWell({ method, url = '/', headers }: IncomingMessage): boolean {
    const { pathname, searchParams } = new URL(url, 'http://hose')
    if (method === 'POST' && pathname === '/') return true // STS
    const isList = searchParams.has('list-type') && searchParams.get('max-keys') !== '1'
    if (pathname.split('/')[1] === 'usage') return !isList
    // The first list of buckets of a key is its proof, and the others are for spec.resources.
    const key = /Credential=(\w{1,64})/.exec(headers.authorization ?? '')?.[1] ?? ''
    const isProof = method === 'GET' && pathname === '/' && !proven.has(key)
    if (isProof) proven.add(key)
    return isProof
  }

  const server = createServer((request, response) => {
    if (isWell(request)) return pass(service.url, request, response)
    const [bucket = '', ...key] = new URL(request.url ?? '/', 'http://hose').pathname.split('/').filter(Boolean)
    const kind = `${request.method} /${bucket}${key.length > 0 ? '/key' : ''}`
    answers.set(kind, (answers.get(kind) ?? 0) + 1)
    request.resume()
    flood(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    async close() {
      server.closeAllConnections()
      server.close()
      await service.close()
    },
  }
}

function pass(service: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request
  const passed = send(new URL(request.url ?? '/', service), { method: method ?? 'GET', headers }, answer => {
    response.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(response)
  })
  passed.on('error', () => response.destroy())
  request.pipe(passed)
}

function flood(response: ServerResponse): void {
  let left = ANSWER_BYTES
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= CHUNK.length
      if (!response.write(CHUNK)) return
    }
    response.end()
  }
  response
    .writeHead(200, { 'content-type': 'application/xml' })
    .on('drain', more)
    .on('error', () => undefined)
  more()
}
