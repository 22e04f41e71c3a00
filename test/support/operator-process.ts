/** The operator as its own process, from source, with its logs and metrics at hand. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { endWithUs } from './client-process.ts'
import { until } from './until.ts'

export interface LogLine {
  level: string
  msg: string
  key?: string
  [field: string]: unknown
}

/** What to run; `main` is relative to the project. */
export interface Program {
  main: string
  nodeFlags: string[]
  env?: NodeJS.ProcessEnv
}

const FROM_SOURCE: Program = { main: 'src/main.ts', nodeFlags: [] }

const project = (path: string): string => join(import.meta.dirname, '../..', path)

export class OperatorProcess {
  readonly logs: LogLine[] = []
  readonly raw: string[] = []
  readonly #child: ChildProcess
  #exit: { code: number | null } | undefined

  private constructor(child: ChildProcess) {
    this.#child = child
    child.once('exit', code => {
      this.#exit = { code }
    })
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', line => this.#take(line))
    }
  }

  /** Resolves when it is ready: caches synced, and leading or standing by. */
  static async start(kubeconfig: string, flags: string[] = [], program = FROM_SOURCE): Promise<OperatorProcess> {
    const own = ['--kubeconfig', kubeconfig, '--listen', '127.0.0.1:0']
    const child = spawn(process.execPath, [...program.nodeFlags, project(program.main), ...own, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, POD_NAMESPACE: 'artifact-store-system', ...program.env },
    })
    endWithUs(child)
    const operator = new OperatorProcess(child)
    await operator.until('ready', async () => (await operator.get('/readyz')).startsWith('ok'))
    return operator
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
      // Not a log line: Node's own words.
    }
  }

  until<T>(what: string, condition: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
    return until(
      `operator: ${what}`,
      () => {
        if (this.#exit) throw new Error(`the operator ended with ${this.#exit.code}`)
        return condition()
      },
      { last: () => this.raw.slice(-15) },
    )
  }

  async get(path: string): Promise<string> {
    const port = this.logs.find(({ msg }) => msg === 'started')?.['port']
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return response.text()
  }

  /** The sum of a metric's samples whose labels include the given ones. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
    const lines = (await this.get('/metrics')).split('\n')
    return lines
      .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter(line => wanted.every(text => line.includes(text)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }

  async leads(): Promise<void> {
    await this.until('leads', async () => (await this.metric('artifactstore_leader')) === 1)
  }

  /** Graceful. Returns the exit code. */
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
