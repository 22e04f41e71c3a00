/** The real kubectl against a test cluster. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { ControlPlane } from './control-plane.ts'

/** Runs kubectl and returns its stdout; a failure throws its stderr. `kubeconfig` defaults to the administrator's. */
export function kubectl(
  controlPlane: Pick<ControlPlane, 'kubectl' | 'kubeconfig' | 'dir'>,
  args: readonly string[],
  stdin?: string,
  options: { kubeconfig?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { command, args: before } = controlPlane.kubectl
  const env = {
    ...process.env,
    KUBECONFIG: options.kubeconfig ?? controlPlane.kubeconfig,
    // By default kubectl caches discovery in the user's home, by host and port.
    KUBECACHEDIR: join(controlPlane.dir, 'kubectl-cache'),
    ...options.env,
  }
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...before, ...args], { env })
    const output = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', chunk => {
      output.stdout += chunk
    })
    child.stderr.setEncoding('utf8').on('data', chunk => {
      output.stderr += chunk
    })
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0) return resolve(output.stdout)
      reject(new Error(`kubectl ${args.join(' ')}: exit code ${code}\n${output.stderr}`))
    })
    // kubectl may end before it has read all of its input.
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin ?? '')
  })
}
