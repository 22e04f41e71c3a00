/** Sends traces by the packages of OpenTelemetry. This file is only imported when traces are asked for. */
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { setGlobalErrorHandler } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import { ATTR_SERVICE_INSTANCE_ID, ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions'
import manifest from '../../../package.json' with { type: 'json' }
import { seldom } from '../seldom.ts'
import type { Tracing, TracingOptions } from '../tracer.ts'
import type { TraceSettings } from './settings.ts'
import { createSpans } from './spans.ts'

/** Lines of the log about traces: so many at once, and then one a minute. */
const LINES = { atOnce: 5, everyMs: 60_000 }

export function createTracing(
  { url, ratio, batch }: TraceSettings,
  { log, instance, troubleOf }: TracingOptions,
): Tracing {
  const warn = seldom((fields, message) => log.warn(fields, message), LINES)
  // The packages say what they can't use of the environment, and what was lost, by these two ways.
  const say = (...words: unknown[]) => warn({ otel: words.map(String).join(' ') }, 'about traces')
  const silent = () => undefined
  const logger = { error: say, warn: say, info: silent, debug: silent, verbose: silent }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  setGlobalErrorHandler(error => warn({ err: error }, 'traces were not sent; all else goes on'))

  const named = resourceFromAttributes({
    [ATTR_SERVICE_NAME]: manifest.name,
    [ATTR_SERVICE_VERSION]: manifest.version,
    [ATTR_SERVICE_INSTANCE_ID]: instance,
  })
  const asked = detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })
  const provider = new TracerProvider({
    resource: named.merge(asked),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        ...batch,
        // At the end, all that waits is sent at once.
        exporter: new OTLPTraceExporter({
          url,
          concurrencyLimit: Math.ceil(batch.maxQueueSize / batch.maxExportBatchSize) + 1,
        }),
      }),
    ],
  })
  log.info({ collector: new URL(url).origin, ratio }, 'traces are sent')
  return {
    tracer: createSpans(provider.getTracer(manifest.name, manifest.version), troubleOf),
    async close(ms) {
      const late = Symbol('late')
      const timer = Promise.withResolvers<typeof late>()
      const timeout = setTimeout(() => timer.resolve(late), ms)
      try {
        const ended = provider.shutdown().catch(error => log.warn({ err: error }, 'the last traces were not sent'))
        const isLate = (await Promise.race([ended, timer.promise])) === late
        if (isLate) log.warn({ ms }, 'the last traces were not sent in time')
        return !isLate
      } finally {
        clearTimeout(timeout)
      }
    },
  }
}
