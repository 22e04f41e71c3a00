/** The real Helm, built once into the cache. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { goInstall } from './tools.ts'

const helmVersion = 'v4.3.2'

export function helmBinary(): Promise<string> {
  return goInstall('helm', `helm.sh/helm/v4/cmd/helm@${helmVersion}`, 'about 3 minutes')
}

/** Runs Helm and returns its stdout; a failure throws its stderr. `dir`: where Helm may keep files of its own. */
export async function helm(dir: string, args: readonly string[], kubeconfig = ''): Promise<string> {
  const homes = Object.fromEntries(['CACHE', 'CONFIG', 'DATA'].map(home => [`HELM_${home}_HOME`, join(dir, 'helm')]))
  const env = { ...process.env, ...homes, KUBECONFIG: kubeconfig }
  const { stdout } = await promisify(execFile)(await helmBinary(), args, { env, maxBuffer: 16 * 2 ** 20 })
  return stdout
}
