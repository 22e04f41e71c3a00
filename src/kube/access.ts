/** Where the API server is and with which identity to call it. */
import type { CredentialSource } from './credentials.ts'

/** An API server, and an identity to call it with. */
export interface Access {
  server: URL
  proxyUrl: string | undefined
  /** Name of the kubeconfig context, or `in-cluster`. */
  context: string
  /** Namespace for calls that give none: the context's, the pod's own, or `default`. */
  namespace: string
  credentials: CredentialSource
}
