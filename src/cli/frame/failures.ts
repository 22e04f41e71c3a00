/** Pure: what ends a command early, and the exit codes, which scripts rely on. */
import { harmless } from '../text/harmless.ts'

export const EXIT = {
  /** All is well. */
  well: 0,
  /** The command worked, and found something that is not well. */
  found: 1,
  /** The command was given something that it can't work with. */
  usage: 2,
  /** The cluster does not answer, or does not allow it. */
  noAccess: 3,
  /** A fault of this program. */
  fault: 70,
  /** The person ended the command: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends a command with a line "what: where: cure". */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly code: ExitCode
  /** What to do about it. */
  readonly cure: string

  constructor(code: ExitCode, what: string, cure: string, cause?: unknown) {
    super(harmless(`${what}: ${cure}`), cause === undefined ? undefined : { cause })
    this.code = code
    this.cure = cure
  }
}

export const usageFailure = (what: string, cure: string): CommandFailure => new CommandFailure(EXIT.usage, what, cure)
export const noAccess = (what: string, cure: string, cause?: unknown): CommandFailure =>
  new CommandFailure(EXIT.noAccess, what, cure, cause)
export const foundFailure = (what: string, cure: string): CommandFailure => new CommandFailure(EXIT.found, what, cure)
