import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { noResolver, resolverTo } from '../../../../test/support/resolver.ts'
import { createEndpointGuard, type Resolve } from '../../network/endpoint-guard.ts'
import { Transports } from '../../network/transports.ts'
import { answerOfError } from '../answers/answer.ts'
import type { S3Identity } from '../identity/identity.ts'
import { openS3, openSts } from './clients.ts'
import type { S3Calls } from './index.ts'
import type { Sts } from './sts.ts'

interface Reply {
  status: number
  body?: string
  headers?: Record<string, string>
}

const none = new AbortController().signal
const key = { accessKeyId: 'AKIA', secretAccessKey: 'hush', sessionToken: 'token' }
/** Where no proxy is used, but one is named: the SDK makes the calls itself. */
const BY_THE_SDK = { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' }

/** Headers that are about the connection, about the SDK's middlewares, or made of the time. */
const UNLIKE = new Set([
  ...['connection', 'authorization', 'amz-sdk-invocation-id', 'amz-sdk-request', 'x-amz-date', 'accept'],
])

let reply: Reply = { status: 200 }
let requests: object[] = []
const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const url = new URL(request.url ?? '', 'http://any')
  const headers = Object.entries(request.headers).filter(([name]) => !UNLIKE.has(name))
  requests.push({
    ...{ method: request.method, path: url.pathname, body },
    query: [...url.searchParams].sort(),
    headers: Object.fromEntries(headers.sort()),
    signedFor: /Credential=[^/]+\/\d+\/(\S+),/.exec(`${request.headers.authorization}`)?.[1],
  })
  response.writeHead(reply.status, { 'content-type': 'application/xml', ...reply.headers })
  response.end(request.method === 'HEAD' ? undefined : reply.body)
})
before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(() => server.close())

interface Both {
  s3: S3Calls
  sts: Sts
}

/** What a call asks, returns, and tells of regions. */
async function seen(proxyEnv: object, call: (calls: Both) => Promise<unknown>, where: Partial<S3Identity>) {
  const hosts = new Set<string>()
  const resolve: Resolve = (host, ...rest) => {
    hosts.add(host)
    return (host.endsWith('s3.example') ? resolverTo('127.0.0.1') : noResolver)(host, ...rest)
  }
  const guard = createEndpointGuard({ resolve })
  const network = { guard, proxyEnv: { ...proxyEnv } }
  const transports = new Transports({ monotonic: () => performance.now(), answerOf: answerOfError, network })
  const host = `s3.example:${(server.address() as AddressInfo).port}`
  const endpoint = { url: `http://${host}`, host, field: 'spec.aws.endpoint' }
  const identity: S3Identity = {
    ...{ provider: 'aws', fingerprint: 'f', connector: 'ml/c', sessionDurationMs: 1, cautions: [] },
    ...{ region: 'us-east-1', s3: endpoint, sts: endpoint, addressingStyle: 'path' },
    auth: { kind: 'accessKey', secret: 'ml/c', temporary: false, key: () => key },
    assumeRoles: [
      { roleArn: 'arn:aws:iam::1:role/r', externalId: "a b&c+d'(e)", tags: { team: 'data', stage: 'x y' } },
    ],
  }
  const asked = { ...identity, ...where }
  const elsewhere: string[] = []
  const s3 = openS3(transports, asked, key, (bucket, region) => elsewhere.push(`${bucket} ${region}`)).calls
  const sts = openSts(transports, asked, key).calls
  requests = []
  try {
    return { value: await call({ s3, sts }), requests, elsewhere, hosts }
  } finally {
    transports.close()
  }
}

async function same(call: (calls: Both) => Promise<unknown>, where: Partial<S3Identity> = {}) {
  const [short, bySdk] = [await seen({}, call, where), await seen(BY_THE_SDK, call, where)]
  assert.deepEqual(short, bySdk)
  return short
}

const at = { bucket: 'data', key: "a b/c+d=@:,'(e)/ü" }
const KMS = { type: 'SSE-KMS' as const, kmsKeyId: 'arn:aws:kms:eu-west-1:1:key/k' }
const assumption = { sessionName: 's', durationMs: 3_600_000, policy: '{"Statement": "ü&=+"}' }
const web = {
  ...{ kind: 'webIdentity' as const, roleArn: 'arn:aws:iam::1:role/r', audience: 'a', subject: 's' },
  token: async () => 'jwt',
}

