import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aws, context, dataOf } from '../../test/support/materials.ts'
import { isFailure } from '../api/failures.ts'
import type { AwsMaterial } from '../api/material.ts'
import { render } from './index.ts'

describe("Hadoop's settings", () => {
  const cases: [name: string, change: Partial<AwsMaterial>, expected: RegExp][] = [
    ['characters of XML', { secretAccessKey: 'a&b<c>"d"' }, /<value>a&amp;b&lt;c&gt;"d"<\/value>/],
    ['a bucket with dots', { bucket: 'ml.prod' }, /<name>fs\.s3a\.bucket\.ml\.prod\.access\.key<\/name>/],
    ['no TLS', { endpoint: 'http://minio:9000' }, /connection\.ssl\.enabled<\/name>\n {4}<value>false<\/value>/],
  ]
  for (const [name, change, expected] of cases) {
    test(`fit ${name}`, () => assert.match(dataOf('Hadoop', { ...aws, ...change })['core-site.xml'] ?? '', expected))
  }
})

describe("names of buckets that are no host names for Java, so that S3A can't open them", () => {
  const refused = ['models-v1.1', 'a.1b', 'acme_models', 'tenant:bucket', 'models-', 'a-.b', 'a..b', '.b']
  const taken = ['ml.prod', 'models', '123', '123abc', 'AcmeModels', '1.b', 'a.b.c-1']
  for (const bucket of refused) {
    test(`${bucket} is refused, with the reason`, () => {
      const failure = render(['Hadoop'], { ...aws, bucket }, context)
      assert.ok(isFailure(failure))
      assert.equal(failure.reason, 'FormatNotAvailable')
      assert.match(failure.message, /Java takes for host names, which ".+" is not .*: use another bucket/)
    })
  }
  for (const bucket of taken) {
    test(`${bucket} is taken`, () => assert.ok(dataOf('Hadoop', { ...aws, bucket })['core-site.xml']))
  }
})
