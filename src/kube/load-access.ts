/** Where this process finds its API server and its identity. */
import type { Access } from './access.ts'
import { accessOfPod } from './access-of-pod.ts'
import type { KubeConfigOptions } from './kubeconfig.ts'

/** In a pod its own access, unless a kubeconfig is named. Rejects with an Error that says what is missing. */
export async function loadAccess(options: KubeConfigOptions = {}): Promise<Access> {
  const own = options.kubeconfig ? undefined : accessOfPod()
  if (own) return own
  // A pod needs no YAML, no OpenID Connect and no SOCKS: 3 MB.
  const { loadKubeConfig } = await import('./kubeconfig.ts')
  return loadKubeConfig(options)
}
