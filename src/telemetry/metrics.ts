/** All metrics of the process, behind plain functions that count. Only this file knows the metrics library. */
import { STATUS_CODES } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import manifest from '../../package.json' with { type: 'json' }
import { type Readings, textOf } from './read-gauges.ts'

export interface Metrics {
  /** Makes the hooks by which a controller reports, for `createController`. */
  controller(name: string): {
    depth(keys: number): void
    latency(ms: number, lane: string): void
    reconciled(result: string, ms: number): void
    statusWritten(): void
  }
  /** Counts a call. `resource` is the plural; `code` is the HTTP status, or `error` when there was no answer. */
  kubeRequest(verb: string, resource: string, code: number | 'error'): void
  providerRequest(provider: string, operation: string, result: string, ms: number): void
  secretWritten(operation: 'create' | 'update' | 'delete'): void
  /** Counts what a call of a probe has shown of a permission. `action` is one that the operator knows. */
  probed(action: string, result: string): void
  /** Counts an attempt to issue credentials and write them. `failure`: its reason. */
  refreshed(failure?: string): void
  /** Observes how long after they were due credentials were replaced. */
  refreshLag(ms: number): void
  event(result: string): void
  /** Sets the bytes in memory of answers of clouds that are being read. */
  answerBytes(bytes: number): void
  /** Observes how late the event loop was. */
  loopLag(seconds: number): void
  leading(leads: boolean): void
  /** Says that this replica has the key of the seals. */
  sealKeyLoaded(): void
  /** Calls `read` for the values of gauges that are not kept, each time that the text is written. */
  collect(read: () => Readings): void
  /** Writes the text that Prometheus scrapes; within a second, callers get the same one, in the same memory. */
  render(): Promise<{ contentType: string; body: readonly Buffer[] }>
}

const PREFIX = 'artifactstore_'

/** Buckets from a cache hit to the deadline of a reconcile. */
const RECONCILE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** Buckets of waits, which reach minutes when a cluster's worth of objects comes at once. */
const WAIT_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300]

/** Buckets of the lag of refreshes: a queue's wait, outages, and what nobody has cured for hours. */
const REFRESH_LAG_SECONDS = [1, 5, 15, 60, 300, 900, 3600, 14_400]

/** Buckets of the event loop's lag, up to what costs the lease. */
const LAG_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The library would wake the process 100 times a second to measure what `event_loop_lag_seconds` says. */
const NEVER_MS = 2 ** 31 - 1

/** Time for which a text is good: writing it takes a while, and the thread that does it also renews the lease. */
const FRESH_MS = 1_000

