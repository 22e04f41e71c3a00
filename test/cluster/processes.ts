/** Child processes, ports and temporary directories that never outlive their owner. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { progress } from './cache.ts'
import type { Command } from './tools.ts'

/**
 * A script that reads process ids and directories until its input ends, and then kills and removes them. The input ends
 * however this process dies, even by SIGKILL. The script has a session of its own, so that Ctrl-C doesn't end it.
 */
const reaperScript = `
pids=' '
while read -r kind value; do
  case $kind in
    pid) pids="$pids$value " ;;
    gone) case $pids in *" $value "*) pids="\${pids%% $value *} \${pids#* $value }" ;; esac ;;
    directory) set -- "$@" "$value" ;;
  esac
done
[ "$pids" = ' ' ] || kill -KILL $pids 2>/dev/null
# A dying process may still write.
for attempt in 1 2 3 4 5; do
  [ $# -eq 0 ] || rm -rf -- "$@" 2>/dev/null && break
  sleep 0.1
done
`

let reaper: Writable | undefined

function tellReaper(line: string): void {
  if (!reaper) {
    const child = spawn('sh', ['-c', reaperScript, 'reaper'], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
    child.unref()
    reaper = child.stdin
    // Unreferenced, so that the open pipe doesn't keep this process alive.
    ;(child.stdin as unknown as { unref(): void }).unref()
    reaper.on('error', () => undefined)
  }
  reaper.write(`${line}\n`)
}

/** A directory for the data and logs of one server; `remove()` or the end of this process deletes it. */
export class Workspace {
  readonly dir: string
  readonly logs: string
  #keep = Boolean(process.env['ASO_KEEP_LOGS'])

  static async create(name: string): Promise<Workspace> {
    const dir = await mkdtemp(join(tmpdir(), `aso-${name}-`))
    const workspace = new Workspace(dir)
    if (!workspace.#keep) tellReaper(`directory ${dir}`)
    await mkdir(workspace.logs)
    return workspace
  }

  private constructor(dir: string) {
    this.dir = dir
    this.logs = join(dir, 'logs')
  }

  keepLogs(): void {
    this.#keep = true
  }

  async remove(): Promise<void> {
    if (!this.#keep) return rm(this.dir, { recursive: true, force: true, maxRetries: 5 })
    // The logs get a name that the reaper doesn't know, so that it won't remove them.
    const kept = `${this.dir}.logs`
    await rename(this.logs, kept)
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 })
    progress(`logs are kept in ${kept}`)
  }
}

/** One server process with its log. */
export class Service {
  readonly name: string
  readonly log: string
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  /** Where this run's output begins: a restart appends to the log of the run before. */
  readonly #logStart: number
  #exit: string | undefined

  constructor(
    name: string,
    command: Command,
    args: readonly string[],
    options: { logs: string; env?: NodeJS.ProcessEnv },
  ) {
    this.name = name
    this.log = join(options.logs, `${name}.log`)
    const output = openSync(this.log, 'a')
    this.#logStart = fstatSync(output).size
    this.#child = spawn(command.command, [...command.args, ...args], {
      stdio: ['ignore', output, output],
      env: { ...process.env, ...options.env },
    })
    closeSync(output)
    const { pid } = this.#child
    if (pid) tellReaper(`pid ${pid}`)
    this.#ended = new Promise(resolve => {
      const ended = (reason: string) => {
        this.#exit = reason
        if (pid) tellReaper(`gone ${pid}`)
        resolve()
      }
      this.#child.once('error', error => ended(error.message))
      this.#child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`))
    })
    this.#child.unref()
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** The output of this run. */
  output(): string {
    return readFileSync(this.log).subarray(this.#logStart).toString()
  }

  /** Kills the server at once: its data is either durable elsewhere or about to be removed. */
  async kill(): Promise<void> {
    this.#child.ref()
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** Polls until `condition` gives a value; fails early, with the log's end, when the process dies. */
  async until<T>(what: string, condition: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
    const deadline = performance.now() + 120_000
    for (let last: unknown; ; ) {
      try {
        const value = await condition()
        if (value !== undefined && value !== false) return value
      } catch (error) {
        last = error
      }
      const fate = this.#exit ? `ended (${this.#exit})` : performance.now() > deadline ? 'took too long' : undefined
      if (fate) {
        const tail = this.output().split('\n').slice(-20).join('\n')
        throw new Error(`${this.name} ${fate} before ${what}; the end of its log:\n${tail}`, { cause: last })
      }
      await sleep(25)
    }
  }
}

const handedOut = new Set<number>()
const PORTS_OF_EACH = 1_000
/** Test files that run at the same time have ports of their own. The runner numbers its workers from 1. */
const firstPort = 12_000 + (Number(process.env['NODE_TEST_WORKER_ID'] ?? 0) % 10) * PORTS_OF_EACH

/**
 * A free port of 127.0.0.1 from 12,000 to 21,999. That, and 10,000 more, is below the range that systems give to outgoing
 * connections, so that it is still free when a stopped server starts again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * PORTS_OF_EACH)
    if (handedOut.has(port) || !(await isFree(port))) continue
    handedOut.add(port)
    return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
