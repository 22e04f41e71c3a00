/** Command-line flags and environment -> a frozen configuration. */
import { parseArgs } from 'node:util'
import { LOG_LEVELS, type LogLevel } from './telemetry/log.ts'
import { parseAddress } from './telemetry/server.ts'

export interface Config {
  readonly kubeconfig: string | undefined
  /** Where its Lease lives. */
  readonly namespace: string | undefined
  /** Name of this replica in the Lease and in events. */
  readonly instance: string
  /** Stores reconciled at a time. */
  readonly concurrency: number
  readonly listen: string
  readonly leaderElect: boolean
  readonly logLevel: LogLevel
  readonly allowedAudiences: readonly string[]
}

/** A flag that can't be used: `--flag: reason: cure`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const DEFAULT_AUDIENCES = 'sts.amazonaws.com,api://AzureADTokenExchange'

const FLAGS = {
  kubeconfig: { type: 'string' },
  namespace: { type: 'string' },
  concurrency: { type: 'string', default: '16' },
  listen: { type: 'string', default: ':8080' },
  'leader-elect': { type: 'string', default: 'true' },
  'log-level': { type: 'string', default: 'info' },
  'allowed-audiences': { type: 'string', default: DEFAULT_AUDIENCES },
} as const

export const USAGE = `usage: operator [flags]
  --kubeconfig PATH          default: in-cluster, then $KUBECONFIG, then ~/.kube/config
  --namespace NAME           namespace of the leader election Lease (default: $POD_NAMESPACE, then the context's)
  --concurrency N            stores reconciled at a time, 1 to 256 (default 16)
  --listen ADDRESS           /healthz, /readyz and /metrics (default :8080)
  --leader-elect BOOL        default true
  --log-level LEVEL          ${LOG_LEVELS.join(', ')} (default info)
  --allowed-audiences LIST   comma-separated audiences that ServiceAccount tokens may be requested for
                             (default ${DEFAULT_AUDIENCES})
`

/** Throws ConfigError. */
export function parseConfig(args: readonly string[], env: NodeJS.ProcessEnv, hostname: string): Config {
  const flags = readFlags(args)
  return Object.freeze({
    kubeconfig: flags.kubeconfig,
    namespace: flags.namespace ?? env['POD_NAMESPACE'],
    instance: env['POD_NAME'] ?? hostname,
    concurrency: wholeNumber('concurrency', flags.concurrency, 1, 256),
    listen: address(flags.listen),
    leaderElect: oneOf('leader-elect', flags['leader-elect'], ['true', 'false']) === 'true',
    logLevel: oneOf('log-level', flags['log-level'], LOG_LEVELS),
    allowedAudiences: Object.freeze(audiences(flags['allowed-audiences'])),
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

/** With a token for the API server itself, whoever may create connectors could act as any ServiceAccount. */
const API_SERVER_AUDIENCE = /^(https?:\/\/)?kubernetes(\.|$)/

function audiences(text: string): string[] {
  const list = text.split(',').map(audience => audience.trim())
  if (list.includes('')) throw new ConfigError('--allowed-audiences: has an empty entry: remove it')
  const own = list.find(audience => API_SERVER_AUDIENCE.test(audience))
  if (own) throw new ConfigError(`--allowed-audiences: "${own}" is an audience of the API server: remove it`)
  return list
}
