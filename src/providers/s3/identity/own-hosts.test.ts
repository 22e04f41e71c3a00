import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOfS3OrSts } from './own-hosts.ts'

for (const host of [
  's3.amazonaws.com',
  'sts.amazonaws.com',
  's3.eu-west-1.amazonaws.com',
  'sts.us-gov-west-1.amazonaws.com',
  's3.dualstack.eu-west-1.amazonaws.com',
  's3-fips.dualstack.us-east-1.amazonaws.com',
  'sts-fips.us-east-1.api.aws',
  's3.cn-north-1.amazonaws.com.cn',
  's3.us-isob-east-1.sc2s.sgov.gov',
  's3.eusc-de-east-1.amazonaws.eu',
  'bucket.vpce-1a2b-3c4d.s3.eu-west-1.vpce.amazonaws.com',
  'vpce-1a2b-3c4d-eu-west-1a.sts.eu-west-1.vpce.amazonaws.com',
]) {
  test(`${host} is of S3 or STS itself`, () => assert.equal(isOfS3OrSts(`https://${host}`), true))
}

for (const host of [
  'minio.minio.svc',
  'amazonaws.com',
  'evil.example',
  's3.amazonaws.com.evil.example',
  's3.eu-west-1.amazonaws.com.evil',
  's3amazonaws.com',
  'evils3.amazonaws.com',
  'ec2-1-2-3-4.compute-1.amazonaws.com',
  'ec2-1-2-3-4.eu-west-1.compute.amazonaws.com',
  'a1b2.execute-api.eu-west-1.amazonaws.com',
  's3.execute-api.eu-west-1.amazonaws.com',
  's3-1.eu-west-1.elb.amazonaws.com',
  's3.elb.amazonaws.com',
  'sts.elb.eu-west-1.amazonaws.com',
  'bucket.s3-website.eu-west-1.amazonaws.com',
  'vpce-1a2b-3c4d.vpce-svc-5e6f.eu-west-1.vpce.amazonaws.com',
  'evil.lambda-url.eu-west-1.on.aws',
]) {
  test(`${host} may be of anybody`, () => assert.equal(isOfS3OrSts(`https://${host}`), false))
}

test('what is no URL is of nobody', () => assert.equal(isOfS3OrSts('s3.amazonaws.com'), false))