const calls: [name: string, call: (calls: Both) => Promise<unknown>][] = [
  ['HeadBucket', ({ s3 }) => s3.headBucket('data', '123456789012', none)],
  ['ListObjectsV2 of one', ({ s3 }) => s3.listObjects('data', "a b/'(c)*", none)],
  ['ListObjectsV2', ({ s3 }) => s3.objectPage('data', 'a b/', 'a b/ü+', none)],
  ['HeadObject', ({ s3 }) => s3.headObject(at, none)],
  ['GetBucketVersioning', ({ s3 }) => s3.versioning('data', none)],
  ['ListObjectVersions', ({ s3 }) => s3.listVersions(at, none)],
  ['ListMultipartUploads', ({ s3 }) => s3.listUploads(at, none)],
  ['CreateMultipartUpload', ({ s3 }) => s3.createUpload(at, KMS)],
  ['AbortMultipartUpload', ({ s3 }) => s3.abortUpload(at, 'a/b+c=', none)],
  ['PutObject', ({ s3 }) => s3.putObject(at, { type: 'SSE-S3' })],
  ['DeleteObject', ({ s3 }) => s3.deleteObject(at, { ifMatch: '"etag"' })],
  ['DeleteObject of a version', ({ s3 }) => s3.deleteVersion(at, 'v+1', none)],
  ['GetBucketLocation', ({ s3 }) => s3.location('data', none)],
  ['HeadObject of a version', ({ s3 }) => s3.headVersion(at, 'null', none)],
  ['ListParts', ({ s3 }) => s3.listParts(at, 'u', none)],
  ['GetObjectAcl', ({ s3 }) => s3.getAcl(at, 'v', none)],
  ['PutObjectAcl', ({ s3 }) => s3.putAcl(at, undefined, none)],
  ['GetCallerIdentity', ({ sts }) => sts.whoAmI(none)],
  ['AssumeRole', ({ sts }) => sts.assumeRole(0, assumption, none)],
  ['AssumeRoleWithWebIdentity', ({ sts }) => sts.withWebIdentity(web, assumption, none)],
  ['GetFederationToken', ({ sts }) => sts.federationToken(assumption, none)],
  ['GetSessionToken', ({ sts }) => sts.sessionToken(900_000, none)],
]

const list = (content: string) =>
  `<?xml version="1.0"?>\n<Any xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</Any>`
const error = (code: string, more = '') => `<Error><Code>${code}</Code><Message>m &amp; m</Message>${more}</Error>`
const stsError = (code: string) => `<ErrorResponse>${error(code)}<RequestId>r</RequestId></ErrorResponse>`
const stsValue = (operation: string) =>
  `<R><${operation}Result><Arn>arn:aws:iam::1:user/u</Arn><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials></${operation}Result></R>`

