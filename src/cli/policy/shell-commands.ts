/** Pure: commands of a shell that set up one thing after the other, with what is to be filled in. */

import { harmless } from '../text/harmless.ts'
import { awsLine } from './aws-words.ts'
import { filling, hole, lineOf, piecesOf, shownHoles, type Unknown, unknownsIn, withVariables } from './holes.ts'
import type { Sheet } from './sheet.ts'

export interface Step {
  /** What it does, for a comment. */
  words: string
  /** A command line, which may have holes; absent where the words are all. */
  line?: string
  /** Account of AWS whose credentials it needs; it may have holes. */
  account?: string
  /** Region of its calls, where it need not be the one that is set. */
  region?: string
}

/** A command that people run as it is: what is not found by a command must be in the environment. */
export interface ReadyCommand {
  command: string
  /** Variables of the environment. */
  needs: string[]
}

export function readyCommand(line: string, unknowns: readonly Unknown[]): ReadyCommand {
  const found = unknownsIn(line, unknowns)
  const fill = found.length === 0 ? '' : `: ${found.map(filling).join(' ')} && `
  return {
    command: fill + withVariables(line),
    needs: found.filter(({ command }) => command === undefined).map(({ name }) => name),
  }
}

/** Everything as a script for a POSIX shell. It stops at the first command that fails. */
export function scriptOf({ of, unknowns, notes }: Sheet, title: string, steps: readonly Step[]): string {
  const accounts = accountsOf(steps)
  const found = unknownsIn(
    [...accounts, ...steps.map(({ line = '' }) => line)].join(' '),
    forAccounts(unknowns, accounts),
  )
  const lines = [
    '#!/bin/sh',
    comment(`${title}: ${of.kind} ${of.namespace}/${of.name}`),
    ...notes.map(note => comment(`Note: ${note}`)),
    'set -eu',
    ...found.flatMap(unknown => ['', comment(unknown.how), `: ${filling(unknown)}`]),
    ...(accounts.length > 0 ? accountLines(steps, accounts, found) : steps.flatMap(linesOf)),
  ]
  return `${lines.join('\n')}\n`
}

const linesOf = ({ words, line }: Step): string[] => [
  ...['', comment(words)],
  ...(line === undefined ? [] : [withVariables(line)]),
]

/** Parts, each of which only runs with credentials of its account: run by another, it could change a role of that name. */
function accountLines(steps: readonly Step[], accounts: readonly string[], found: readonly Unknown[]): string[] {
  const parts: Step[][] = []
  for (const step of steps) {
    const last = parts.at(-1)
    if (last?.[0]?.account === step.account) last?.push(step)
    else parts.push([step])
  }
  const region = steps.find(step => step.region !== undefined && step.account !== undefined)?.region
  const isOne = accounts.length === 1
  const none = isOne
    ? `this is for account ${named(accounts[0])}: run it with credentials of that account, for example by AWS_PROFILE`
    : `this is for accounts ${accounts.map(named).join(' and ')}: run it with credentials of each, for example by AWS_PROFILE`
  return [
    ...['', comment('What follows is done with credentials of its account only.')],
    withVariables(`account=$(${callerAccount(region)})`),
    'ran=',
    ...parts.flatMap(part => partLines(part, found)),
    '',
    `if [ -z "$ran" ]; then ${said(`these are credentials of account ${hole('account')}, and ${none}`)}; exit 1; fi`,
  ]
}

function partLines(part: readonly Step[], found: readonly Unknown[]): string[] {
  const [{ account } = {}] = part
  if (account === undefined) return part.flatMap(linesOf)
  const values = found.map(({ name }) => `${name}=${hole(name)}`)
  const withValues = values.length === 0 ? '' : `, and with ${values.join(' ')}`
  return [
    ...['', comment(`Account ${shownHoles(named(account))}`)],
    `if [ "$account" = ${withVariables(lineOf([account]))} ]; then`,
    ...['ran=yes', ...part.flatMap(linesOf), '', 'else'],
    said(
      `left out what is for account ${named(account)}: run this again with credentials of that account${withValues}`,
    ),
    'fi',
  ]
}

/** Says a sentence, whose holes are variables. */
const said = (sentence: string): string => withVariables(`echo ${lineOf([sentence])} >&2`)

const callerAccount = (region: string | undefined): string =>
  awsLine(region, 'sts', 'get-caller-identity', ['--query=Account', '--output=text'])

/** At AWS, an ARN without an account is of nobody: no credentials are of that account. */
const named = (account = ''): string => account || '(none: correct the ARN of the role)'

const accountsOf = (steps: readonly Step[]): string[] => [...new Set(steps.flatMap(({ account }) => account ?? []))]

/** Where there are several accounts, the one of the caller is none that could be meant. */
const forAccounts = (unknowns: readonly Unknown[], accounts: readonly string[]): Unknown[] =>
  unknowns.map(({ isOfCaller, command, ...unknown }) => ({
    ...unknown,
    ...(command === undefined || (isOfCaller && accounts.length > 1) ? {} : { command }),
  }))

/**
 * The lines of steps as commands of their own. Each looks whose credentials it has, as accounts have roles of the same names,
 * unless it takes the account from whoever runs it.
 */
export function readySteps(steps: readonly Step[], unknowns: readonly Unknown[]): ReadyCommand[] {
  const accounts = accountsOf(steps)
  const known = forAccounts(unknowns, accounts)
  return steps.flatMap(({ line, account, region }) => {
    if (line === undefined) return []
    if (account === undefined || (accounts.length < 2 && isOfCaller(account))) return [readyCommand(line, known)]
    const message = lineOf([`this is for account ${named(account)}: run it with credentials of that account`])
    const own = `[ "$(${callerAccount(region)})" = ${account === '' ? "''" : lineOf([account])} ]`
    return [readyCommand(`if ${own}; then ${line}; else echo ${message} >&2; false; fi`, known)]
  })
}

/** Whether the account is still to be found. */
const isOfCaller = (account: string): boolean => piecesOf(account).some(piece => 'hole' in piece)

/** A comment stays one, whatever is in it. */
const comment = (text: string): string => `# ${harmless(withVariables(text))}`

export const step = (words: string, line: readonly string[]): Step => ({ words, line: lineOf(line) })
