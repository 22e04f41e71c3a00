/** What is generated of the Helm chart. test/e2e/operator/chart.test.ts compares what Helm makes of it with kustomize. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { FLAGS, USAGE } from '../../src/config.ts'
import { chartFiles } from './chart.ts'
import { flagValues } from './flags.ts'
import { group, list, text, type ValueSchema, valuesFile, whole } from './schema.ts'
import { template } from './templates.ts'

const files = chartFiles({})
const schema: ValueSchema = JSON.parse(files['deploy/helm/values.schema.json'] ?? '')

/** Each value below a schema, by its path. */
const valuesOf = ({ properties = {} }: ValueSchema, path = ''): [string, ValueSchema][] =>
  Object.entries(properties).flatMap(([name, value]) => [
    [`${path}${name}`, value],
    ...valuesOf(value, `${path}${name}.`),
  ])

describe('values of the chart', () => {
  test('every flag of the operator is a value, and no value is named after another flag', () => {
    assert.deepEqual(Object.keys(schema.properties?.['flags']?.properties ?? {}), Object.keys(FLAGS))
  })

  test('each has a description and a type', () => {
    const bare = valuesOf(schema).filter(([, { description, type }]) => !description || !type)
    assert.deepEqual(bare, [])
  })

  test('groups of values refuse what they do not know', () => {
    const groups = [['', schema] as const, ...valuesOf(schema)].filter(([, { properties }]) => properties)
    assert.ok(groups.length > 10)
    for (const [path, { additionalProperties }] of groups) assert.equal(additionalProperties, false, path)
  })

  test('values.yaml has each value with its default, and flags as comments only', () => {
    const defaults = (value: ValueSchema): unknown =>
      value.properties
        ? Object.fromEntries(
            Object.entries(value.properties).flatMap(([name, below]) => {
              const shown = defaults(below)
              return shown === undefined ? [] : [[name, shown]]
            }),
          )
        : value.default
    const text = files['deploy/helm/values.yaml'] ?? ''
    assert.deepEqual(parse(text), defaults(schema))
    for (const flag of Object.keys(FLAGS)) assert.match(text, new RegExp(`^ {2}# ${flag}:$`, 'm'))
  })
})

test('values.yaml has a comment for each value, and values without a default as comments', () => {
  const values = group('All.', {
    ...{ name: text('Its name.', ''), taints: list('What\nis tolerated.') },
    limits: group('What it may take.', { cpu: whole('CPUs.', undefined), memory: whole('Bytes.', 1) }),
    none: group('Nothing.', { nothing: whole('Unset.', undefined) }),
  })
  const lines = [
    ...['', '# Its name.', 'name: ""', '', '# What is tolerated.', 'taints: []'],
    ...['', '# What it may take.', 'limits:', '  # CPUs.', '  # cpu:', '  # Bytes.', '  memory: 1'],
    ...['', '# Nothing.', 'none: {}', '  # Unset.', '  # nothing:'],
  ]
  assert.equal(valuesFile(values), lines.join('\n'))
})

describe('flags as values', () => {
  for (const [name, usage, wanted] of [
    ['a number', '  --n N   how many\n', { type: 'integer', description: '--n N: how many' }],
    [
      'a text of two lines',
      '  --b BOOL\n              whether\n\n',
      { type: 'boolean', description: '--b BOOL: whether' },
    ],
    ['a list that may be empty', '  --l LIST  texts; empty: none\n', { type: 'array', minItems: undefined }],
    [
      'a list that may not be empty',
      '  --l LIST  comma-separated texts',
      { minItems: 1, description: '--l LIST: texts' },
    ],
  ] as const) {
    test(`${name} is read from the usage`, () => {
      const [value] = Object.values(flagValues(usage))
      for (const [keyword, is] of Object.entries(wanted)) assert.equal(value?.[keyword as keyof ValueSchema], is)
    })
  }

  test('a value of no known type is refused', () => {
    assert.throws(() => flagValues('  --flag WORD  means\n'), /--flag: its value is called WORD/)
  })

  test('are all that the usage tells of', () => {
    assert.equal(Object.keys(flagValues(USAGE)).length, [...USAGE.matchAll(/^ {2}--/gm)].length)
  })
})

describe('a template', () => {
  const manifest = (kind: string, rest = '') => `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: it\n${rest}`
  for (const [name, source, wanted] of [
    [
      'of an object of the cluster has its labels',
      manifest('ClusterRole'),
      / {2}name: it\n {2}labels:\n {4}{{- include/,
    ],
    ['keeps labels', manifest('ClusterRole', '  labels:\n    a: b\n'), / {2}labels:\n {4}{{- include .*\n {4}a: b\n/],
    [
      'of an object in a namespace has that of the release',
      manifest('Role'),
      / {2}namespace: {{ \$.Release.Namespace }}\n/,
    ],
    [
      'has the namespace of the release where the manifest has its own',
      manifest('Role', 'subjects:\n  - namespace: artifact-store-system\n'),
      / {2}- namespace: {{ \$.Release.Namespace }}\n/,
    ],
    ['has no comments', `# Why.\n${manifest('Role')}# Why not.\n`, /^(?!.*Why)/s],
  ] as const) {
    test(name, () => assert.match(template('deploy/it.yaml', source), wanted))
  }

  for (const [name, source, error] of [
    ['for Helm', manifest('ConfigMap', 'data: {a: "{{ b }}"}\n'), /deploy\/it.yaml: has "{{"/],
    [
      'whose changes do not fit any more',
      'kind: NetworkPolicy\nmetadata:\n  name: artifact-store-operator\n',
      /deploy\/it.yaml: NetworkPolicy\/artifact-store-operator has no .*from.* any more/,
    ],
  ] as const) {
    test(`is not made of a manifest ${name}`, () => assert.throws(() => template('deploy/it.yaml', source), error))
  }
})
