/** Pure: the values of the Helm chart as a JSON schema, from which values.yaml is made, too. */
import { stringify } from 'yaml'

/** What of JSON Schema (draft 7, which every Helm 3 reads) the chart's values need. */
export interface ValueSchema {
  readonly description: string
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean' | readonly string[]
  /** Undefined: the value is unset. */
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly minimum?: number
  readonly minItems?: number
  readonly items?: object
  readonly properties?: Readonly<Record<string, ValueSchema>>
  readonly additionalProperties?: boolean | object
}

export const text = (description: string, value: string, more: Partial<ValueSchema> = {}): ValueSchema => ({
  ...{ description, type: 'string', default: value },
  ...more,
})

export const yesOrNo = (description: string, value: boolean): ValueSchema => ({
  ...{ description, type: 'boolean', default: value },
})

export const whole = (description: string, value: unknown, minimum?: number): ValueSchema => ({
  ...{ description, type: 'integer', default: value },
  ...(minimum === undefined ? {} : { minimum }),
})

/** `items`: the schema of an element; by default an object of Kubernetes, which the API server judges. */
export const list = (description: string, value: unknown = [], items: object = { type: 'object' }): ValueSchema => ({
  ...{ description, type: 'array', default: value, items },
})

/** An object of Kubernetes, which the API server judges. */
export const open = (description: string, value: unknown = {}): ValueSchema => ({
  ...{ description, type: 'object', default: value },
})

/** Labels or annotations. */
export const pairs = (description: string, value: unknown = {}): ValueSchema => ({
  ...{ description, type: 'object', default: value, additionalProperties: { type: 'string' } },
})

/** Values that belong together. Others are refused: a misspelt one would do nothing. */
export const group = (description: string, properties: Record<string, ValueSchema>): ValueSchema => ({
  ...{ description, type: 'object', additionalProperties: false, properties },
})

/** The text of values.yaml. Values without a default stand there as comments. */
export function valuesFile(schema: ValueSchema): string {
  return members(schema, '').join('\n')
}

function members({ properties = {} }: ValueSchema, indent: string): string[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const comment = wrapped(value.description, 118 - indent.length).map(line => `${indent}# ${line}`)
    return [...(indent ? [] : ['']), ...comment, ...member(name, value, indent)]
  })
}

function member(name: string, value: ValueSchema, indent: string): string[] {
  if (value.properties) {
    const below = members(value, `${indent}  `)
    const isSet = below.some(line => !line.trimStart().startsWith('#'))
    return [`${indent}${name}:${isSet ? '' : ' {}'}`, ...below]
  }
  if (value.default === undefined) return [`${indent}# ${name}:`]
  return stringify({ [name]: value.default }, { lineWidth: 0 })
    .trimEnd()
    .split('\n')
    .map(line => indent + line)
}

/** Breaks a text into lines of at most `width` characters. */
function wrapped(words: string, width: number): string[] {
  const lines: string[] = ['']
  for (const word of words.split(/\s+/)) {
    const last = lines.at(-1) ?? ''
    if (last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = last ? `${last} ${word}` : word
  }
  return lines
}
