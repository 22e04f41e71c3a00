/** Pure: commands of a shell that set up one thing after the other, with what is to be filled in. */
import { harmless } from '../text/harmless.ts'
import { filling, lineOf, shownHoles, type Unknown, unknownsIn, withVariables } from './holes.ts'
import type { Sheet } from './sheet.ts'

export interface Step {
  /** What it does, for a comment. */
  words: string
  /** A command line, which may have holes; absent where the words are all. */
  line?: string
  /** Account of AWS whose credentials it needs; it may have holes. */
  account?: string
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
  const found = unknownsIn(steps.map(({ line = '' }) => line).join(' '), unknowns)
  const accounts = new Set(steps.flatMap(({ account }) => account ?? []))
  const lines = [
    '#!/bin/sh',
    comment(`${title}: ${of.kind} ${of.namespace}/${of.name}`),
    ...notes.map(note => comment(`Note: ${note}`)),
    'set -eu',
    ...found.flatMap(unknown => ['', comment(unknown.how), `: ${filling(unknown)}`]),
  ]
  let current: string | undefined
  for (const { words, line, account } of steps) {
    if (accounts.size > 1 && account !== undefined && account !== current) {
      lines.push('', comment(`Account ${shownHoles(account)}: run this part with credentials of that account.`))
      current = account
    }
    lines.push('', comment(words), ...(line === undefined ? [] : [withVariables(line)]))
  }
  return `${lines.join('\n')}\n`
}

/** A comment stays one, whatever is in it. */
const comment = (text: string): string => `# ${harmless(withVariables(text))}`

export const step = (words: string, line: readonly string[], account?: string): Step => ({
  ...{ words, line: lineOf(line) },
  ...(account === undefined ? {} : { account }),
})
