import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matchesResource } from './resource-pattern.ts'

describe('matchesResource', () => {
  const cases: [pattern: string, uri: string, expected: boolean][] = [
    ['s3://ml', 's3://ml', true],
    ['s3://ml', 's3://ml/prod', true],
    ['s3://ml', 's3://ml2', false],
    ['s3://ml', 's3://my-ml', false],
    ['s3://ml-*', 's3://ml-prod', true],
    ['s3://ml-*', 's3://ml-', true],
    ['s3://ml-*', 's3://ml', false],
    ['s3://*', 's3://anything', true],
    ['s3://*-prod', 's3://ml-prod', true],
    ['s3://*-prod', 's3://ml-prod2', false],
    ['s3://a*a', 's3://a', false],
    ['s3://a*b*b', 's3://ab', false],
    ['s3://a*b*c', 's3://a-b-c', true],
    ['s3://a*b*c', 's3://a-c-b', false],
    ['s3://a**c', 's3://abc', true],
    ['s3://m.*', 's3://ml', false],
    ['s3://ml', 'az://ml', false],
    ['az://ml', 's3://ml', false],
    ['az://models', 'abfss://models@acme.dfs.core.windows.net/prod', true],
    ['abfs://models', 'az://models', true],
    ['abfss://models@acme.dfs.core.windows.net', 'abfs://models@acme.dfs.core.windows.net/prod', true],
    ['abfss://models@acme.dfs.core.windows.net', 'abfss://models@other.dfs.core.windows.net', false],
    ['abfss://*@acme.dfs.core.windows.net', 'abfss://models@acme.dfs.core.windows.net', true],
    ['abfss://models@acme.*', 'abfss://models@acme.dfs.core.windows.net', true],
    ['abfss://models@acme.dfs.core.windows.net', 'az://models', false],
    ['s3://', 's3://ml', false],
    ['https://ml', 'https://ml', false],
  ]
  for (const [pattern, uri, expected] of cases) {
    test(`${pattern} ${expected ? 'takes' : 'leaves'} ${uri}`, () =>
      assert.equal(matchesResource(pattern, uri), expected))
  }

  test('many stars cost no time', () => {
    assert.equal(matchesResource(`s3://${'*a'.repeat(120)}`, `s3://${'a'.repeat(119)}b`), false)
  })
})
