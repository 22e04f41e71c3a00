import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { z } from 'zod'
import { isSaid, serverWords } from '../test/e2e/api/crd-cases.ts'
import { azureCases } from '../test/e2e/api/crd-cases-azure.ts'
import { connectorCases } from '../test/e2e/api/crd-cases-connector.ts'
import { expirationCases, lendingCases } from '../test/e2e/api/crd-cases-consent.ts'
import { consumerCases } from '../test/e2e/api/crd-cases-consumers.ts'
import { storeCases } from '../test/e2e/api/crd-cases-store.ts'
import { customResourceDefinition, fields, KINDS, messagesOf, type Schema, structural } from './crd.ts'
import { drift, generated } from './generate.ts'

const root = new URL('../', import.meta.url)
const cases = [...connectorCases, ...azureCases, ...lendingCases, ...storeCases, ...expirationCases, ...consumerCases]
const refusals = cases.flatMap(({ refused }) => refused ?? [])
const words = refusals.map(serverWords)

/** The schema of a kind and every schema below it, including those of list elements. */
function* schemas(schema: Schema): Generator<Schema> {
  yield schema
  for (const below of [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties]) {
    if (below) yield* schemas(below)
  }
}

for (const definition of KINDS.map(customResourceDefinition)) {
  const schema = definition.spec.versions[0]?.schema.openAPIV3Schema as Schema

  suite(`CRD of ${definition.spec.names.kind}`, () => {
    test('every field has a description', () => {
      const bare = [...fields(schema)].filter(({ path, schema }) => path !== 'metadata' && !schema.description)
      assert.deepEqual(
        bare.map(({ path }) => path),
        [],
      )
    })

    test('no field of the spec has a default, which Argo CD would show as drift', () => {
      const spec = [...fields(schema)].filter(({ path, schema }) => path.startsWith('spec') && 'default' in schema)
      assert.deepEqual(spec, [])
    })

    test('texts and lists of the spec are bounded, or the cost of its rules is not', () => {
      const open = [...fields(schema)].filter(
        ({ path, schema: { type, enum: values, maxLength, maxItems } }) =>
          path.startsWith('spec') &&
          ((type === 'string' && !values && maxLength === undefined) || (type === 'array' && maxItems === undefined)),
      )
      assert.deepEqual(
        open.map(({ path }) => path),
        [],
      )
    })

    test('every rule is broken by a row of the tables', () => {
      const messages = new Set(
        [...schemas(schema)].flatMap(below => below['x-kubernetes-validations'] ?? []).flatMap(messagesOf),
      )
      const untested = [...messages].filter(message => !words.some(said => isSaid(message, said)))
      assert.deepEqual(untested, [])
    })
  })
}

suite('structural schema', () => {
  for (const [name, schema] of [
    ['union', z.union([z.string(), z.int()])],
    ['nested union', z.object({ a: z.array(z.union([z.string(), z.int()])) })],
  ] as const) {
    test(`refuses a ${name}`, () => {
      assert.throws(() => structural(schema), /has no place in a structural schema/)
    })
  }

  test('keeps what Kubernetes knows and drops the rest', () => {
    const schema = z.object({
      n: z.int().min(1).describe('N.'),
      t: z.literal('x').meta({ 'x-kubernetes-y': 1 }).optional(),
    })
    assert.deepEqual(structural(schema), {
      type: 'object',
      required: ['n'],
      properties: {
        n: { description: 'N.', type: 'integer', format: 'int64', minimum: 1 },
        t: { type: 'string', enum: ['x'], 'x-kubernetes-y': 1 },
      },
    })
  })
})

suite('generated files', () => {
  for (const [path, content] of Object.entries(generated())) {
    test(`${path} is what src/api says`, async () => {
      assert.equal(drift(await readFile(new URL(path, root), 'utf8'), content), undefined)
    })
  }

  for (const [name, current, wanted, difference] of [
    ['same', 'a\nb\n', 'a\nb\n', undefined],
    ['changed line', 'a\nc\n', 'a\nb\n', 'line 2 is "c", but should be "b"'],
    ['missing file', '', 'a\n', 'line 1 is "", but should be "a"'],
    ['missing line', 'a\n', 'a\nb\n', 'line 2 is "", but should be "b"'],
    ['line too many', 'a\nb', 'a', 'has 1 lines too many'],
  ] as const) {
    test(`drift: ${name}`, () => assert.equal(drift(current, wanted), difference))
  }
})
