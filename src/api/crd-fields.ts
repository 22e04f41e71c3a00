/** Pure: compares the fields that this operator knows with the schemas that the API server publishes of its CRDs. */
import known from './crd-fields.json' with { type: 'json' }
import { GROUP, VERSION } from './names.ts'

type Json = Readonly<Record<string, unknown>>
/** Fields of each kind as scripts/crd-fields.ts lists them: `spec.path`, `spec.credentials[].formats[]=Env`. */
export type CrdFields = Readonly<Record<string, readonly string[]>>

/**
 * What the installed CRDs lack of the fields and values that this operator knows, by kind; undefined for a kind that is
 * not installed. What they have besides is of no interest: a newer CRD is none that an operator of before can't work with.
 * `document`: OpenAPI v3 of the group and version. `fields`: default: those that this operator was built with.
 */
export function lackingFields(
  document: unknown,
  fields: CrdFields = known,
): Record<string, readonly string[] | undefined> {
  const schemas = Object.values(member(member(document, 'components'), 'schemas')).map(object)
  return Object.fromEntries(
    Object.entries(fields).map(([kind, paths]) => {
      const schema = schemas.find(candidate => isOf(candidate, kind))
      return [kind, schema && paths.filter(path => !knows(schema, path))]
    }),
  )
}

function isOf(schema: Json, kind: string): boolean {
  const kinds = schema['x-kubernetes-group-version-kind']
  return (
    Array.isArray(kinds) &&
    kinds.map(object).some(gvk => gvk['group'] === GROUP && gvk['version'] === VERSION && gvk['kind'] === kind)
  )
}

/** Whether objects of the schema keep this field, or may have this value. */
function knows(root: Json, path: string): boolean {
  const [field = '', value] = path.split('=', 2)
  let schema: Json | undefined = root
  for (const step of field.matchAll(/\[\]|\{\}|[^.[{]{1,100}/g)) {
    if (!schema) return false
    if (schema['x-kubernetes-preserve-unknown-fields'] === true) return true
    schema = below(schema, step[0])
  }
  if (!schema || value === undefined) return schema !== undefined
  const { enum: values } = schema
  return !Array.isArray(values) || values.includes(value)
}

function below(schema: Json, step: string): Json | undefined {
  if (step === '[]') return present(schema, 'items')
  if (step === '{}') return present(schema, 'additionalProperties')
  return present(member(schema, 'properties'), step)
}

const present = (value: Json, name: string): Json | undefined =>
  Object.hasOwn(value, name) ? object(value[name]) : undefined

const member = (value: unknown, name: string): Json => object(object(value)[name])

const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
