/**
 * Who is let in: whoever has the token of the URL that is printed, and the browser that this program opens. Others of this
 * machine can read the command that opens it (`ps`), also long after that, so its URL has a code that lets in once, and
 * soon.
 */
import { randomBytes } from 'node:crypto'
import { type Refused, refused } from './gate.ts'

/** Browsers that start for the first time, or ask which profile to use, take a while. */
const CODE_MS = 120_000

const SEE = 'open the URL that "kubectl artifactstore ui" has printed in its terminal'

interface Code {
  endMs: number
  /** What was given for it. */
  token: string | undefined
}

interface Options {
  /** In ms; never goes back. */
  now?: () => number
  /** Called when a token that was given is no longer one. */
  onRevoke: () => void
}

const random = (): string => randomBytes(32).toString('base64url')

export class Door {
  /** Lets in as long as the server runs. */
  readonly token: string
  /** All tokens that let in now. */
  readonly tokens: Set<string>
  readonly #codes = new Map<string, Code>()
  readonly #now: () => number
  readonly #onRevoke: () => void

  constructor({ now = () => performance.now(), onRevoke }: Options, token = random()) {
    this.token = token
    this.tokens = new Set([token])
    this.#now = now
    this.#onRevoke = onRevoke
  }

  /** A new code. */
  code(): string {
    const code = random()
    this.#codes.set(code, { endMs: this.#now() + CODE_MS, token: undefined })
    return code
  }

  /**
   * A token for a code. Who comes second is refused, and the first one is out, too: one of them is somebody who has read the
   * command line.
   */
  enter(code: string): { token: string } | Refused {
    const known = this.#codes.get(code)
    if (!known) return no(`this URL is of an earlier start: ${SEE}`)
    if (known.token !== undefined) {
      if (this.tokens.delete(known.token)) this.#onRevoke()
      return no(`this URL has been used, and lets in only once; who was let in by it is out, too: ${SEE}`)
    }
    if (known.endMs < this.#now()) return no(`this URL was opened too late: ${SEE}`)
    known.token = random()
    this.tokens.add(known.token)
    return { token: known.token }
  }
}

const no = (words: string): Refused => refused(401, 'NoToken', words)
