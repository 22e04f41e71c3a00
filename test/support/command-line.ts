/** The bundled command line as a process, as people run it. */
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { project } from './project.ts'

export interface Ran {
  code: number | null
  out: string
  err: string
}

/** What `-o json` printed. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into reports member by member.
export const reportIn = ({ out }: Ran): any => JSON.parse(out)

export class CommandLine {
  readonly folder: string
  readonly #kubeconfig: string

  private constructor(folder: string, kubeconfig: string) {
    this.folder = folder
    this.#kubeconfig = kubeconfig
  }

  /** Bundles it. `kubeconfig`: whose rights it has, unless a run says otherwise. */
  static async bundle(kubeconfig: string): Promise<CommandLine> {
    const folder = await mkdtemp(join(tmpdir(), 'command-line-'))
    await promisify(execFile)(process.execPath, [project('scripts/cli/bundle.ts'), folder])
    await symlink('kubectl-artifactstore.mjs', join(folder, 'kubectl-artifactstore'))
    return new CommandLine(folder, kubeconfig)
  }

  remove = (): Promise<void> => rm(this.folder, { recursive: true, force: true })

  /** Variables with which `kubectl-artifactstore` is on PATH and finds the cluster, and the Node of this process. */
  env(kubeconfig = this.#kubeconfig): NodeJS.ProcessEnv {
    const path = [this.folder, join(process.execPath, '..'), process.env['PATH']].join(delimiter)
    return { ...process.env, PATH: path, KUBECONFIG: kubeconfig, NO_COLOR: undefined, FORCE_COLOR: undefined }
  }

  /** Runs a command line: `status -n ml`. Words have no spaces within. */
  run(line: string, { kubeconfig, signal }: { kubeconfig?: string; signal?: AbortSignal } = {}): Promise<Ran> {
    return collect(join(this.folder, 'kubectl-artifactstore'), line.split(' '), {
      env: this.env(kubeconfig),
      ...(signal ? { signal } : {}),
    })
  }
}

/** Runs a program to its end. */
export function collect(
  command: string,
  words: readonly string[],
  options: { env: NodeJS.ProcessEnv; signal?: AbortSignal },
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    const ran: Ran = { code: null, out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', text => {
      ran.out += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      ran.err += text
    })
    child.once('error', reject)
    child.once('close', code => resolve({ ...ran, code }))
  })
}