/** `now`: a clock in ms that never goes back. */
export function createMetrics(now: () => number = () => performance.now()): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS })
  for (const part of ['', 'min_', 'max_', 'mean_', 'stddev_', 'p50_', 'p90_', 'p99_']) {
    registry.removeSingleMetric(`nodejs_eventloop_lag_${part}seconds`)
  }

  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name: PREFIX + name, help, labelNames, registers })
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name: PREFIX + name, help, labelNames, buckets, registers })

  const reconciles = counter('reconcile_total', 'Reconciles by result.', ['controller', 'result'])
  const reconcileSeconds = histogram(
    'reconcile_duration_seconds',
    'Duration of reconciles, with their status write.',
    ['controller'],
    RECONCILE_SECONDS,
  )
  const depth = gauge('workqueue_depth', 'Keys that are ready and have no worker yet.', ['controller'])
  const latency = histogram(
    'workqueue_latency_seconds',
    'How long keys were ready before a worker took them. Lane urgent: something has changed; routine: it is time.',
    ['controller', 'lane'],
    WAIT_SECONDS,
  )
  const statusWrites = counter('status_writes_total', 'Status writes that the API server accepted.', ['controller'])
  const kubeRequests = counter('kube_requests_total', 'Requests to the API server.', ['verb', 'resource', 'code'])
  const providerRequests = counter('provider_requests_total', 'Requests to object stores and their token services.', [
    'provider',
    'operation',
    'result',
  ])
  const providerSeconds = histogram(
    'provider_request_duration_seconds',
    'Duration of requests to object stores and their token services.',
    ['provider', 'operation'],
    REQUEST_SECONDS,
  )
  const secretWrites = counter('secret_writes_total', 'Writes of projected Secrets.', ['operation'])
  const probeResults = counter('probe_results_total', 'What calls of probes have shown of permissions.', [
    'action',
    'result',
  ])
  const refreshes = counter('credentials_refreshes_total', 'Attempts to issue credentials and write them.', [])
  const refreshFailures = counter(
    'credentials_refresh_failures_total',
    'Attempts to issue credentials and write them that failed, by the reason that status tells.',
    ['reason'],
  )
  const refreshLag = histogram(
    'credentials_refresh_lag_seconds',
    'How long after they were due credentials were replaced.',
    [],
    REFRESH_LAG_SECONDS,
  )
  const events = counter('events_total', 'Kubernetes events by what became of them.', ['result'])
  const answerBytes = gauge('answer_bytes_in_flight', 'Bytes of answers of object stores that are being read.', [])
  const lag = histogram('event_loop_lag_seconds', 'How late the event loop was, ten times a second.', [], LAG_SECONDS)
  const leader = gauge('leader', '1 while this replica leads.', [])
  leader.set(0)
  const sealKey = gauge('seal_key', '1 once this replica has the key of the seals, before which nothing starts.', [])
  sealKey.set(0)
  gauge('build_info', 'Version of the operator; the value is 1.', ['version']).set({ version: manifest.version }, 1)

  let read: () => Readings = () => ({})

  let last: { writtenAt: number; text: ReturnType<Metrics['render']> } | undefined
  const write = async () => {
    // All values are taken before this waits: the registry's are, too.
    const counted = registry.metrics()
    const ofObjects = textOf(read(), PREFIX)
    // A connection that sends a string has a copy of it.
    return { contentType: registry.contentType, body: [Buffer.from(await counted), ...ofObjects] }
  }

  return {
    controller(name) {
      const labels = { controller: name }
      depth.set(labels, 0)
      return {
        depth: keys => depth.set(labels, keys),
        latency: (ms, lane) => latency.observe({ ...labels, lane }, ms / 1000),
        reconciled(result, ms) {
          reconciles.inc({ ...labels, result })
          reconcileSeconds.observe(labels, ms / 1000)
        },
        statusWritten: () => statusWrites.inc(labels),
      }
    },
    kubeRequest: (verb, resource, code) => kubeRequests.inc({ verb, resource, code: String(code) }),
    providerRequest(provider, operation, result, ms) {
      providerRequests.inc({ provider, operation, result: knownResult(result) })
      providerSeconds.observe({ provider, operation }, ms / 1000)
    },
    secretWritten: operation => secretWrites.inc({ operation }),
    probed: (action, result) => probeResults.inc({ action, result }),
    refreshed(failure) {
      refreshes.inc()
      if (failure !== undefined) refreshFailures.inc({ reason: failure })
    },
    refreshLag: ms => refreshLag.observe(ms / 1000),
    event: result => events.inc({ result }),
    answerBytes: bytes => answerBytes.set(bytes),
    loopLag: seconds => lag.observe(seconds),
    leading: leads => leader.set(leads ? 1 : 0),
    sealKeyLoaded: () => sealKey.set(1),
    collect(source) {
      read = source
    },
    render() {
      const time = now()
      if (last && time - last.writtenAt < FRESH_MS) return last.text
      const written = { writtenAt: time, text: write() }
      last = written
      // The text has a line or more for each object: it is not kept until somebody asks again.
      setTimeout(() => {
        if (last === written) last = undefined
      }, FRESH_MS).unref()
      return written.text
    },
  }
}

/** An endpoint chooses its statuses, and each makes a series: those that HTTP has no word for are counted together. */
const knownResult = (result: string): string =>
  /^\d/.test(result) && STATUS_CODES[result] === undefined ? 'other' : result
