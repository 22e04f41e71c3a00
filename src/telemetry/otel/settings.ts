/**
 * Pure: reads from the variables of OpenTelemetry whether and how traces are sent. What can't be used is told of, and
 * does not keep the operator from working, as the specification of OpenTelemetry asks. Of a variable that is not here, the
 * packages of OpenTelemetry make what they do: headers, time-out, compression, certificates, attributes of the resource.
 */
import { cut } from '../../foreign/text.ts'

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

export interface TraceSettings {
  /** Where traces are sent to: a URL with the whole path. */
  url: string
  /** The part of traces that is sent, above 0 and up to 1. */
  ratio: number
  /** How spans wait to be sent. Times in ms. */
  batch: {
    maxQueueSize: number
    maxExportBatchSize: number
    scheduledDelayMillis: number
    exportTimeoutMillis: number
  }
}

export interface ReadSettings {
  /** Undefined: no traces are sent. */
  settings: TraceSettings | undefined
  /** What can't be used: `VARIABLE: reason: cure`. */
  warnings: string[]
}

const DEFAULT_URL = 'http://localhost:4318/v1/traces'
/** Of the variables that begin with it, the one for traces alone counts more. */
const OTLP = 'OTEL_EXPORTER_OTLP_'

export function readTraceSettings(env: Environment): ReadSettings {
  const warnings: string[] = []
  const warn = (warning: string): undefined => void warnings.push(warning)
  const settings = isAskedFor(env, warn) ? settingsOf(env, warn) : undefined
  return { settings, warnings }
}

type Warn = (warning: string) => undefined

/** The value of a variable; an empty one counts as absent. */
const given = (env: Environment, name: string): string | undefined => env[name]?.trim() || undefined

/** The value for traces, or else for all, with the name of its variable. */
function otlp(env: Environment, name: string): [variable: string, value: string] | undefined {
  for (const variable of [`${OTLP}TRACES_${name}`, OTLP + name]) {
    const value = given(env, variable)
    if (value !== undefined) return [variable, value]
  }
  return undefined
}

function isAskedFor(env: Environment, warn: Warn): boolean {
  if (given(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return false
  const exporter = given(env, 'OTEL_TRACES_EXPORTER')
  const isNamed = exporter?.split(',').some(name => name.trim() === 'otlp')
  if (exporter === undefined) return otlp(env, 'ENDPOINT') !== undefined
  if (!isNamed && exporter !== 'none') {
    warn(`OTEL_TRACES_EXPORTER: ${quoted(exporter)} is not known, so no traces are sent: set it to otlp or none`)
  }
  return isNamed === true
}

function settingsOf(env: Environment, warn: Warn): TraceSettings | undefined {
  const protocol = otlp(env, 'PROTOCOL')
  if (protocol && protocol[1] !== 'http/protobuf') {
    const [variable, value] = protocol
    return warn(
      `${variable}: ${quoted(value)} is not known, so no traces are sent: set it to http/protobuf, and ${OTLP}ENDPOINT to the collector's port for HTTP, which mostly is 4318`,
    )
  }
  const ratio = ratioOf(env, warn)
  const url = ratio === 0 ? undefined : urlOf(env, warn)
  return url === undefined ? undefined : { url, ratio, batch: batchOf(env, warn) }
}

function urlOf(env: Environment, warn: Warn): string | undefined {
  const [variable, value] = otlp(env, 'ENDPOINT') ?? []
  if (variable === undefined || value === undefined) return DEFAULT_URL
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) {
    // It is not repeated, as it may have a password.
    return warn(`${variable}: is no URL, so no traces are sent: write http://HOST:4318 or https://HOST:4318`)
  }
  return variable.includes('TRACES') ? value : `${value}${value.endsWith('/') ? '' : '/'}v1/traces`
}

/** All traces begin here, so a sampler that asks the parent first does the same as the one without. */
function ratioOf(env: Environment, warn: Warn): number {
  const sampler = given(env, 'OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on'
  if (!SAMPLERS.some(known => known === sampler)) {
    warn(
      `OTEL_TRACES_SAMPLER: ${quoted(sampler)} is not known, so all traces are sent: set it to ${SAMPLERS.join(', ')}`,
    )
    return 1
  }
  if (sampler.endsWith('always_off')) return 0
  if (!sampler.endsWith('traceidratio')) return 1
  const text = given(env, 'OTEL_TRACES_SAMPLER_ARG')
  const ratio = Number(text ?? 1)
  if (ratio >= 0 && ratio <= 1) return ratio
  warn(`OTEL_TRACES_SAMPLER_ARG: ${quoted(text)} is no number from 0 to 1, so all traces are sent: write one, as 0.1`)
  return 1
}

function batchOf(env: Environment, warn: Warn): TraceSettings['batch'] {
  const read = (name: string, usual: number, max: number): number => {
    const variable = `OTEL_BSP_${name}`
    const text = given(env, variable)
    const value = Number(text ?? usual)
    if (Number.isInteger(value) && value >= 1 && value <= max) return value
    warn(`${variable}: ${quoted(text)} is no whole number from 1 to ${max}, so it is ${usual}: write one`)
    return usual
  }
  const maxQueueSize = read('MAX_QUEUE_SIZE', 2048, 32_768)
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(read('MAX_EXPORT_BATCH_SIZE', 512, 32_768), maxQueueSize),
    scheduledDelayMillis: read('SCHEDULE_DELAY', 5_000, 3_600_000),
    exportTimeoutMillis: read('EXPORT_TIMEOUT', 30_000, 3_600_000),
  }
}

const quoted = (text = ''): string => `"${cut(text, 64)}"`
