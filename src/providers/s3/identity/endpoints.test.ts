import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { S3Client } from '@aws-sdk/client-s3'
import { STSClient } from '@aws-sdk/client-sts'
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { isFailure } from '../../../api/failures.ts'
import { type Endpoints, endpoints, inOtherRegion, isAwsEndpoint, type Surroundings } from './endpoints.ts'

type Change = Partial<AwsSpec>

const resolve = (change: Change, region: string, environment: Surroundings['environment'] = {}) =>
  endpoints({ auth: { implicit: {} }, ...change }, region, { environment })

function resolved(...given: Parameters<typeof resolve>): Endpoints {
  const result = resolve(...given)
  assert.ok(!isFailure(result), JSON.stringify(result))
  return result
}

const REGIONS = [
  'us-east-1',
  'eu-west-1',
  'cn-north-1',
  'us-gov-west-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
  'eusc-de-east-1',
]

describe('hosts are those that the SDK calls', () => {
  const [s3, sts] = [new S3Client({ region: 'us-east-1' }), new STSClient({ region: 'us-east-1' })]
  const bools = [false, true]
  for (const Region of REGIONS) {
    test(`the hosts of S3 and STS in ${Region} are those that the SDK calls`, () => {
      for (const [UseDualStack, UseFIPS] of bools.flatMap(a => bools.map(b => [a, b] as const))) {
        if (UseFIPS && Region.startsWith('cn-')) continue
        const found = resolved({ useDualstackEndpoint: UseDualStack, useFipsEndpoint: UseFIPS }, Region)
        const parameters = { Region, UseDualStack, UseFIPS }
        const names = `dual-stack ${UseDualStack}, FIPS ${UseFIPS}`
        assert.equal(
          found.s3.host,
          s3.config.endpointProvider({ ...parameters, Bucket: undefined as never }).url.host,
          names,
        )
        assert.equal(
          found.sts.host,
          sts.config.endpointProvider({ ...parameters, UseGlobalEndpoint: false }).url.host,
          names,
        )
      }
    })
  }
})

