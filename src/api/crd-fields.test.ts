import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { customResourceDefinition, KINDS } from '../../scripts/crd.ts'
import { type CrdFields, lackingFields } from './crd-fields.ts'

const GVK = { group: 'artifactstore.dev', version: 'v1alpha1', kind: 'ArtifactStore' }

/** OpenAPI of an installed ArtifactStore with this spec. */
const published = (spec: object, gvk: object = GVK) => ({
  components: {
    schemas: {
      'dev.artifactstore.v1alpha1.ArtifactStoreList': { 'x-kubernetes-group-version-kind': [{ ...GVK, kind: 'List' }] },
      'dev.artifactstore.v1alpha1.ArtifactStore': {
        properties: { spec },
        'x-kubernetes-group-version-kind': [gvk],
      },
    },
  },
})
const string = { type: 'string' }
const of = (properties: object) => ({ type: 'object', properties })

describe('what an installed CRD lacks of what the operator knows:', () => {
  const cases: [what: string, spec: object, fields: string[], lacking: string[]][] = [
    ['nothing, when it has all', of({ path: string }), ['spec.path'], []],
    ['nothing, when it has more', of({ path: string, more: string }), ['spec.path'], []],
    ['a field', of({ path: string }), ['spec.path', 'spec.size'], ['spec.size']],
    ['a field of a field that it has', of({ usage: of({}) }), ['spec.usage.source'], ['spec.usage.source']],
    [
      'all below a field that it lacks',
      of({}),
      ['spec.usage', 'spec.usage.source'],
      ['spec.usage', 'spec.usage.source'],
    ],
    [
      'a field of elements',
      of({ list: { items: of({ a: string }) } }),
      ['spec.list[].a', 'spec.list[].b'],
      ['spec.list[].b'],
    ],
    [
      'a value of elements',
      of({ list: { items: { enum: ['A'] } } }),
      ['spec.list[]=A', 'spec.list[]=B'],
      ['spec.list[]=B'],
    ],
    [
      'a value of a map',
      of({ map: { additionalProperties: { enum: ['A'] } } }),
      ['spec.map{}=A', 'spec.map{}=B'],
      ['spec.map{}=B'],
    ],
    ['nothing, where it takes any value', of({ from: string }), ['spec.from=All'], []],
    [
      'nothing, where it keeps what it does not know',
      of({ any: { 'x-kubernetes-preserve-unknown-fields': true } }),
      ['spec.any.a.b'],
      [],
    ],
    ['a field with the name of a method of objects', of({}), ['spec.constructor'], ['spec.constructor']],
  ]
  for (const [what, spec, fields, lacking] of cases) {
    test(what, () =>
      assert.deepEqual(lackingFields(published(spec), { ArtifactStore: fields }), { ArtifactStore: lacking }),
    )
  }

  const absent: [what: string, document: unknown][] = [
    ['all, when it is not installed', { components: { schemas: {} } }],
    ['all, when another version of it is', published(of({}), { ...GVK, version: 'v1' })],
    ['all, when what is published is no OpenAPI', 'no'],
  ]
  for (const [what, document] of absent) {
    test(what, () => assert.deepEqual(lackingFields(document, { ArtifactStore: [] }), { ArtifactStore: undefined }))
  }
})

test('the operator knows each field of the CRDs that it was built with, and lacks none of them', () => {
  const schemas = KINDS.map(customResourceDefinition).map(({ spec: { names, versions } }) => ({
    ...versions[0]?.schema.openAPIV3Schema,
    'x-kubernetes-group-version-kind': [{ ...GVK, kind: names.kind }],
  }))
  const document = { components: { schemas: Object.fromEntries(schemas.entries()) } }
  assert.deepEqual(lackingFields(document), { ServiceConnector: [], ArtifactStore: [] })
  const none: CrdFields = Object.fromEntries(KINDS.map(({ kind }) => [kind, ['spec.noSuchField']]))
  assert.deepEqual(lackingFields(document, none), none)
})
