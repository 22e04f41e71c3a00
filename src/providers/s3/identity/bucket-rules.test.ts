import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refuses } from './bucket-rules.ts'

const at = (region: string, url?: string) => ({
  region,
  s3: { host: 'h', field: 'spec.aws.region', ...(url ? { url } : {}) },
})
const AWS = at('eu-west-1')
const MINIO = at('eu-west-1', 'https://minio:9000')
const asks = (bucket: string, region?: string) => ({
  ...{ location: { bucket, prefix: 'p/', uri: `s3://${bucket}/p` }, create: true, ruleId: 'r' },
  ...(region ? { region } : {}),
})

describe('a bucket that policies can\u2019t name is refused', () => {
  const cases: [bucket: string, aws: boolean, elsewhere: boolean][] = [
    ['my-ap-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias', true, false],
    ['my-olap-a1b2c3--ol-s3', true, false],
    ['test-access-po-o01ac5d28a6a232904e8xz5w8ijx1qzlbp3i3kuse10--op-s3', true, true],
    ['mfzwi23gnjvgw.mrap', true, false],
    ['namespace--table-s3', true, false],
    ['ml--use1-az4--x-s3', true, true],
    ['ml--use1-az4--xa-s3', true, true],
    ['my-s3alias-data', false, false],
    ['ol-s3', false, false],
    ['models', false, false],
  ]
  for (const [bucket, atAws, elsewhere] of cases) {
    test(`${bucket}: ${atAws} at AWS, ${elsewhere} elsewhere`, () => {
      for (const [identity, refused] of [
        [AWS, atAws],
        [MINIO, elsewhere],
      ] as const) {
        const failure = refuses(identity, asks(bucket))
        assert.equal(failure?.reason, refused ? 'InvalidBucketName' : undefined)
        if (failure) assert.match(failure.message, /^spec\.path: .*: use the general purpose bucket itself/)
      }
    })
  }
})

describe('a bucket with a name that AWS does not allow', () => {
  const cases: [bucket: string, usable: boolean][] = [
    ['acme-models', true],
    ['acme.models', true],
    ['acme_models', false],
    ['AcmeModels', false],
    ['tenant:models', false],
    ['a'.repeat(64), false],
  ]
  for (const [bucket, usable] of cases) {
    test(`${bucket.slice(0, 20)} is ${usable ? '' : 'not '}usable at AWS, and always where it exists elsewhere`, () => {
      const existing = { ...asks(bucket), create: false }
      const expected = usable ? undefined : 'InvalidBucketName'
      assert.equal(refuses(AWS, existing)?.reason, expected)
      assert.equal(refuses(MINIO, existing), undefined)
      const made = refuses(MINIO, asks(bucket))
      assert.equal(made?.reason, expected)
      if (made) assert.match(made.message, /asked of new buckets: use such a name, or .* remove spec\.bucket\.create$/)
    })
  }
})

test('a region in upper case is refused at AWS, and left to other services', () => {
  assert.match(refuses(AWS, asks('mlx', 'RegionOne'))?.message ?? '', /^spec\.bucket\.region: "RegionOne" .*lower case/)
  assert.equal(refuses(MINIO, asks('mlx', 'RegionOne')), undefined)
})

describe('a region of another partition is refused', () => {
  const cases: [home: string, region: string, refused: boolean][] = [
    ['eu-west-1', 'cn-north-1', true],
    ['eu-west-1', 'us-gov-west-1', true],
    ['cn-north-1', 'eu-west-1', true],
    ['us-gov-west-1', 'us-iso-east-1', true],
    ['cn-north-1', 'cn-northwest-1', false],
    ['eu-west-1', 'me-south-1', false],
  ]
  for (const [home, region, refused] of cases) {
    test(`${region} by a connector in ${home}: ${refused}`, () => {
      const failure = refuses(at(home), asks('mlx', region))
      assert.equal(failure?.reason, refused ? 'InvalidRegion' : undefined)
      if (failure) assert.match(failure.message, /^spec\.bucket\.region: /)
      assert.equal(refuses(at(home, 'https://minio:9000'), asks('mlx', region)), undefined)
    })
  }
})
