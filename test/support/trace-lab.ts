/** A tracer whose spans stay in memory. */
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { isFailure } from '../../src/api/failures.ts'
import { createSpans } from '../../src/telemetry/otel/spans.ts'

export function traceLab() {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const tracer = createSpans(provider.getTracer('test'), result => (isFailure(result) ? result : undefined))
  const spans = () => exporter.getFinishedSpans()
  return { tracer, spans, tree: () => tree(spans().map(ofSpan)) }
}

const ofSpan = (span: ReadableSpan): SpanLink => ({
  id: span.spanContext().spanId,
  parentId: span.parentSpanContext?.spanId,
  name: span.name,
})

export interface SpanLink {
  id: string
  parentId: string | undefined
  name: string
}

/** Lines with the names of spans, each below its parent's and indented, in the order in which they were given. */
export function tree(spans: SpanLink[], parentId?: string, indent = ''): string[] {
  return spans
    .filter(span => span.parentId === parentId)
    .flatMap(span => [`${indent}${span.name}`, ...tree(spans, span.id, `${indent}  `)])
}
