/** Pure: lists what a CRD lets objects say, so that the operator can tell an older CRD that is installed. */
import { customResourceDefinition, KINDS, type Schema } from './crd.ts'

/**
 * The fields of spec and status of each kind, and the values of those with a closed set:
 * `{ArtifactStore: ['spec.path', 'spec.credentials[].formats[]=Env', ...]}`. `[]` stands for the elements of a list, and
 * `{}` for the values of a map.
 */
export const crdFields = (): Record<string, string[]> =>
  Object.fromEntries(
    KINDS.map(kind => {
      const [version] = customResourceDefinition(kind).spec.versions
      const { spec, status } = version?.schema.openAPIV3Schema.properties ?? {}
      return [kind.kind, [...below('spec', spec), ...below('status', status)]]
    }),
  )

function* below(path: string, schema: Schema | undefined): Generator<string> {
  for (const value of schema?.enum ?? []) yield `${path}=${value}`
  for (const [name, member] of Object.entries(schema?.properties ?? {})) {
    yield `${path}.${name}`
    yield* below(`${path}.${name}`, member)
  }
  if (schema?.items) yield* below(`${path}[]`, schema.items)
  if (schema?.additionalProperties) yield* below(`${path}{}`, schema.additionalProperties)
}
