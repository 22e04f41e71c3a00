/** Kubeconfig files, written as JSON, which every reader of YAML understands. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'

export interface ClusterAccess {
  readonly server: string
  readonly caPem: string
}

export type User = { certPem: string; keyPem: string } | { tokenFile: string }

export function writeKubeconfig(path: string, cluster: ClusterAccess, user: User): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const credentials =
    'tokenFile' in user
      ? { tokenFile: user.tokenFile }
      : { 'client-certificate-data': base64(user.certPem), 'client-key-data': base64(user.keyPem) }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'test', cluster: { server: cluster.server, 'certificate-authority-data': base64(cluster.caPem) } },
    ],
    users: [{ name: 'test', user: credentials }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'default' } }],
    'current-context': 'test',
  }
  writeFileSync(path, JSON.stringify(config, null, 2), { mode: 0o600 })
  return path
}

/** Writes the token to a file that the kubeconfig names, like a mounted ServiceAccount token. */
export function writeTokenKubeconfig(dir: string, cluster: ClusterAccess, name: string, token: string): string {
  mkdirSync(join(dir, 'tokens'), { recursive: true })
  const tokenFile = join(dir, 'tokens', name)
  writeFileSync(tokenFile, token, { mode: 0o600 })
  return writeKubeconfig(join(dir, 'tokens', `${name}.kubeconfig`), cluster, { tokenFile })
}

/** Reads the current context of a kubeconfig; the certificate is empty when the user has another kind of credential. */
export function readKubeconfig(path: string): ClusterAccess & { certPem: string; keyPem: string } {
  const config = parse(readFileSync(path, 'utf8'))
  const named = (list: { name: string }[], name: string) => list.find(item => item.name === name)
  const { context } = (named(config.contexts, config['current-context']) ?? {}) as Record<string, never>
  const { cluster } = (named(config.clusters, context?.['cluster'] ?? '') ?? {}) as Record<string, never>
  const { user } = (named(config.users ?? [], context?.['user'] ?? '') ?? {}) as Record<string, never>
  const pem = (holder: Record<string, string> | undefined, key: string) => {
    const [data, file] = [holder?.[`${key}-data`], holder?.[key]]
    if (data) return Buffer.from(data, 'base64').toString()
    return file ? readFileSync(resolve(dirname(path), file), 'utf8') : ''
  }
  const server = (cluster as Record<string, string> | undefined)?.['server']
  if (!server) throw new Error(`${path}: the current context names no cluster`)
  return {
    server,
    caPem: pem(cluster, 'certificate-authority'),
    certPem: pem(user, 'client-certificate'),
    keyPem: pem(user, 'client-key'),
  }
}
