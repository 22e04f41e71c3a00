/** What kubelet gives each pod to call the API server with: two variables and three files. */
import { existsSync, readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import type { Access } from './access.ts'
import { type CredentialReader, createCredentialSource } from './credentials.ts'

const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Undefined outside of a pod, and in one that has no token. */
export function accessOfPod(env = process.env, folder = FOLDER): Access | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env
  const file = (name: string) => join(folder, name)
  if (!host || !existsSync(file('token'))) return undefined
  const context = 'in-cluster'
  const reader: CredentialReader = {
    context,
    async read() {
      const token = readFileSync(file('token'), 'utf8').trim()
      return { headers: { authorization: `Bearer ${token}` }, tls: { ca: readFileSync(file('ca.crt')) } }
    },
  }
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    proxyUrl: undefined,
    context,
    namespace: existsSync(file('namespace')) ? readFileSync(file('namespace'), 'utf8').trim() : 'default',
    credentials: createCredentialSource(() => reader, reader),
  }
}
