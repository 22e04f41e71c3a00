/** Pure: the operator's flags as values of the chart, read from its usage, so that none is forgotten. */
import { LOG_LEVELS } from '../../src/telemetry/log.ts'
import type { ValueSchema } from './schema.ts'

/** Nothing that separates entries or, in the admission policy for tokens, ends a text. */
const ENTRY = { type: 'string', pattern: '^[^,\\s\'"\\\\]+$' }

/** The type of a flag's value, by the word that stands for it in the usage. */
const TYPES: Readonly<Record<string, Omit<ValueSchema, 'description'>>> = {
  ADDRESS: { type: 'string' },
  BOOL: { type: 'boolean' },
  LEVEL: { type: 'string', enum: LOG_LEVELS },
  LIST: { type: 'array', items: ENTRY },
  N: { type: 'integer' },
  NAME: { type: 'string' },
  PATH: { type: 'string' },
}

/** `--name WORD  meaning`, with more of the meaning in lines that are indented further. */
const FLAG = /^ {2}--([a-z-]+) ([A-Z]+)((?: .*|\n {4,}.*)*)/gm

/** The schema of each flag, by its name without dashes. `usage`: what the operator prints about its flags. */
export function flagValues(usage: string): Record<string, ValueSchema> {
  return Object.fromEntries(
    [...usage.matchAll(FLAG)].map(([, name = '', word = '', meaning = '']) => {
      const type = TYPES[word]
      if (!type) throw new Error(`--${name}: its value is called ${word}, which has no type: add it to TYPES`)
      const description = meaning.trim().replaceAll(/\s+/g, ' ').replaceAll('comma-separated ', '')
      // The operator refuses an empty list, unless its usage says what that means.
      const bound = word === 'LIST' && !description.includes('; empty: ') ? { minItems: 1 } : {}
      return [name, { description: `--${name} ${word}: ${description}`, ...type, ...bound }]
    }),
  )
}
