/** Commands that the command line prints, run as people run them. */
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlPlane } from '../cluster/control-plane.ts'
import { type CommandLine, collect, type Ran } from './command-line.ts'

/** Puts kubectl beside the program, and returns a shell at the cluster. */
export async function startShell(
  cli: CommandLine,
  { kubectl: { command, args }, dir }: Pick<ControlPlane, 'kubectl' | 'dir'>,
  more: NodeJS.ProcessEnv = {},
): Promise<(line: string, folder?: string) => Promise<Ran>> {
  const words = [command, ...args].map(word => `'${word}'`).join(' ')
  await writeFile(join(cli.folder, 'kubectl'), `#!/bin/sh\nexec ${words} "$@"\n`)
  await chmod(join(cli.folder, 'kubectl'), 0o755)
  const env = { ...cli.env(), KUBECACHEDIR: join(dir, 'kubectl-cache'), ...more }
  return (line, folder = cli.folder) => collect('sh', ['-c', `cd "$0" && ${line}`, folder], { env })
}
