/** Reads flags of the command line and the environment into a frozen configuration. */
import { parseArgs } from 'node:util'
import { RECIPIENT_LABEL } from './api/names.ts'
import { ConfigError, list, namespaces, watchedNamespaces } from './flag-lists.ts'
import { parseRange, type Range } from './providers/network/address-ranges.ts'
import { LOG_LEVELS, type LogLevel } from './telemetry/log.ts'
import { parseAddress } from './telemetry/server.ts'

export interface Config {
  readonly kubeconfig: string | undefined
  /** Namespace of the leader election's Lease. */
  readonly namespace: string | undefined
  /** The namespace that the operator itself runs in. Undefined: the context's. */
  readonly ownNamespace: string | undefined
  /** Name of this replica in the Lease and in events. */
  readonly instance: string
  /** How many stores of one endpoint are reconciled at a time. */
  readonly concurrency: number
  readonly listen: string
  /** Whether metrics tell of each store and connector by its name. */
  readonly objectMetrics: boolean
  /** Folder that profiles are written to when the process gets SIGUSR2. Undefined: none are. */
  readonly profileDirectory: string | undefined
  readonly leaderElect: boolean
  readonly logLevel: LogLevel
  readonly allowedAudiences: readonly string[]
  /** Namespaces whose connectors may act with the operator's own identity; `*` stands for all. Empty: none. */
  readonly implicitAuthNamespaces: readonly string[]
  /** Hosts and `.suffixes` that may be called with that identity, besides those of the cloud itself. */
  readonly implicitAuthEndpoints: readonly string[]
  /** Clients of Azure that it may be: client ids, resource ids, `default`; some for connectors of one namespace only. */
  readonly implicitAuthClientIds: readonly ImplicitClient[]
  /** The namespaces that the operator is limited to. Empty: it watches all. */
  readonly watchNamespaces: readonly string[]
  /** Labels that a namespace must all have to get Secrets of stores elsewhere. Empty: none is needed. */
  readonly recipientLabels: Readonly<Record<string, string>>
  /** How many targets a store may have: entries of its credentials, counted in each namespace. */
  readonly maxTargets: number
  /** Hosts and `.suffixes` that endpoints of connectors may have. Empty: any. */
  readonly allowedEndpoints: readonly string[]
  /** Addresses that no endpoint of a connector may have, unless its host is in `allowedEndpoints`. */
  readonly refusedAddresses: readonly Range[]
  /** Variables of the environment that name proxies for calls to clouds. */
  readonly proxyEnv: Readonly<Record<string, string>>
}

export interface ImplicitClient {
  namespace?: string
  id: string
}

const DEFAULT_AUDIENCES = 'sts.amazonaws.com,api://AzureADTokenExchange'

/** Consent is needed unless administrators say otherwise (docs/adr/0017). */
const DEFAULT_RECIPIENT_LABELS = `${RECIPIENT_LABEL}=true`

/** The flags, by their names. */
export const FLAGS = {
  kubeconfig: { type: 'string' },
  namespace: { type: 'string' },
  concurrency: { type: 'string', default: '16' },
  listen: { type: 'string', default: ':8080' },
  'object-metrics': { type: 'string', default: 'true' },
  'profile-dir': { type: 'string' },
  'leader-elect': { type: 'string', default: 'true' },
  'log-level': { type: 'string', default: 'info' },
  'allowed-audiences': { type: 'string', default: DEFAULT_AUDIENCES },
  'allow-implicit-auth': { type: 'string', default: 'false' },
  'implicit-auth-namespaces': { type: 'string' },
  'implicit-auth-endpoints': { type: 'string' },
  'implicit-auth-client-ids': { type: 'string' },
  'watch-namespaces': { type: 'string' },
  'recipient-labels': { type: 'string', default: DEFAULT_RECIPIENT_LABELS },
  'max-targets': { type: 'string', default: '500' },
  'allow-endpoints': { type: 'string' },
  'refuse-endpoints': { type: 'string' },
} as const

