import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aws, dataOf } from '../../test/support/materials.ts'
import type { AwsMaterial } from '../api/material.ts'

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
