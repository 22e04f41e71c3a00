/** The terminal: its width, its colours, and what is written to it. */
import type { ReadStream, WriteStream } from 'node:tty'
import { coloured, colourless } from '../text/style.ts'
import { fit } from '../text/width.ts'
import type { View } from './command.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Stream = Pick<WriteStream, 'write'> & { isTTY?: boolean; columns?: number }

/** Whether to write colours: FORCE_COLOR and NO_COLOR decide (no-color.org), and else whether people look at it. */
export function wantsColours(env: Environment, isTerminal: boolean): boolean {
  const force = env['FORCE_COLOR']
  if (force !== undefined) return force !== '0' && force !== 'false'
  return isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

/** Terminals that nobody has given a size, as containers and CI have them, say that they have no columns. */
const columnsOf = ({ columns }: Stream): number => columns || 80

export function viewOf(stream: Stream, env: Environment): View {
  const isTerminal = stream.isTTY === true
  return {
    width: isTerminal ? columnsOf(stream) : Number.POSITIVE_INFINITY,
    paint: wantsColours(env, isTerminal) ? coloured : colourless,
  }
}

const CLEAR_LINE = '\r\x1b[K'

/** A line that is written over itself, and is gone at the end. Nothing is written where nobody looks. */
export function createProgress(stream: Stream): { say(text: string): void; end(): void } {
  let isShown = false
  const isSeen = stream.isTTY === true
  return {
    say(text) {
      if (!isSeen) return
      isShown = true
      stream.write(`${CLEAR_LINE}${fit(text, columnsOf(stream) - 1)}`)
    },
    end() {
      if (isShown) stream.write(CLEAR_LINE)
      isShown = false
    },
  }
}

/** Asks on a terminal. Nothing where nobody sees the question, or can answer it. Anything but "y" or "yes" is a no. */
export function questioner(
  input: ReadStream,
  output: WriteStream,
  signal: AbortSignal,
): { ask?(question: string): Promise<boolean> } {
  if (!input.isTTY || !output.isTTY) return {}
  return {
    async ask(question) {
      const { createInterface } = await import('node:readline/promises')
      const lines = createInterface({ input, output })
      try {
        // The terminal's own end of the input is a no, too.
        const closed = new Promise<string>(resolve => lines.once('close', () => resolve('')))
        const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), closed])
        return /^y(es)?$/i.test(answer.trim())
      } finally {
        lines.close()
      }
    },
  }
}
