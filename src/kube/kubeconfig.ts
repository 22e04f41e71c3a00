/** Where the API server is and with which identity to call it, from a kubeconfig or from inside a pod. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { load as loadYaml } from 'js-yaml'
import { type CredentialSource, createCredentialSource } from './credentials.ts'

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

export interface KubeConfigOptions {
  /** Path of a kubeconfig. Default: in-cluster when in a pod, else `$KUBECONFIG`, else `~/.kube/config`. */
  kubeconfig?: string
  /** Name of a context. Default: the current one. */
  context?: string
}

const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** Throws an Error that says what is missing, when there is no configuration that can be used. */
export function loadKubeConfig(options: KubeConfigOptions = {}): Access {
  const load = (): KubeConfig => readConfig(options)
  const config = load()
  const name = config.getCurrentContext()
  const context = config.getContextObject(name)
  const cluster = config.getCurrentCluster()
  if (!cluster || !context) {
    const known = config.getContexts().map(context => context.name)
    throw new Error(
      `kubeconfig: ${name ? `context "${name}" or its cluster does not exist` : 'there is no current context'}: ` +
        `choose one of ${known.join(', ') || '(none)'}`,
    )
  }
  return {
    server: new URL(cluster.server),
    proxyUrl: cluster.proxyUrl,
    context: name === 'inClusterContext' ? 'in-cluster' : name,
    namespace: context.namespace ?? 'default',
    credentials: createCredentialSource(load, config),
  }
}

function readConfig({ kubeconfig, context }: KubeConfigOptions): KubeConfig {
  const config = new KubeConfig()
  if (!kubeconfig && process.env.KUBERNETES_SERVICE_HOST && existsSync(TOKEN_FILE)) {
    config.loadFromCluster()
  } else {
    const parts = (kubeconfig ? [kubeconfig] : defaultFiles()).map(readFile)
    config.loadFromOptions({
      clusters: firstOfEachName(parts.flatMap(part => part.getClusters())),
      users: firstOfEachName(parts.flatMap(part => part.getUsers())),
      contexts: firstOfEachName(parts.flatMap(part => part.getContexts())),
      currentContext: parts.map(part => part.getCurrentContext()).find(Boolean),
    })
  }
  if (context) config.setCurrentContext(context)
  return config
}

function defaultFiles(): string[] {
  const named = process.env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? []
  const files = (named.length > 0 ? named : [join(homedir(), '.kube', 'config')]).filter(file => existsSync(file))
  if (files.length > 0) return files
  throw new Error('no kubeconfig: not in a pod, and neither a file of $KUBECONFIG nor ~/.kube/config exists')
}

/** Keeps the first item of each name: of several files the first one wins, as with kubectl. */
function firstOfEachName<T extends { name: string }>(items: T[]): T[] {
  return [...new Map(items.toReversed().map(item => [item.name, item])).values()].toReversed()
}

interface RawConfig {
  users?: { user?: { token?: string; tokenFile?: string; 'auth-provider'?: unknown } }[]
}

/** Reads a file like client-node's `loadFromFile`, and `tokenFile` too, which client-node knows as an auth provider. */
function readFile(file: string): KubeConfig {
  const raw = parse(file)
  const directory = dirname(resolve(file))
  for (const { user } of raw.users ?? []) {
    if (!user?.tokenFile) continue
    user['auth-provider'] = { name: 'tokenFile', config: { tokenFile: resolve(directory, user.tokenFile) } }
    delete user.token // kubectl prefers the file, and client-node the token
  }
  const config = new KubeConfig()
  config.loadFromString(JSON.stringify(raw))
  config.makePathsAbsolute(directory)
  return config
}

function parse(file: string): RawConfig {
  const text = readFileSync(file, 'utf8')
  try {
    return (loadYaml(text) as RawConfig | undefined) ?? {}
  } catch (error) {
    // The parser's message is left out: it quotes the lines around the mistake, with credentials.
    const { reason, mark } = error as { reason?: string; mark?: { line: number } }
    throw new Error(`${file}: not valid YAML: ${reason ?? 'unreadable'}${mark ? ` (line ${mark.line + 1})` : ''}`)
  }
}
