/** Pure: what a shell wants completed: from the words so far to what may come next. */
import type { Argument, Command, GlobalOptions, Option } from '../frame/command.ts'
import { globalsOf } from '../frame/globals.ts'

export interface Candidate {
  name: string
  about?: string
}

export type Wanted =
  | { kind: 'words'; words: Candidate[] }
  | { kind: 'contexts' | 'reasons' }
  /** Names of entries in `spec.credentials` of these stores. */
  | { kind: 'roles'; of: string[] }
  | { kind: 'objects'; of: ('store' | 'connector' | 'namespace')[] }

export interface Completion {
  wanted: Wanted
  /** Options that say where to look. */
  globals: GlobalOptions
  /** What the word has already. */
  prefix: string
}

const NOTHING: Wanted = { kind: 'words', words: [] }

/** `words`: those behind the name of the program; the last one is being written, and may be empty. */
export function planCompletion(words: readonly string[], commands: readonly Command[]): Completion {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const visible = commands.filter(({ isHidden }) => !isHidden)
  const read = readWords(before, visible)
  const { command, globals, pending, positional } = read
  const options = [...(command?.options ?? []), ...globalsOf(command)]
  const [flag, value] = assignmentIn(current)
  const assigned = value === undefined ? undefined : options.find(option => namesOf(option).includes(flag))
  if (assigned) {
    const wanted = withPrefix(valuesOf(assigned), `${flag}=`)
    return { wanted, globals, prefix: wanted.kind === 'words' ? current : (value ?? '') }
  }
  if (pending) return { wanted: valuesOf(pending), globals, prefix: current }
  if (current.startsWith('-')) return { wanted: optionWords(options), globals, prefix: current }
  if (!command) return { wanted: commandWords(visible), globals, prefix: current }
  return { wanted: argumentValues(command.arguments, positional), globals, prefix: current }
}

/** Splits the flags of an option: `-n, --namespace <name>`. */
const namesOf = ({ flags }: Option): string[] => flags.split(/[ ,]{1,4}/).filter(word => word.startsWith('-'))
const takesValue = ({ flags }: Option): boolean => flags.includes('<')

interface Read {
  command: Command | undefined
  globals: GlobalOptions
  /** The option whose value comes next. */
  pending: Option | undefined
  /** Arguments of the command that there are already. */
  positional: string[]
}

function readWords(words: readonly string[], commands: readonly Command[]): Read {
  const read: Read = { command: undefined, globals: {}, pending: undefined, positional: [] }
  for (const word of words) {
    if (read.pending) {
      read.globals = { ...read.globals, ...globalOf(read.pending, word) }
      read.pending = undefined
      continue
    }
    const [name, value] = assignmentIn(word)
    const options = [...(read.command?.options ?? []), ...globalsOf(read.command)]
    const option = word.startsWith('-') ? options.find(option => namesOf(option).includes(name)) : undefined
    if (option && takesValue(option) && value === undefined) read.pending = option
    else if (option) read.globals = { ...read.globals, ...globalOf(option, value ?? '') }
    else if (word.startsWith('-')) continue
    else if (read.command) read.positional.push(word)
    else read.command = commands.find(({ name, aliases }) => name === word || aliases?.includes(word))
  }
  return read
}

/** The name and the value of `--name=value`; the word, and nothing, for others. */
function assignmentIn(word: string): [name: string, value: string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

function globalOf(option: Option, value: string): GlobalOptions {
  const names = namesOf(option)
  if (names.includes('--namespace')) return { namespace: value }
  if (names.includes('--context')) return { context: value }
  if (names.includes('--kubeconfig')) return { kubeconfig: value }
  return {}
}

function valuesOf({ choices, completes }: Option): Wanted {
  if (choices) return { kind: 'words', words: choices.map(name => ({ name })) }
  if (completes === 'context') return { kind: 'contexts' }
  return completes === 'namespace' ? { kind: 'objects', of: ['namespace'] } : NOTHING
}

const withPrefix = (wanted: Wanted, prefix: string): Wanted =>
  wanted.kind === 'words'
    ? { kind: 'words', words: wanted.words.map(({ name }) => ({ name: prefix + name })) }
    : NOTHING

const optionWords = (options: Option[]): Wanted => ({
  kind: 'words',
  words: [...options, { flags: '--help', about: 'print help' }].map(option => ({
    name: namesOf(option).at(-1) ?? '',
    about: option.about,
  })),
})

const commandWords = (commands: readonly Command[]): Wanted => ({
  kind: 'words',
  words: [...commands.map(({ name, summary }) => ({ name, about: summary })), { name: 'help', about: 'print help' }],
})

function argumentValues(all: readonly Argument[] = [], given: string[]): Wanted {
  const completes = all[given.length]?.completes
  if (completes === undefined) return NOTHING
  if (completes === 'reason') return { kind: 'reasons' }
  if (completes === 'role') return { kind: 'roles', of: given }
  if (typeof completes !== 'string') return { kind: 'words', words: completes.map(name => ({ name })) }
  const of = completes === 'store-or-connector' ? (['store', 'connector'] as const) : ([completes] as const)
  return { kind: 'objects', of: [...of] }
}
