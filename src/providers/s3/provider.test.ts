import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { AwsSpec } from '../../api/aws-connector.ts'
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

describe('the group of an AWS connector', () => {
  const { group } = createS3Provider({ now: () => new Date() })
  const auth = { accessKey: { secretName: 'keys' } }
  const cases: [name: string, aws: Partial<AwsSpec>, expected: string][] = [
    ['the hosts of its region', {}, 'aws s3.us-east-1.amazonaws.com sts.us-east-1.amazonaws.com'],
    [
      'the hosts of another region',
      { region: 'eu-west-1' },
      'aws s3.eu-west-1.amazonaws.com sts.eu-west-1.amazonaws.com',
    ],
    ['its endpoint, in one way of writing', { endpoint: 'https://MinIO:443' }, 'aws https://minio'],
    [
      'its endpoint and its STS',
      { endpoint: 'https://minio:9000', stsEndpoint: 'https://sts' },
      'aws https://minio:9000 https://sts',
    ],
    [
      'an STS elsewhere beside the region',
      { stsEndpoint: 'https://tarpit' },
      'aws s3.us-east-1.amazonaws.com https://tarpit',
    ],
    [
      'an interface endpoint of a VPC, and the STS of the region',
      { endpoint: 'https://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com' },
      'aws https://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com sts.us-east-1.amazonaws.com',
    ],
    ['an endpoint that is no URL, as it is written', { endpoint: 'https://minio:99999' }, 'aws https://minio:99999'],
    ['its namespace, where nothing is called', { region: 'cn-north-1', useFipsEndpoint: true }, 'aws nothing of ml'],
  ]
  for (const [name, aws, expected] of cases) {
    test(`the group of an AWS connector is ${name}`, () => {
      assert.equal(group({ aws: { auth, ...aws } }, 'ml'), expected)
    })
  }

  test('tenants who call the same endpoint share its group, those with another port, scheme or STS do not', () => {
    const shared = group({ aws: { auth, endpoint: 'https://minio:9000' } }, 'ml')
    assert.equal(group({ aws: { auth, endpoint: 'https://minio:9000' } }, 'evil'), shared)
    for (const aws of [
      { endpoint: 'https://minio:9001' },
      { endpoint: 'http://minio:9000' },
      { endpoint: 'https://minio:9000', stsEndpoint: 'https://tarpit' },
    ]) {
      assert.notEqual(group({ aws: { auth, ...aws } }, 'evil'), shared)
    }
  })
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