export const USAGE = `usage: operator [flags]
  --kubeconfig PATH          default: in-cluster, then $KUBECONFIG, then ~/.kube/config
  --namespace NAME           namespace of the leader election Lease (default: the operator's own, which is
                             $POD_NAMESPACE, or else the context's)
  --concurrency N            stores of one endpoint reconciled at a time, 1 to 256 (default 16); twice as many of one
                             namespace, and 8 times as many in all
  --listen ADDRESS           /healthz, /readyz and /metrics (default :8080)
  --object-metrics BOOL      whether /metrics tells of each store and connector by its name (default true)
  --profile-dir PATH         folder for profiles of 30 s, without values, that SIGUSR2 asks for (default: none are made)
  --leader-elect BOOL        default true
  --log-level LEVEL          ${LOG_LEVELS.join(', ')} (default info)
  --allowed-audiences LIST   comma-separated audiences that ServiceAccount tokens may be requested for
                             (default ${DEFAULT_AUDIENCES})
  --allow-implicit-auth BOOL
                             whether connectors may act with the operator's own identity (default false)
  --implicit-auth-namespaces LIST
                             comma-separated namespaces of those connectors, or *
  --implicit-auth-endpoints LIST
                             comma-separated hosts and .suffixes that those connectors may name as endpoints, which get
                             the operator's own tokens; the cloud's own need no entry (default: none)
  --implicit-auth-client-ids LIST
                             comma-separated clients of Azure that those connectors may be: ID, or NAMESPACE=ID for those
                             of one namespace; ID is a client id, a resource id, or "default" for managedIdentity
                             without an id (default "default")
  --watch-namespaces LIST    comma-separated namespaces that the operator is limited to, with Roles there instead of
                             ClusterRoles (default: $WATCH_NAMESPACES, or else all namespaces)
  --recipient-labels LIST    comma-separated KEY=VALUE that namespaces need to get Secrets of stores elsewhere
                             (default ${DEFAULT_RECIPIENT_LABELS}); empty: every namespace gets them
  --max-targets N            targets of a store (an entry of its credentials in one namespace is one), 1 to 10000
                             (default 500)
  --allow-endpoints LIST     comma-separated hosts and .suffixes that connectors may name as endpoints and authorities,
                             which get tokens and keys; the clouds' public ones need no entry (default: all)
  --refuse-endpoints LIST    comma-separated addresses and CIDRs that no endpoint may have but those that
                             --allow-endpoints lists, besides link-local and metadata addresses, the API server and
                             kubelets; "private" stands for private and loopback ones (default: none)

  Calls to clouds go through HTTPS_PROXY and HTTP_PROXY, but for the hosts and .suffixes of NO_PROXY.
`

/** Reads the configuration. Throws ConfigError when a flag or variable can't be used. */
export function parseConfig(args: readonly string[], env: NodeJS.ProcessEnv, hostname: string): Config {
  const flags = readFlags(args)
  const watched = watchedNamespaces(flags['watch-namespaces'], env['WATCH_NAMESPACES'])
  return Object.freeze({
    kubeconfig: flags.kubeconfig,
    namespace: flags.namespace ?? env['POD_NAMESPACE'],
    // Not the flag, which only moves the Lease: the namespace that it leaves would take Secrets of tenants.
    ownNamespace: env['POD_NAMESPACE'],
    instance: env['POD_NAME'] ?? hostname,
    concurrency: wholeNumber('concurrency', flags.concurrency, 1, 256),
    listen: address(flags.listen),
    objectMetrics: oneOf('object-metrics', flags['object-metrics'], ['true', 'false']) === 'true',
    profileDirectory: flags['profile-dir'],
    leaderElect: oneOf('leader-elect', flags['leader-elect'], ['true', 'false']) === 'true',
    logLevel: oneOf('log-level', flags['log-level'], LOG_LEVELS),
    allowedAudiences: Object.freeze(audiences(flags['allowed-audiences'])),
    implicitAuthNamespaces: Object.freeze(
      implicitAuthNamespaces(flags['allow-implicit-auth'], flags['implicit-auth-namespaces']),
    ),
    implicitAuthEndpoints: Object.freeze(hosts('implicit-auth-endpoints', flags['implicit-auth-endpoints'])),
    implicitAuthClientIds: Object.freeze(implicitAuthClientIds(flags['implicit-auth-client-ids'])),
    watchNamespaces: Object.freeze(watched),
    recipientLabels: Object.freeze(recipientLabels(flags['recipient-labels'], watched)),
    maxTargets: wholeNumber('max-targets', flags['max-targets'], 1, 10_000),
    allowedEndpoints: Object.freeze(hosts('allow-endpoints', flags['allow-endpoints'])),
    refusedAddresses: Object.freeze(refusedAddresses(flags['refuse-endpoints'])),
    proxyEnv: Object.freeze(proxies(env)),
  })
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error))
  }
}

function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new ConfigError(`--${flag}: "${text}" is no whole number from ${min} to ${max}: give one`)
}

function oneOf<T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find(value => value === text)
  if (found !== undefined) return found
  throw new ConfigError(`--${flag}: "${text}" is not known: use ${allowed.join(', ')}`)
}

