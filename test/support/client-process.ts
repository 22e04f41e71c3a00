/** Programs as pods run them: of this machine's environment they get only PATH. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

export interface Program {
  command: string
  args: string[]
  env: Record<string, string>
}

/** An environment without other credentials, in which SDKs do not ask the network for any. */
const environment = (env: Record<string, string>): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  ...env,
})

/** ZenML alone loads half a minute on a busy machine. */
const ENDS_WITHIN_MS = 180_000

/** Runs a program to its end and resolves with its output. Rejects with its stderr when it fails. */
export async function run({ command, args, env }: Program, input = ''): Promise<string> {
  const running = promisify(execFile)(command, args, { env: environment(env), timeout: ENDS_WITHIN_MS })
  running.child.stdin?.end(input)
  try {
    return (await running).stdout.trim()
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: ${(error as { stderr?: string }).stderr || why(error)}`)
  }
}

const why = (error: unknown): unknown =>
  (error as { killed?: boolean }).killed ? `has not ended within ${ENDS_WITHIN_MS / 1000} s` : error

const living = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

/** Makes a child process end with this one. */
export function endWithUs(child: ChildProcess): void {
  living.add(child)
  child.once('exit', () => living.delete(child))
}

/** A program that runs until it is disposed of. */
export class RunningProgram implements AsyncDisposable {
  protected readonly child: ChildProcess

  constructor({ command, args, env }: Program) {
    const child = spawn(command, args, { env: environment(env), stdio: ['pipe', 'pipe', 'inherit'] })
    endWithUs(child)
    this.child = child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await exited
  }
}

/** A program that answers each line of input with a line of JSON. */
export class ClientProcess extends RunningProgram {
  readonly #answers: AsyncIterator<string>

  constructor(program: Program) {
    super(program)
    if (!this.child.stdout) throw new Error('no output to read')
    this.#answers = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  async ask(question = ''): Promise<unknown> {
    this.child.stdin?.write(`${question}\n`)
    return this.answer()
  }

  /** Waits for a line that the program writes. */
  async answer(): Promise<unknown> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error(`${this.child.spawnargs.join(' ')} ended without an answer`)
    return JSON.parse(value)
  }
}
