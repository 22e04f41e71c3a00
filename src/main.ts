/** The operator's process: configuration, signals and exit codes (0: stopped, 1: failed, 2: a flag is wrong). */
import { hostname } from 'node:os'
import { isFailure } from './api/failures.ts'
import { parseConfig, USAGE } from './config.ts'
import { ConfigError } from './flag-lists.ts'
import { loadAccess } from './kube/load-access.ts'
import { createOperator } from './operator/operator.ts'
import { createLog } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createProfiler } from './telemetry/profile.ts'
import { startServer } from './telemetry/server.ts'
import { startTracing } from './telemetry/tracing.ts'

function readConfig() {
  try {
    return parseConfig(process.argv.slice(2), process.env, hostname())
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n\n${USAGE}`)
    return process.exit(2)
  }
}

/** Time for the last traces, of those 45 s that a pod has, of which all else takes 33. */
const LAST_TRACES_MS = 3_000

/** What a step of a reconcile has returned may be a Failure, or tell of one. */
const troubleOf = (result: unknown) => [result, (result as { failure?: unknown } | undefined)?.failure].find(isFailure)

async function main(): Promise<void> {
  let mayLinger = true
  const config = readConfig()
  const log = createLog({ level: config.logLevel })
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'asked to stop')
      stop.abort()
    })
  }
  const profile = createProfiler({ directory: config.profileDirectory, log })
  process.on('SIGUSR2', () => void profile())
  try {
    const access = await loadAccess(config.kubeconfig ? { kubeconfig: config.kubeconfig } : {})
    const metrics = createMetrics()
    const tracing = await startTracing(process.env, { log, instance: config.instance, troubleOf })
    const operator = createOperator(config, access, { log, metrics, tracer: tracing.tracer })
    const server = await startServer({
      address: config.listen,
      ready: () => operator.manager.ready(),
      notes: () => operator.notes(),
      metrics: () => metrics.render(),
    })
    log.info({ server: access.server.origin, port: server.port }, 'started')
    try {
      const refusal = await operator.refusal(stop.signal)
      if (refusal) throw new Error(refusal)
      await operator.manager.run(stop.signal)
    } finally {
      await Promise.all([server.close(), operator.close()])
      mayLinger = await tracing.close(LAST_TRACES_MS)
    }
  } catch (error) {
    log.fatal({ err: error }, 'the operator ends with a failure')
    process.exitCode = 1
  }
  // A collector that does not answer must not keep the process.
  if (!mayLinger) process.exit()
}

await main()
