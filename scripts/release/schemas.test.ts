import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { GROUP } from '../../src/api/names.ts'
import { jsonSchemas } from './schemas.ts'

interface Sample {
  apiVersion: string
  kind: string
  spec: object
}

const root = join(import.meta.dirname, '../..')
/** Those that are no patches, where null removes what another sample has. */
const samples = globSync('deploy/samples/**/*.yaml', { cwd: root }).flatMap(path =>
  parseAllDocuments(readFileSync(join(root, path), 'utf8'))
    .map(document => document.toJS() as Sample | null)
    .flatMap(sample =>
      sample?.apiVersion?.startsWith(`${GROUP}/`) && !JSON.stringify(sample).includes(':null') ? { path, sample } : [],
    ),
)
const schemas = Object.fromEntries(
  Object.entries(jsonSchemas()).map(([path, schema]) => [path, z.fromJSONSchema(schema)]),
)
const check = ({ apiVersion, kind }: Sample, value: unknown) => {
  const [group, version] = apiVersion.split('/')
  return schemas[`${group}_${kind.toLowerCase()}_${version}.json`]?.safeParse(value).success
}

describe('the schema of its kind takes the sample', () => {
  for (const { path, sample } of samples) {
    test(`of ${path}`, () => {
      const { spec, ...rest } = sample
      assert.equal(check(sample, sample), true)
      assert.equal(check(sample, rest), false, 'without spec')
      assert.equal(check(sample, { ...sample, spec: { ...spec, typo: 1 } }), false, 'with an unknown field in spec')
      assert.equal(check(sample, { ...sample, kind: 'Pod' }), false, 'with another kind')
    })
  }
})

test('schemas have no keyword that only Kubernetes knows', () => {
  assert.doesNotMatch(JSON.stringify(jsonSchemas()), /"x-kubernetes-|"nullable"|"exclusiveM\w+":(true|false)/)
})
