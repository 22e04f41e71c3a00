/** Pure: data as JSON and YAML, in which hostile characters are escaped: a program reads the same, and a terminal obeys nothing. */
import { Document, isScalar, Scalar, visit } from 'yaml'
import { escaped, isUnshown } from './harmless.ts'

export const asJson = (data: unknown): string => `${escaped(JSON.stringify(data, null, 2))}\n`

export function asYaml(data: unknown): string {
  const document = new Document(JSON.parse(JSON.stringify(data)), { aliasDuplicateObjects: false })
  // Only double quotes can hold escapes.
  visit(document, {
    Scalar(_, scalar) {
      if (isScalar(scalar) && typeof scalar.value === 'string' && isUnshown(scalar.value))
        scalar.type = Scalar.QUOTE_DOUBLE
    },
  })
  return escaped(document.toString({ lineWidth: 0 }))
}
