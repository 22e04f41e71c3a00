/** A Python process that uses a store with what its Secret holds: a line in, a line out. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Answer {
  ok?: unknown
  /** The code of the service. */
  refused?: string
}

export class Consumer {
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>

  /** `script`: in this folder. `env`: all that it gets beside PATH. */
  constructor(python: string, script: string, env: Record<string, string>) {
    this.#process = spawn(python, [join(import.meta.dirname, script)], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    if (!this.#process.stdout) throw new Error('no output to read')
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  async ask(command: string): Promise<Answer> {
    this.#process.stdin?.write(`${command}\n`)
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('the consumer ended')
    return JSON.parse(value)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    const exit = once(this.#process, 'exit')
    this.#process.kill()
    await exit
  }
}
