/** By what the operator tells people what it does: log, metrics and traces. */
import type { OnRequest } from '../providers/network/gate.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracer } from '../telemetry/tracer.ts'

export interface Telemetry {
  log: Logger
  metrics: Metrics
  tracer: Tracer
}

/** Tells of each call of a provider. */
export const onRequest =
  (provider: string, { metrics, tracer }: Pick<Telemetry, 'metrics' | 'tracer'>): OnRequest =>
  request => {
    metrics.providerRequest(provider, request.operation, request.result, request.durationMs)
    tracer.called({ provider, ...request })
  }
