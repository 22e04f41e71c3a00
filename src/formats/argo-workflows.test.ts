import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { aws, azure, context, dataOf, minio, staticKey } from '../../test/support/materials.ts'
import type { CredentialMaterial } from '../api/material.ts'

describe("Argo's artifact repository", () => {
  const cases: [name: string, material: CredentialMaterial, expected: object][] = [
    ['http', { ...minio, url: 'http://minio:9000' }, { s3: { endpoint: 'minio:9000', insecure: true } }],
    ['https', { ...minio, url: 'https://minio' }, { s3: { endpoint: 'minio', insecure: false } }],
    ['a key without a session', staticKey, { s3: { keyFormat: '{{workflow.name}}/{{pod.name}}' } }],
    ['a prefix', aws, { s3: { keyFormat: 'prod/{{workflow.name}}/{{pod.name}}' } }],
    ['Azure', azure, { azure: { endpoint: 'https://mlprod.blob.core.windows.net' } }],
  ]
  for (const [name, material, expected] of cases) {
    test(`${name}: refers to keys that are there`, () => {
      const data = dataOf('ArgoWorkflows', material)
      const repository = parse(data['artifact-repository.yaml'] ?? '')
      assert.partialDeepStrictEqual(repository, expected)
      const members: [string, { name: string; key: string }][] = Object.entries(repository.s3 ?? repository.azure)
      const selectors = members.filter(([member]) => member.endsWith('Secret')).map(([, selector]) => selector)
      assert.ok(selectors.length > 0)
      for (const { name, key } of selectors) {
        assert.equal(name, context.secretName)
        assert.ok(key in data, `no ${key} in the Secret`)
      }
    })
  }
})
