/**
 * Pure: words as a POSIX shell reads them, for commands that people run as they are printed. A name or value of the cluster
 * is one word, whatever is in it, and does nothing to the terminal.
 */
import { isUnshown } from './harmless.ts'

/** What needs no quotes at any place of a word. A tilde or an equals sign at its beginning would mean something. */
const PLAIN = /^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:@%+,=-]{0,4096}$/

/** A value that no command line on one line can have: whoever writes objects may have written it. */
export class UnwritableWord extends RangeError {
  override readonly name = 'UnwritableWord'
}

/**
 * One word of a command line. Controls and marks of direction are written as bytes in octal. Throws an UnwritableWord for what
 * can not be written so on one line: a NUL, which no program can be given, and a line end at the end.
 */
export function quoted(word: string): string {
  if (word.includes('\0') || word.endsWith('\n'))
    throw new UnwritableWord('a word of a command line can not have a NUL, or a line end at its end')
  if (PLAIN.test(word)) return word
  if (!isUnshown(word)) return apostrophes(word)
  const bytes = [...Buffer.from(word)].map(byte => `\\0${byte.toString(8).padStart(3, '0')}`).join('')
  return `"$(printf '%b' '${bytes}')"`
}

const apostrophes = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** A word whose end is the value of a variable of the environment: `key="$VALUE"`. */
export interface Filled {
  before: string
  variable: string
}

export type Word = string | Filled

/** A command line of these words. */
export const commandLine = (words: readonly Word[]): string =>
  words.map(word => (typeof word === 'string' ? quoted(word) : filled(word))).join(' ')

const filled = ({ before, variable }: Filled): string => `${before === '' ? '' : quoted(before)}"$${variable}"`

/** A command that does nothing unless the variables have values: the shell says which has none. */
export const withVariables = (variables: readonly string[], command: string): string =>
  variables.length === 0 ? command : `: ${variables.map(name => `"\${${name}:?}"`).join(' ')} && ${command}`
