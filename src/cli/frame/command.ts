/** What a command is: a definition that costs nothing to load, and an action that is loaded when it is run. */
import type { Painter } from '../text/style.ts'

/** Groups of `--help`, in this order. */
export const GROUPS = ['See', 'Act', 'Use', 'Look up', 'Shell'] as const

export interface Argument {
  name: string
  about: string
  isRequired?: boolean
  /** What the shell completes: objects of the cluster, or words. */
  completes?: 'store' | 'connector' | 'store-or-connector' | 'role' | 'reason' | readonly string[]
}

export interface Option {
  /** As commander takes it: `--timeout <duration>`. */
  flags: string
  about: string
  default?: string
  choices?: readonly string[]
  /** What the shell completes its value with. */
  completes?: 'namespace' | 'context'
}

/** A command line with what it does, for `--help` and docs/cli.md. */
export interface Example {
  line: string
  about: string
}

export interface Command {
  name: string
  aliases?: readonly string[]
  group: (typeof GROUPS)[number]
  /** One line. */
  summary: string
  /** What `--help` says beside that, in sentences: what the columns mean, and when the exit code is 1. */
  about?: string
  arguments?: readonly Argument[]
  options?: readonly Option[]
  examples: readonly [Example, ...Example[]]
  /** What `-o json` prints: the kind, and each member by its path, for docs/cli.md. */
  data?: { kind: string; members: Readonly<Record<string, string>> }
  /** What `-o` takes besides the forms of all commands: the answer has each of them. */
  outputs?: readonly string[]
  /** Not shown by `--help`, and takes what it gets as it is: for the shell. */
  isHidden?: boolean
  run(invocation: Invocation): Promise<Answer>
}

/** Options that every command takes. */
export interface GlobalOptions {
  namespace?: string
  allNamespaces?: boolean
  context?: string
  kubeconfig?: string
  output?: string
}

export interface Invocation {
  arguments: readonly string[]
  globals: GlobalOptions
  /** The command's own options, by their names in camelCase. */
  options: Readonly<Record<string, string | boolean | undefined>>
  /** All commands, for those that are about commands. */
  commands: readonly Command[]
  now(): Date
  /** Says on stderr what is waited for, if people look at it. */
  progress(text: string): void
  /** Shows lines on stderr in the middle of the work. */
  show(lines: (view: View) => string[]): void
  /** Prints lines on stdout in the middle of the work: for a command that goes on until the person ends it. */
  print(lines: (view: View) => string[]): void
  /** Whether people look at stdout, and not a program. */
  isSeen: boolean
  /** Asks a question that is answered by yes or no; absent where nobody can answer. */
  ask?(question: string): Promise<boolean>
  /** Aborts when the person ends the command. */
  signal: AbortSignal
}

/** How wide the terminal is, and how it shows tones. */
export interface View {
  /** Columns; `Infinity` where the output is no terminal, so that programs get all of it. */
  width: number
  paint: Painter
}

/** What a command answers. One place prints it, as the person asked for. */
export interface Answer {
  /** Lines for people, harmless already. */
  lines(view: View): string[]
  /** The same for `-o json` and `-o yaml`, whose shape is part of the API of the program. */
  data: object
  /** The same for `-o name`: `artifactstore.artifactstore.dev/models`. */
  names: string[]
  /** The text of each of the command's own forms of `-o`. May throw a CommandFailure. */
  forms?: Readonly<Record<string, () => string>>
  /** What to know about the answer, such as a right that is missing. It goes to stderr. */
  notes?: string[]
  /** Whether something is not well: the exit code is 1 then. */
  isFound?: boolean
}
