/** The operator's process: configuration, signals and exit codes (0: stopped, 1: failed, 2: a flag is wrong). */
import { hostname } from 'node:os'
import { ConfigError, parseConfig, USAGE } from './config.ts'
import { loadKubeConfig } from './kube/kubeconfig.ts'
import { createOperator } from './operator/operator.ts'
import { createLog } from './telemetry/log.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createProfiler } from './telemetry/profile.ts'
import { startServer } from './telemetry/server.ts'

function readConfig() {
  try {
    return parseConfig(process.argv.slice(2), process.env, hostname())
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n\n${USAGE}`)
    return process.exit(2)
  }
}

async function main(): Promise<void> {
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
    const access = loadKubeConfig(config.kubeconfig ? { kubeconfig: config.kubeconfig } : {})
    const metrics = createMetrics()
    const operator = createOperator(config, access, log, metrics)
    const server = await startServer({
      address: config.listen,
      ready: () => operator.manager.ready(),
      metrics: () => metrics.render(),
    })
    log.info({ server: access.server.origin, port: server.port }, 'started')
    try {
      const refusal = await operator.refusal(stop.signal)
      if (refusal) throw new Error(refusal)
      await operator.manager.run(stop.signal)
    } finally {
      await Promise.all([server.close(), operator.close()])
    }
  } catch (error) {
    log.fatal({ err: error }, 'the operator ends with a failure')
    process.exitCode = 1
  }
}

await main()
