/** Pure: makes JSON Schemas of the CRDs, as kubeconform and editors take them. */
import { GROUP, VERSION } from '../../src/api/names.ts'
import { customResourceDefinition, KINDS, type Schema } from '../crd.ts'

type JsonSchema = Record<string, unknown>

/** Each schema by its name `{group}_{kind}_{version}.json`, the kind in lower case. */
export function jsonSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries(
    KINDS.map(customResourceDefinition).flatMap(({ spec }) =>
      spec.versions.map(({ name, schema: { openAPIV3Schema: schema } }) => [
        `${spec.group}_${spec.names.singular}_${name}.json`,
        { $schema: 'http://json-schema.org/draft-07/schema#', ...closed(named(schema, spec.names.kind)) },
      ]),
    ),
  )
}

/** With the values of `apiVersion` and `kind`, without which nothing is an object of this kind. */
const named = (schema: Schema, kind: string): Schema => ({
  ...schema,
  required: ['apiVersion', 'kind', ...(schema.required ?? [])],
  properties: {
    ...schema.properties,
    apiVersion: { ...schema.properties?.['apiVersion'], type: 'string', enum: [`${GROUP}/${VERSION}`] },
    kind: { ...schema.properties?.['kind'], type: 'string', enum: [kind] },
  },
})

/** Without the keywords of Kubernetes, and closed: the API server drops unknown fields, so a typing error shows here. */
function closed({ properties, items, additionalProperties, ...rest }: Schema): JsonSchema {
  const plain = Object.fromEntries(Object.entries(rest).filter(([keyword]) => !keyword.startsWith('x-kubernetes-')))
  const members = Object.entries(properties ?? {}).map(([name, member]) => [name, closed(member)])
  return {
    ...plain,
    ...(items ? { items: closed(items) } : {}),
    ...(additionalProperties ? { additionalProperties: closed(additionalProperties) } : {}),
    ...(properties ? { properties: Object.fromEntries(members), additionalProperties: false } : {}),
  }
}
