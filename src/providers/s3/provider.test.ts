import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { isFailure } from '../../api/failures.ts'
import { createS3Provider } from './provider.ts'

const ARN = 'arn:aws:iam::1:user/ml'
const CALLER = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${ARN}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`
const error = (code: string) => `<ErrorResponse><Error><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`

describe('who a key of an S3-compatible service is', () => {
  const provider = createS3Provider({ now: () => new Date() })
  let caller: [status: number, body: string]
  const server = createServer((request, response) => {
    const [status, body] = request.method === 'POST' ? caller : [200, '<ListAllMyBucketsResult/>']
    response.writeHead(status, { 'content-type': 'application/xml' }).end(body)
  })
  before(() => new Promise<void>(listening => server.listen(0, '127.0.0.1', listening)))
  after(() => {
    provider.close()
    server.close()
  })

  const cases: [name: string, answer: typeof caller, expected: string][] = [
    ['as the service says', [200, CALLER], ARN],
    ['the key where GetCallerIdentity is unknown', [400, error('InvalidAction')], 'the key of Secret "ml/keys"'],
    [
      'the key where GetCallerIdentity is not implemented',
      [501, error('NotImplemented')],
      'the key of Secret "ml/keys"',
    ],
    ['the key where nothing answers such calls', [405, '<html></html>'], 'the key of Secret "ml/keys"'],
    ['not known while the service fails', [503, error('InternalFailure')], 'ServiceUnavailable'],
  ]
  for (const [name, answer, expected] of cases) {
    test(`the caller at an S3-compatible service is ${name}`, async () => {
      caller = answer
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const identity = provider.identity(
        { aws: { endpoint, auth: { accessKey: { secretName: 'keys' } } } },
        {
          connector: { namespace: 'ml', name: 'c', uid: 'u' },
          value: ({ key }) => (key.includes('session') ? undefined : 'hush'),
        },
      )
      assert.ok(!isFailure(identity))
      const session = await provider.open(identity, AbortSignal.timeout(10_000))
      assert.equal(isFailure(session) ? session.reason : session.principal, expected)
      if (!isFailure(session)) session.close()
    })
  }
})

describe('a web identity token', () => {
  const cases: [name: string, code: string, refused: string[]][] = [
    ['that has expired is given back', 'ExpiredTokenException', ['a-token']],
    ['of an account that the role does not trust is kept', 'AccessDenied', []],
  ]
  for (const [name, code, expected] of cases) {
    test(`a web identity token ${name}`, async () => {
      const provider = createS3Provider({ now: () => new Date() })
      const server = createServer((_request, response) =>
        response.writeHead(400, { 'content-type': 'text/xml' }).end(error(code)),
      )
      await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const refused: string[] = []
      const roleArn = 'arn:aws:iam::1:role/ml'
      const identity = provider.identity(
        { aws: { endpoint, auth: { webIdentity: { serviceAccountName: 'pipelines', roleArn } } } },
        {
          connector: { namespace: 'ml', name: 'c', uid: 'u' },
          value: () => undefined,
          serviceAccount: {
            name: 'pipelines',
            annotations: {},
            token: async () => 'a-token',
            refused: token => refused.push(token),
          },
        },
      )
      assert.ok(!isFailure(identity))
      assert.ok(isFailure(await provider.open(identity, AbortSignal.timeout(10_000))))
      assert.deepEqual(refused, expected)
      provider.close()
      server.close()
    })
  }
})
