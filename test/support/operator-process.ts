/** The operator as a process of its own, from source, with its logs and metrics. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { endWithUs } from './client-process.ts'
import { readDockerfile } from './dockerfile.ts'
import { project } from './project.ts'
import { sumOf } from './prometheus.ts'
import { until } from './until.ts'

export interface LogLine {
  level: string
  msg: string
  key?: string
  [field: string]: unknown
}

/** The program to run; `main` is absolute, or relative to the root of the project. */
export interface Program {
  main: string
  nodeFlags: string[]
  env?: NodeJS.ProcessEnv
  /** What runs the program in another place, instead of Node with `main`; it gets no kubeconfig. */
  command?: readonly string[]
  /** Time until it must be ready. Default 30 s. */
  readyMs?: number
}

const FROM_SOURCE: Program = { main: 'src/main.ts', nodeFlags: [] }

/** The bundle, with Node's flags and the environment of the Dockerfile. */
export function asInTheImage(): Program {
  const { entrypoint, env } = readDockerfile()
  return { main: 'dist/operator.mjs', nodeFlags: entrypoint.filter(word => word.startsWith('--')), env }
}

export class OperatorProcess {
  readonly logs: LogLine[] = []
  readonly raw: string[] = []
  readonly #child: ChildProcess
  #exit: { code: number | null } | undefined
  #scrapedAt = Number.NEGATIVE_INFINITY

  private constructor(child: ChildProcess) {
    this.#child = child
    child.once('exit', code => {
      this.#exit = { code }
    })
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', line => this.#take(line))
    }
  }

  /** Starts an operator. Resolves when its caches are synced and it leads or stands by. */
  static async start(kubeconfig: string, flags: string[] = [], program = FROM_SOURCE): Promise<OperatorProcess> {
    const operator = OperatorProcess.spawn(kubeconfig, flags, program)
    const ready = async () => (await operator.get('/readyz')).startsWith('ok')
    try {
      await operator.until('ready', ready, program.readyMs)
      return operator
    } catch (error) {
      // Nobody else knows it, and its output would keep the tests from their end.
      await operator.kill()
      throw error
    }
  }

  /** The same without the wait: for an operator that shall not become ready. */
  static spawn(kubeconfig: string, flags: string[] = [], program = FROM_SOURCE): OperatorProcess {
    const here = [process.execPath, ...program.nodeFlags, project(program.main), '--kubeconfig', kubeconfig]
    const [command = '', ...before] = program.command ?? here
    const child = spawn(command, [...before, '--listen', '127.0.0.1:0', ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, POD_NAMESPACE: 'artifact-store-system', ...program.env },
    })
    endWithUs(child)
    return new OperatorProcess(child)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  get exited(): { code: number | null } | undefined {
    return this.#exit
  }

  #take(line: string): void {
    this.raw.push(line)
    try {
      this.logs.push(JSON.parse(line))
    } catch {
      // The line is no log line but output of Node itself.
    }
  }

  until<T>(
    what: string,
    condition: () => Promise<T | undefined | false> | T | undefined | false,
    ms = 30_000,
  ): Promise<T> {
    return until(
      `operator: ${what}`,
      () => {
        if (this.#exit) throw new Error(`the operator ended with ${this.#exit.code}`)
        return condition()
      },
      { ms, last: () => this.raw.slice(-15) },
    )
  }

  async get(path: string): Promise<string> {
    const port = this.logs.find(({ msg }) => msg === 'started')?.['port']
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return response.text()
  }

  /** The text of all metrics as they are now. */
  async metrics(): Promise<string> {
    // What was scraped before is served for a second.
    await setTimeout(Math.max(0, this.#scrapedAt + 1_000 - performance.now()))
    const text = await this.get('/metrics')
    this.#scrapedAt = performance.now()
    return text
  }

  /** The sum of a metric's samples whose labels include the given ones, as it is now. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    return sumOf(await this.metrics(), name, labels)
  }

  async leads(): Promise<void> {
    await this.until('leads', async () => (await this.metric('artifactstore_leader')) === 1)
  }

  /** Stops it gracefully. Returns the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    if (!this.#exit) {
      const exit = once(this.#child, 'exit')
      this.#child.kill(signal)
      await exit
    }
    return this.#exit?.code ?? null
  }
}
