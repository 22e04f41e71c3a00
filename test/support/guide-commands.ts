/** Runs the commands of a guide as its readers do: in a shell, with the real kubectl and Helm. */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ControlPlane } from '../cluster/control-plane.ts'
import { etcdTools } from '../cluster/etcd.ts'
import { helmBinary } from '../cluster/helm.ts'
import type { Command } from '../cluster/tools.ts'
import type { Guide } from '../guides.ts'

export interface Shell {
  /**
   * Runs the commands of a section of a guide, and returns what they print. Throws with stderr when one of them fails,
   * unless each line of stderr is `expected`.
   */
  run(guide: Guide, section: string, expected?: RegExp): Promise<string>
}

export interface ShellOptions {
  /** Whether Helm is there. */
  helm?: boolean
  /** Whether etcdctl and etcdutl are there. */
  etcd?: boolean
  /** Variables that the guide names. */
  env?: NodeJS.ProcessEnv
}

/** A shell with an administrator's kubeconfig. `dir`: the folder that commands run in. */
export async function createShell(controlPlane: ControlPlane, dir: string, options: ShellOptions = {}): Promise<Shell> {
  const bin = join(controlPlane.dir, 'bin')
  mkdirSync(bin, { recursive: true })
  mkdirSync(dir, { recursive: true })
  const programs: Record<string, Command> = {
    kubectl: controlPlane.kubectl,
    ...(options.helm ? { helm: { command: await helmBinary(), args: [] } } : {}),
    ...(options.etcd ? await etcdTools() : {}),
  }
  for (const [name, { command, args }] of Object.entries(programs)) {
    const script = `#!/bin/sh\nexec ${[command, ...args].map(word => `'${word}'`).join(' ')} "$@"\n`
    writeFileSync(join(bin, name), script, { mode: 0o755 })
  }
  const homes = Object.fromEntries(
    ['CACHE', 'CONFIG', 'DATA'].map(home => [`HELM_${home}_HOME`, join(controlPlane.dir, 'helm')]),
  )
  const env = {
    ...{ ...process.env, ...homes, KUBECONFIG: controlPlane.kubeconfig, PATH: `${bin}:${process.env['PATH']}` },
    KUBECACHEDIR: join(controlPlane.dir, 'kubectl-cache'),
    ...options.env,
  }
  return {
    async run(guide, section, expected) {
      const script = commandsIn(guide.section(section))
      const { code, stdout, stderr } = await runScript(script, { cwd: dir, env, stopAtFailure: expected === undefined })
      const unexpected = stderr.split('\n').filter(line => line !== '' && !expected?.test(line))
      if ((code !== 0 && expected === undefined) || (expected && unexpected.length > 0)) {
        throw new Error(`docs/${guide.name}, ${section}: exit code ${code}\n${script}\n${stderr}`)
      }
      return stdout
    },
  }
}

/** Indented lines as lines of a script. */
function commandsIn(text: string): string {
  const lines = text.split('\n').filter(line => line.startsWith('    '))
  if (lines.length === 0) throw new Error(`no commands in:\n${text}`)
  return lines.map(line => line.slice(4)).join('\n')
}

interface ScriptOptions {
  cwd: string
  env: NodeJS.ProcessEnv
  /** Whether the first command that fails ends the script. */
  stopAtFailure: boolean
}

function runScript(script: string, { cwd, env, stopAtFailure }: ScriptOptions) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    const child = spawn('bash', [...(stopAtFailure ? ['-e'] : []), '-uo', 'pipefail', '-c', script], { cwd, env })
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', chunk => {
        output[name] += chunk
      })
    }
    child.once('error', reject)
    child.once('close', code => resolve({ code, ...output }))
  })
}
