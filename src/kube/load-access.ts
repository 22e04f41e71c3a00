/** Where this process finds its API server and its identity. */
import type { Access } from './access.ts'
import { accessOfPod } from './access-of-pod.ts'
import type { KubeConfigOptions } from './kubeconfig.ts'

export interface AccessOptions extends KubeConfigOptions {
  /** Whether `$KUBECONFIG` or `~/.kube/config`, if there is one, goes before the access of a pod, as with kubectl. */
  likeKubectl?: boolean
}

/**
 * In a pod its own access, unless a kubeconfig or a context is named: another cluster must not be taken for the one that
 * somebody chose. Rejects with an Error that says what is missing.
 */
export async function loadAccess(
  { likeKubectl = false, ...options }: AccessOptions = {},
  ofPod: () => Access | undefined = accessOfPod,
): Promise<Access> {
  const own = options.kubeconfig || options.context ? undefined : ofPod()
  if (own && !likeKubectl) return own
  // A pod needs no YAML, no OpenID Connect and no SOCKS: 3 MB.
  const { hasDefaultKubeConfig, loadKubeConfig } = await import('./kubeconfig.ts')
  return own && !hasDefaultKubeConfig() ? own : loadKubeConfig(options)
}