function address(text: string): string {
  try {
    parseAddress(text)
    return text
  } catch (error) {
    throw new ConfigError(`--listen: ${error instanceof Error ? error.message : error}`)
  }
}

/** Audience of the API server: with tokens for it, everybody who creates connectors could act as any ServiceAccount. */
const API_SERVER_AUDIENCE = /^(https?:\/\/)?kubernetes(\.|$)/

function audiences(text: string): string[] {
  const entries = list('allowed-audiences', text)
  const own = entries.find(audience => API_SERVER_AUDIENCE.test(audience))
  if (own) throw new ConfigError(`--allowed-audiences: "${own}" is an audience of the API server: remove it`)
  return entries
}

function implicitAuthNamespaces(allow: string, names: string | undefined): string[] {
  const allowed = oneOf('allow-implicit-auth', allow, ['true', 'false']) === 'true'
  if (!allowed && names === undefined) return []
  if (!allowed) {
    throw new ConfigError(
      '--implicit-auth-namespaces: means nothing alone: add --allow-implicit-auth=true, or remove it',
    )
  }
  if (names === undefined) {
    throw new ConfigError(
      '--allow-implicit-auth: lets connectors act with the rights of the operator: say which with --implicit-auth-namespaces=NAME,... or --implicit-auth-namespaces=*',
    )
  }
  return namespaces('implicit-auth-namespaces', names, true)
}

const LABEL = /^([a-z0-9.-]+\/[\w.-]+|[\w.-]+)=([\w.-]*)$/i

/** `watched`: namespaces whose labels can't be read. Who lists them there consents for them (docs/adr/0039). */
function recipientLabels(text: string, watched: readonly string[]): Record<string, string> {
  if (text === '') return {}
  if (watched.length > 0) {
    if (text === DEFAULT_RECIPIENT_LABELS) return {}
    throw new ConfigError(
      '--recipient-labels: labels of namespaces can not be read with --watch-namespaces, which lists all namespaces that get Secrets: remove one of the two flags',
    )
  }
  const pairs = list('recipient-labels', text).map(entry => {
    const [, key = '', value = ''] = LABEL.exec(entry) ?? []
    if (key) return [key, value]
    throw new ConfigError(
      `--recipient-labels: "${entry}" is no label: write KEY=VALUE, such as artifactstore.dev/recipient=true`,
    )
  })
  return Object.fromEntries(pairs)
}

/** A name of a namespace, `default`, a client id, or the id of a resource of Azure. */
const CLIENT =
  /^(?:([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)=)?(default|[A-Za-z0-9][A-Za-z0-9.-]*|\/subscriptions\/[\w.()/-]+)$/

function implicitAuthClientIds(text = 'default'): ImplicitClient[] {
  return list('implicit-auth-client-ids', text).map(entry => {
    const [, namespace, id] = CLIENT.exec(entry) ?? []
    // Azure takes ids in either case.
    if (id) return { ...(namespace ? { namespace } : {}), id: id.toLowerCase() }
    throw new ConfigError(
      `--implicit-auth-client-ids: "${entry}" is no client: write a client id, a resource id or "default", or NAMESPACE=ID`,
    )
  })
}

function hosts(flag: string, text: string | undefined): string[] {
  if (text === undefined) return []
  return list(flag, text).map(entry => {
    const host = entry.toLowerCase()
    if (/^\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*$|^[0-9a-f:]+$/.test(host)) return host
    throw new ConfigError(`--${flag}: "${entry}" is no host: write minio.minio.svc or .example.com, without port`)
  })
}

function refusedAddresses(text: string | undefined): Range[] {
  if (text === undefined) return []
  return list('refuse-endpoints', text).flatMap(entry => {
    const ranges = parseRange(entry)
    if (ranges) return ranges
    throw new ConfigError(`--refuse-endpoints: "${entry}" is no address and no CIDR: write them, or "private"`)
  })
}

/** Reads the proxies from the environment. Their URLs may contain passwords, so messages don't quote them. */
function proxies(env: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy']) {
    const value = env[name]
    if (!value) continue
    if (!/^no_/i.test(name) && !isProxyUrl(value)) {
      throw new ConfigError(`${name}: is no URL of a web proxy: write it as http://host:port`)
    }
    found[name] = value
  }
  return found
}

function isProxyUrl(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text)
    // Node decodes these for each call, and would throw then.
    decodeURIComponent(username + password)
    return ['http:', 'https:'].includes(protocol) && !/\s/.test(text)
  } catch {
    return false
  }
}
