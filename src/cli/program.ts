/** The command line: from words to an action, and from its answer to output and an exit code. */
import { CommanderError, Command as Program, Option as ProgramOption } from 'commander'
import type { Command, GlobalOptions, Invocation, Option, View } from './frame/command.ts'
import { GROUPS } from './frame/command.ts'
import { CommandFailure, EXIT, type ExitCode, usageFailure } from './frame/failures.ts'
import { globalsOf, outputsOf } from './frame/globals.ts'
import { harmless } from './text/harmless.ts'
import { UnwritableWord } from './text/shell.ts'

/** What the program is called in help: kubectl finds it by its file name, and people call it by kubectl. */
export const NAME = 'kubectl artifactstore'

export interface Surroundings {
  commands: readonly Command[]
  version: string
  out(text: string): void
  err(text: string): void
  view: View
  now(): Date
  progress: { say(text: string): void; end(): void }
  /** How stderr shows lines. Default: as stdout does. */
  errView?: View
  /** Absent where nobody can answer. */
  ask?(question: string): Promise<boolean>
  signal: AbortSignal
}

/** Runs a command line, without the names of the program. Does not throw. */
export async function runProgram(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { commands, err, progress, signal } = surroundings
  try {
    // What the shell completes may be any words, and none of them is an option of the command that does it.
    const hidden = commands.find(({ name, isHidden }) => isHidden && name === words[0])
    if (hidden) return await act(hidden, { arguments: words.slice(1), options: {}, globals: {} }, surroundings)
    return await parse(words.length > 0 ? words : ['--help'], surroundings)
  } catch (error) {
    progress.end()
    if (error instanceof CommanderError) return usageCode(error, { words, commands, err })
    if (error instanceof CommandFailure) {
      err(`${error.message}\n`)
      return error.code
    }
    if (error instanceof UnwritableWord) {
      err(`${error.message}: correct the value that has it, or see it by -o json\n`)
      return EXIT.found
    }
    if (signal.aborted) return EXIT.interrupted
    err(`this is a fault of the program: ${error instanceof Error ? error.stack : String(error)}\n`)
    return EXIT.fault
  }
}

/** What of an invocation is read from the words. */
type Given = Pick<Invocation, 'arguments' | 'options' | 'globals'>

/** Runs a command, and writes what it answers. */
async function act(command: Command, given: Given, surroundings: Surroundings): Promise<ExitCode> {
  const { commands, progress, now, signal, view, errView = view, out, err, ask } = surroundings
  checkOutput(command, given.globals)
  const show = (lines: (view: View) => string[]): void => {
    progress.end()
    for (const line of lines(errView)) err(`${line}\n`)
  }
  const print = (lines: (view: View) => string[]): void => {
    progress.end()
    for (const line of lines(view)) out(`${line}\n`)
  }
  const printing = { print, isSeen: Number.isFinite(view.width) }
  const asked = ask && { ask }
  const answer = await command.run({
    ...given,
    commands,
    now,
    progress: progress.say,
    show,
    ...printing,
    ...asked,
    signal,
  })
  progress.end()
  const { textOfAnswer } = await import('./frame/print.ts')
  out(await textOfAnswer(answer, given.globals.output, view))
  for (const note of answer.notes ?? []) err(`note: ${note}\n`)
  return answer.isFound ? EXIT.found : EXIT.well
}

function checkOutput(command: Command, { output }: GlobalOptions): void {
  if (output === undefined || outputsOf(command).includes(output)) return
  throw usageFailure(`${command.name} has no output ${output}`, `use one of ${outputsOf(command).join(', ')}`)
}

function usageCode(
  error: CommanderError,
  { words, commands, err }: Pick<Surroundings, 'commands' | 'err'> & { words: readonly string[] },
): ExitCode {
  if (error.exitCode === 0) return EXIT.well
  // Help of a command that is not there is help, to commander.
  const what =
    error.code === 'commander.help' ? `there is no command "${words[1] ?? ''}"` : error.message.replace(/^error: /, '')
  const named = commands.find(({ name, aliases = [] }) => words.some(word => word === name || aliases.includes(word)))
  err(`${harmless(what).replace(/\.$/, '')}: see "${NAME} ${named ? `help ${named.name}` : '--help'}"\n`)
  return EXIT.usage
}

/** Rejects with a CommanderError for help, the version, and words that mean nothing. */
async function parse(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { commands, version, out } = surroundings
  let code: ExitCode = EXIT.well
  const program = new Program(NAME)
    .description('See, understand and mend what the artifact-store-operator does, with your own rights.')
    .version(version, '--version', 'print the version of this program')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: out, writeErr: () => undefined, outputError: () => undefined })
    .exitOverride()
    .addHelpText('after', AFTER)
  for (const option of globalsOf()) program.addOption(globalOf(option, commands))
  for (const group of GROUPS) {
    program.commandsGroup(`${group}:`)
    for (const command of commands.filter(command => command.group === group && !command.isHidden)) {
      addCommand(program, command).action(async (...values: unknown[]) => {
        const [options, ...positional] = values.slice(0, -1).reverse() as [Invocation['options'], ...unknown[]]
        const given = { arguments: positional.reverse().filter(word => typeof word === 'string'), options }
        code = await act(command, { ...given, globals: program.opts<GlobalOptions>() }, surroundings)
      })
    }
  }
  await program.parseAsync(words as string[], { from: 'user' })
  return code
}

/** Adds a command without its action. */
function addCommand(parent: Program, command: Command): Program {
  const child = parent.command(command.name).summary(command.summary).description(descriptionOf(command))
  child.aliases([...(command.aliases ?? [])]).allowExcessArguments(false)
  child.addHelpText('after', `\nExamples:\n${examplesOf(command)}`)
  for (const { name, about, isRequired } of command.arguments ?? [])
    child.argument(isRequired ? `<${name}>` : `[${name}]`, about)
  for (const option of command.options ?? []) child.addOption(optionOf(option))
  return child
}

function optionOf({ flags, about, default: preset, choices }: Option): ProgramOption {
  const option = new ProgramOption(flags, about)
  if (preset !== undefined) option.default(preset)
  if (choices) option.choices(choices)
  return option
}

/** What a choice may be depends on the command, and is looked at when that is known. */
function globalOf({ choices, ...option }: Option, commands: readonly Command[]): ProgramOption {
  if (!choices) return optionOf(option)
  const others = commands.filter(({ outputs }) => outputs).map(({ name }) => name)
  const more = others.length > 0 ? `; ${others.join(', ')} has others` : ''
  return optionOf({ ...option, about: `${option.about} (choices: ${choices.join(', ')}${more})` })
}

const descriptionOf = ({ summary, about }: Command): string =>
  `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.${about ? `\n\n${about}` : ''}`

const examplesOf = ({ examples }: Command): string =>
  examples.map(({ line, about }) => `  # ${about}\n  ${NAME} ${line}`).join('\n\n')

const AFTER = `
Exit codes: 0 all is well, 1 something was found, 2 the command line is wrong, 3 no access to the cluster.
"${NAME} help status" says more of a command.`