describe('the field that decides', () => {
  const cases: [name: string, change: Change, environment: Record<string, string>, s3: string, sts: string][] = [
    ['the region', {}, {}, 's3.eu-west-1.amazonaws.com spec.aws.region', 'sts.eu-west-1.amazonaws.com spec.aws.region'],
    [
      'the kind FIPS, which few regions have',
      { useFipsEndpoint: true },
      {},
      's3-fips.eu-west-1.amazonaws.com spec.aws.useFipsEndpoint',
      'sts-fips.eu-west-1.amazonaws.com spec.aws.useFipsEndpoint',
    ],
    [
      'an interface endpoint of a VPC, which is for S3 only',
      { endpoint: 'https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com' },
      {},
      'bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com spec.aws.endpoint',
      'sts.eu-west-1.amazonaws.com spec.aws.region',
    ],
    [
      'the endpoint of the connector, for STS too',
      { endpoint: 'https://minio:9000' },
      { AWS_ENDPOINT_URL: 'http://elsewhere', AWS_USE_FIPS_ENDPOINT: 'true' },
      'minio:9000 spec.aws.endpoint',
      'minio:9000 spec.aws.endpoint',
    ],
    [
      'the STS endpoint of the connector',
      { stsEndpoint: 'https://sts.example' },
      {},
      's3.eu-west-1.amazonaws.com spec.aws.region',
      'sts.example spec.aws.stsEndpoint',
    ],
    [
      'the operator’s environment',
      {},
      { AWS_ENDPOINT_URL: 'http://localhost:4566' },
      'localhost:4566 AWS_ENDPOINT_URL',
      'localhost:4566 AWS_ENDPOINT_URL',
    ],
    [
      'the operator’s environment, for each service',
      {},
      { AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_ENDPOINT_URL_STS: 'http://sts:1/path' },
      'localhost:4566 AWS_ENDPOINT_URL',
      'sts:1 AWS_ENDPOINT_URL_STS',
    ],
    [
      'the region, where the operator’s environment is to be ignored',
      {},
      { AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
      's3.eu-west-1.amazonaws.com spec.aws.region',
      'sts.eu-west-1.amazonaws.com spec.aws.region',
    ],
  ]
  for (const [name, change, environment, s3, sts] of cases) {
    test(`an endpoint names what decides it: ${name}`, () => {
      const found = resolved(change, 'eu-west-1', environment)
      assert.deepEqual([`${found.s3.host} ${found.s3.field}`, `${found.sts.host} ${found.sts.field}`], [s3, sts])
    })
  }

  test('AWS stays AWS when the environment replaces its endpoint', () => {
    assert.equal(resolved({}, 'eu-west-1', { AWS_ENDPOINT_URL_S3: 'http://localhost:4566' }).s3.url, undefined)
  })

  test('kinds of endpoints that the spec leaves open are as the environment says', () => {
    const environment = { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' }
    const hosts = [{}, { useFipsEndpoint: false }].map(change => resolved(change, 'us-east-2', environment).s3.host)
    assert.deepEqual(hosts, ['s3-fips.dualstack.us-east-2.amazonaws.com', 's3.dualstack.us-east-2.amazonaws.com'])
  })
})

describe('endpoints that can’t be', () => {
  const cases: [name: string, change: Change, environment: Record<string, string>, message: RegExp][] = [
    [
      'FIPS where the environment names an endpoint',
      { useFipsEndpoint: true },
      { AWS_ENDPOINT_URL_STS: 'http://localhost:4566' },
      /^spec\.aws\.useFipsEndpoint: the operator runs with AWS_ENDPOINT_URL_STS.*remove one of them$/,
    ],
    [
      'dual-stack where the environment names an endpoint',
      { useDualstackEndpoint: true },
      { AWS_ENDPOINT_URL: 'http://localhost:4566' },
      /^spec\.aws\.useDualstackEndpoint: the operator runs with AWS_ENDPOINT_URL,/,
    ],
  ]
  for (const [name, change, environment, message] of cases) {
    test(`endpoints that do not exist are refused: ${name}`, () => {
      const result = resolve(change, 'eu-west-1', environment)
      assert.ok(isFailure(result))
      assert.deepEqual([result.intent, result.reason], ['stalled', 'EndpointUnavailable'])
      assert.match(result.message, message)
    })
  }

  test('an endpoint that an administrator refuses is refused, with its field', () => {
    const guard = { refusedEndpoint: (url: string) => (url.includes('10.') ? 'a private address' : undefined) }
    const spec = { auth: { implicit: {} }, endpoint: 'https://s3.example', stsEndpoint: 'https://10.0.0.1' }
    const result = endpoints(spec, 'eu-west-1', { guard })
    assert.ok(isFailure(result))
    assert.equal(result.message, 'spec.aws.stsEndpoint: a private address: use the address of an S3 service')
  })
})

describe('S3 in another region', () => {
  const cases: [name: string, change: Change, environment: Record<string, string>, host: string][] = [
    ['on AWS', {}, {}, 's3.ap-south-1.amazonaws.com'],
    ['with FIPS', { useFipsEndpoint: true }, {}, 's3-fips.ap-south-1.amazonaws.com'],
    ['another service keeps its own', { endpoint: 'https://minio:9000' }, {}, 'minio:9000'],
    ['the one of the environment is kept', {}, { AWS_ENDPOINT_URL: 'http://localhost:4566' }, 'localhost:4566'],
  ]
  for (const [name, change, environment, host] of cases) {
    test(`S3 in another region has an endpoint there: ${name}`, () => {
      const { s3, ...variants } = resolved(change, 'us-east-1', environment)
      assert.equal(inOtherRegion(s3, 'ap-south-1', variants).host, host)
    })
  }
})

describe('whose service an endpoint is', () => {
  const cases: [url: string | undefined, aws: boolean][] = [
    [undefined, true],
    ['https://bucket.vpce-1a2b.s3.eu-west-1.vpce.amazonaws.com', true],
    ['https://s3.cn-north-1.amazonaws.com.cn', true],
    ['https://s3.dualstack.eu-west-1.api.aws:443', true],
    ['https://s3.eusc-de-east-1.amazonaws.eu', true],
    ['https://s3.us-iso-east-1.c2s.ic.gov', true],
    ['https://s3-eu-west-1.amazonaws.com', true],
    ['https://s3-accelerate.amazonaws.com', true],
    ['https://minio.example.com:9000', false],
    ['http://ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:9000', false],
    ['https://amazonaws.com.example.org', false],
    ['https://notamazonaws.com', false],
  ]
  for (const [url, aws] of cases) {
    test(`an endpoint with the URL ${url} is ${aws ? '' : 'not '}of AWS`, () => {
      assert.equal(isAwsEndpoint(url ? { url } : {}), aws)
    })
  }
})
