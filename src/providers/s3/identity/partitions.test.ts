import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AwsSpec } from '../../../api/aws-connector.ts'
import { isFailure } from '../../../api/failures.ts'
import { identity, isAws } from './identity.ts'

const VALUES: Record<string, string> = { aws_access_key_id: 'AKIA1', aws_secret_access_key: 'hush-hush' }
const KEY: AwsSpec['auth'] = { accessKey: { secretName: 'keys' } }
const webIdentity = (roleArn: string): AwsSpec['auth'] => ({
  webIdentity: { serviceAccountName: 'pipelines', roleArn },
})
const identityOf = (aws: Partial<AwsSpec>, values = VALUES) =>
  identity(
    { aws: { auth: KEY, ...aws } },
    {
      connector: { namespace: 'ml', name: 'c', uid: 'u' },
      value: ({ key }) => values[key],
      serviceAccount: { name: 'pipelines', annotations: {}, token: async () => 'a.b.c' },
    },
  )

describe('an endpoint of AWS is AWS, in its region and partition', () => {
  const cases: [endpoint: string | undefined, aws: boolean, region: string, sts: string][] = [
    [undefined, true, 'us-east-1', 'sts.us-east-1.amazonaws.com'],
    ['https://s3.eusc-de-east-1.amazonaws.eu', true, 'eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
    ['https://s3.cn-north-1.amazonaws.com.cn', true, 'cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ['https://bucket.vpce-x.s3.eu-west-1.vpce.amazonaws.com', true, 'eu-west-1', 'sts.eu-west-1.amazonaws.com'],
    ['https://s3.amazonaws.com', true, 'us-east-1', 'sts.us-east-1.amazonaws.com'],
    [
      'http://ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:9000',
      false,
      'us-east-1',
      'ec2-1-2-3-4.eu-west-1.compute.amazonaws.com:9000',
    ],
    ['https://minio:9000', false, 'us-east-1', 'minio:9000'],
  ]
  for (const [endpoint, aws, region, sts] of cases) {
    test(`${endpoint ?? 'without one'}`, () => {
      const made = identityOf(endpoint ? { endpoint } : {})
      assert.ok(!isFailure(made))
      assert.deepEqual([isAws(made), made.region, made.sts.host], [aws, region, sts])
    })
  }

  test('a key at an interface endpoint of a VPC makes credentials as it does at AWS', () => {
    const made = identityOf({ endpoint: 'https://bucket.vpce-x.s3.eu-west-1.vpce.amazonaws.com', issue: 'AssumeRole' })
    assert.equal(isFailure(made) && made.reason, 'RoleNotSet')
  })
})

describe('a role of another partition than the region is refused before any call', () => {
  const CN = 'arn:aws-cn:iam::123456789012:role/ml'
  const GOV = 'arn:aws-us-gov:iam::123456789012:role/ml'
  const cases: [name: string, aws: Partial<AwsSpec>, message?: RegExp][] = [
    [
      'of China, without region',
      { auth: webIdentity(CN) },
      /^spec\.aws\.auth\.webIdentity: the role .* is of aws-cn, and region "us-east-1" of aws: set spec\.aws\.region to a region of aws-cn/,
    ],
    ['of GovCloud, in a chain', { assumeRoles: [{ roleArn: GOV }] }, /^spec\.aws\.assumeRoles\[0\]: .*aws-us-gov/],
    [
      'of the commercial partition, in China',
      { region: 'cn-north-1', assumeRoles: [{ roleArn: 'arn:aws:iam::1:role/x' }] },
      /of aws, and region "cn-north-1" of aws-cn/,
    ],
    ['of China, in China', { region: 'cn-north-1', auth: webIdentity(CN) }],
    [
      'of China, at an endpoint of China',
      { endpoint: 'https://s3.cn-north-1.amazonaws.com.cn', auth: webIdentity(CN) },
    ],
    ['of another service', { assumeRoles: [{ roleArn: 'arn:minio:iam:::role/x' }] }],
    ['of any name, at another service', { endpoint: 'https://minio:9000', auth: webIdentity(CN) }],
  ]
  for (const [name, aws, message] of cases) {
    test(`a role ${name} is ${message ? 'WrongPartition' : 'taken'}`, () => {
      const made = identityOf(aws)
      assert.equal(isFailure(made) ? made.reason : undefined, message && 'WrongPartition')
      if (message && isFailure(made)) assert.match(made.message, message)
    })
  }
})

test('a key that was encoded twice says so, and shows nothing of it', () => {
  const twice = Buffer.from('AKIAIOSFODNN7EXAMPLE').toString('base64')
  const made = identityOf({}, { ...VALUES, aws_access_key_id: twice })
  assert.ok(!isFailure(made) && made.auth.kind === 'accessKey')
  assert.equal(
    made.auth.encoded,
    'the value of key "aws_access_key_id" looks like base64 itself: store the bare value under stringData, or encode it only once under data',
  )
})
