/** Where the API server is and with which identity to call it, from kubeconfigs. */
import { existsSync, readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { KubeConfig } from '@kubernetes/client-node'
import { load as loadYaml } from 'js-yaml'
import type { Access } from './access.ts'
import { type CredentialReader, type Credentials, createCredentialSource, type TlsMaterial } from './credentials.ts'

export interface KubeConfigOptions {
  /** Path of a kubeconfig. Default: `$KUBECONFIG`, else `~/.kube/config`. */
  kubeconfig?: string
  /** Name of a context. Default: the current one. */
  context?: string
}

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
  const server = URL.parse(cluster.server)
  if (!server) throw new Error(`kubeconfig: server "${cluster.server}" of cluster "${cluster.name}" is no URL`)
  return {
    server,
    proxyUrl: cluster.proxyUrl,
    context: name,
    namespace: context.namespace ?? 'default',
    credentials: createCredentialSource(() => readerOf(load()), readerOf(config)),
  }
}

/** Names of the contexts that there are. Throws as `loadKubeConfig` does. */
export const contextNames = (options: Pick<KubeConfigOptions, 'kubeconfig'> = {}): string[] =>
  readConfig(options)
    .getContexts()
    .map(({ name }) => name)

function readConfig({ kubeconfig, context }: KubeConfigOptions): KubeConfig {
  const parts = (kubeconfig ? [kubeconfig] : defaultFiles()).map(readFile)
  const config = new KubeConfig()
  config.loadFromOptions({
    clusters: firstOfEachName(parts.flatMap(part => part.getClusters())),
    users: firstOfEachName(parts.flatMap(part => part.getUsers())),
    contexts: firstOfEachName(parts.flatMap(part => part.getContexts())),
    currentContext: parts.map(part => part.getCurrentContext()).find(Boolean),
  })
  if (context) config.setCurrentContext(context)
  return config
}

/** Whether a file of `$KUBECONFIG` is there, or `~/.kube/config` where that variable names none. */
export const hasDefaultKubeConfig = (): boolean => existingFiles().length > 0

function existingFiles(): string[] {
  const named = process.env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? []
  return (named.length > 0 ? named : [join(homedir(), '.kube', 'config')]).filter(file => existsSync(file))
}

function defaultFiles(): string[] {
  const files = existingFiles()
  if (files.length > 0) return files
  throw new Error('no kubeconfig: neither a file of $KUBECONFIG nor ~/.kube/config exists')
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

const readerOf = (config: KubeConfig): CredentialReader => ({
  context: config.getCurrentContext(),
  read: () => readCredentials(config),
})

async function readCredentials(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    headers[name.toLowerCase()] = String(value).trim() // token files may end in a newline
  }
  if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`
  const { ca, cert, key, servername, rejectUnauthorized } = options
  const material = { ca, cert, key, servername, rejectUnauthorized }
  const tls: TlsMaterial = Object.fromEntries(Object.entries(material).filter(([, value]) => value !== undefined))
  return { headers, tls }
}