const replies: [name: string, reply: Reply][] = [
  ['an empty success', { status: 200 }],
  ['a success without a body', { status: 204 }],
  [
    'objects, versions and uploads',
    {
      status: 200,
      body: list(
        `<IsTruncated>true</IsTruncated><EncodingType>url</EncodingType><Contents><Key>a+b%2Fc</Key><Size>7</Size></Contents><Version><Key>${at.key}</Key><VersionId>v</VersionId></Version><DeleteMarker><Key>${at.key}</Key><VersionId>d</VersionId></DeleteMarker><Upload><Key>${at.key}</Key><UploadId>u</UploadId></Upload><UploadId>u</UploadId><Status>Enabled</Status>`,
      ),
      headers: { 'x-amz-version-id': 'v', 'x-amz-delete-marker': 'true', 'x-amz-server-side-encryption': 'aws:kms' },
    },
  ],
  ['a denial', { status: 403, body: error('AccessDenied') }],
  ['a denial of STS', { status: 403, body: stsError('AccessDenied') }],
  ['a refused signature', { status: 403, body: error('SignatureDoesNotMatch') }],
  ['an absent object', { status: 404, body: error('NoSuchKey') }],
  [
    'an absent page',
    { status: 404, body: '<html><title>404</title></html>', headers: { 'content-type': 'text/html' } },
  ],
  ['a missing call', { status: 501, body: error('NotImplemented') }],
  ['a bucket elsewhere', { status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1', location: 'http://a/' } }],
  ['a region in words', { status: 400, body: error('AuthorizationHeaderMalformed', '<Region>eu-west-1</Region>') }],
  ['a refusal in JSON', { status: 400, body: '{"Code": "Odd"}', headers: { 'content-type': 'application/json' } }],
  ['a refusal in words', { status: 400, body: 'Client sent an HTTP request to an HTTPS server.' }],
  ['a refusal with entities', { status: 400, body: '<!DOCTYPE a [<!ENTITY b "c">]><Error><Code>&b;</Code></Error>' }],
  ['half of a refusal', { status: 400, body: '<Error><Code>AccessDenied</Code><Mess' }],
  [
    'a web page',
    { status: 200, body: '<html><body/></html>', headers: { 'content-type': 'text/html; charset=utf-8' } },
  ],
  ['a broken page', { status: 200, body: '<html><br><body>' }],
  ['text', { status: 200, body: 'hello' }],
  ['another document', { status: 200, body: '<feed><Contents/></feed>' }],
  ['a success that ends as an error', { status: 200, body: error('InternalError') }],
  ['an answer of a cache', { status: 200, headers: { age: '10000', date: new Date(0).toUTCString() } }],
]

describe('the short way of calls and that of the SDK', () => {
  for (const [name, call] of calls) {
    test(`ask the same with ${name}`, async () => {
      reply = { status: 200, body: stsValue(name) }
      const { requests } = await same(call)
      assert.equal(requests.length, 1)
    })

    test(`return the same of all answers to ${name}`, async () => {
      for (const [, each] of replies) {
        reply = each
        await same(call)
      }
    })
  }

  test('tell of the same regions', async () => {
    reply = { status: 301, headers: { 'x-amz-bucket-region': 'eu-west-1' } }
    const { elsewhere } = await same(({ s3 }) => s3.headObject(at, none))
    assert.deepEqual(elsewhere, ['data eu-west-1'])
  })

  for (const [name, far] of [
    ['a date', { status: 403, headers: { date: 'Sat, 13 Sep 275760 00:00:00 GMT' } }],
    [
      'a time',
      { status: 403, body: error('RequestTimeTooSkewed', '<ServerTime>+275760-09-13T00:00:00Z</ServerTime>') },
    ],
  ] as const) {
    test(`go on after an answer with ${name} that no signature can have`, async () => {
      for (const proxyEnv of [{}, BY_THE_SDK]) {
        const asked = async ({ s3 }: Both) => {
          reply = far
          // The first is always sent by the SDK.
          await s3.lifecycle('data', none)
          await s3.versioning('data', none)
          reply = { status: 404 }
          return (await s3.versioning('data', none)).status
        }
        assert.equal((await seen(proxyEnv, asked, {})).value, 404)
      }
    })
  }

  test('refuse the same names of buckets', async () => {
    for (const bucket of ['a/b', 'arn:aws:s3:::x', '']) {
      await same(async ({ s3 }) => s3.headObject({ bucket, key: 'k' }, none).catch(error => `${error.name}`))
    }
  })

  test('name the same host of a bucket', async () => {
    const { requests } = await same(({ s3 }) => s3.headObject(at, none), {
      addressingStyle: 'virtual',
    })
    assert.match(JSON.stringify(requests), /"host":"data\.s3\.example:/)
  })

  const variants: Partial<S3Identity>[] = [
    {},
    { useFipsEndpoint: true },
    { useDualstackEndpoint: true },
    { useFipsEndpoint: true, useDualstackEndpoint: true },
  ]
  for (const region of ['us-east-1', 'us-gov-west-1', 'cn-north-1']) {
    test(`call the same hosts of AWS in ${region}`, async () => {
      const aws = { host: 'aws', field: 'spec.aws.region' }
      for (const variant of variants) {
        for (const addressingStyle of ['path', 'virtual'] as const) {
          const where = { ...variant, ...{ region, addressingStyle, s3: aws, sts: aws } }
          for (const bucket of ['data', 'data.x']) {
            await same(({ s3 }) => s3.headObject({ bucket, key: 'k' }, none).catch(error => `${error}`), where)
          }
          await same(({ sts }) => sts.whoAmI(none).catch(error => `${error}`), where)
        }
      }
    })
  }
})
