/**
 * Pure: variables in the grammars of shells, of dotenv files and of Docker's --env-file. What a grammar can't hold is a
 * RangeError that says why: a value must never become another value, or another line.
 */
import { isUnshown } from '../text/harmless.ts'
import { quoted } from '../text/shell.ts'
import { CLEARED } from './handed-out.ts'

export const GRAMMARS = ['shell', 'fish', 'dotenv', 'docker'] as const
export type Grammar = (typeof GRAMMARS)[number]

/**
 * Lines of a file, or of what a shell evaluates: that first takes away what another store left in it. Throws a RangeError
 * that names the variable.
 */
export const envLines = (variables: Readonly<Record<string, string>>, grammar: Grammar): string[] => [
  ...(CLEARING[grammar] ? [`${CLEARING[grammar]} ${CLEARED.join(' ')}`] : []),
  ...Object.entries(variables).map(([name, value]) => {
    try {
      return LINES[grammar](name, value)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new RangeError(`${name}: ${error.message}`)
    }
  }),
]

/** Files can't take a variable away. */
const CLEARING: Partial<Record<Grammar, string>> = { shell: 'unset', fish: 'set -eg' }

const LINES: Record<Grammar, (name: string, value: string) => string> = {
  shell: (name, value) => `export ${name}=${quoted(value)}`,

  /** Between apostrophes, a backslash means something before an apostrophe or another backslash. */
  fish(name, value) {
    if (isUnshown(value))
      throw new RangeError('a line for fish has no room for line ends and other controls: use --shell')
    return `set -gx ${name} '${value.replaceAll(/[\\']/g, '\\$&')}'`
  },

  /**
   * What all parsers agree on. Between apostrophes they take all but these as it is; between quotes they replace variables
   * and read backslashes, each in its own way.
   */
  dotenv(name, value) {
    if (isUnshown(value))
      throw new RangeError('a dotenv file has no room for line ends and other controls: use --shell')
    if (value.includes('\\')) throw new RangeError('parsers of dotenv files differ about backslashes: use --shell')
    if (!value.includes("'")) return `${name}='${value}'`
    if (/["$`]/.test(value))
      throw new RangeError('parsers of dotenv files differ about \' beside ", $ or `: use --shell')
    return `${name}="${value}"`
  },

  /** Docker takes a value as it stands, to the end of the line: there are no quotes. */
  docker(name, value) {
    if (isUnshown(value))
      throw new RangeError("Docker's --env-file has no room for line ends and other controls: use --shell")
    return `${name}=${value}`
  },
}
