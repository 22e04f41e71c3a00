/**
 * Makes spans of OpenTelemetry of what the operator says for traces. The span that is under way follows the calls by
 * AsyncLocalStorage, and nothing is registered for the whole process: libraries that look for a tracer find none, and no
 * header of traces goes to clouds.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Tracer as OtelTracer } from '@opentelemetry/api'
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_RPC_METHOD,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions'
import { shown } from '../../foreign/text.ts'
import { redact } from '../redact.ts'
import type { Attributes, TracedCall, Tracer, Trouble, TroubleOf } from '../tracer.ts'

/** Characters of a text. The longest names, those of hosts and of objects, have 253. */
const TEXT_MAX = 256

export function createSpans(otel: OtelTracer, troubleOf: TroubleOf): Tracer {
  const underWay = new AsyncLocalStorage<{ span: Span; context: Context }>()

  function span<T>(name: string, attributes: Attributes, work: () => T): T {
    const parent = underWay.getStore()?.context ?? ROOT_CONTEXT
    const span = otel.startSpan(name, { attributes: cleanAll(attributes) }, parent)
    return underWay.run({ span, context: trace.setSpan(parent, span) }, () => ended(span, work))
  }

  function ended<T>(span: Span, work: () => T): T {
    try {
      const result = work()
      if (result instanceof Promise) {
        result.then(
          value => end(span, troubleOf(value)),
          error => end(span, thrown(error)),
        )
      } else end(span, troubleOf(result))
      return result
    } catch (error) {
      end(span, thrown(error))
      throw error
    }
  }

  return {
    span,
    tell: attributes => void underWay.getStore()?.span.setAttributes(cleanAll(attributes)),
    failed(trouble) {
      const current = underWay.getStore()
      if (current) fail(current.span, trouble)
    },
    called(call) {
      const current = underWay.getStore()
      if (current) addCall(otel, call, current.context)
    },
  }
}

function end(span: Span, trouble: Trouble | undefined): void {
  if (trouble) fail(span, trouble)
  span.end()
}

function fail(span: Span, { reason, message }: Trouble): void {
  const type = clean(reason)
  if (type) span.setAttribute(ATTR_ERROR_TYPE, type)
  const text = clean(message)
  span.setStatus({ code: SpanStatusCode.ERROR, ...(text ? { message: text } : {}) })
}

/** An error that was thrown is a bug, or somebody has aborted. Its text is in the log. */
const thrown = (error: unknown): Trouble => ({ reason: error instanceof Error ? error.name : typeof error })

/** Made once the call has ended, with the time at which it began. */
function addCall(otel: OtelTracer, { provider, endpoint, operation, result, durationMs }: TracedCall, parent: Context) {
  const now = performance.now()
  const status = /^\d{3}$/.test(result) ? Number(result) : undefined
  const call = otel.startSpan(
    clean(operation) ?? 'call',
    {
      kind: SpanKind.CLIENT,
      startTime: now - durationMs,
      attributes: cleanAll({
        'artifactstore.provider': provider,
        [ATTR_RPC_SYSTEM_NAME]: provider === 'aws' ? 'aws-api' : undefined,
        [ATTR_RPC_METHOD]: operation,
        ...serverOf(endpoint),
        [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
      }),
    },
    parent,
  )
  if (status === undefined || status >= 400) fail(call, { reason: result })
  call.end(now)
}

function serverOf(endpoint: string): Attributes {
  const url = URL.parse(endpoint)
  if (!url?.hostname) return { [ATTR_SERVER_ADDRESS]: endpoint }
  const port = Number(url.port || (url.protocol === 'http:' ? 80 : 443))
  return { [ATTR_SERVER_ADDRESS]: url.hostname, [ATTR_SERVER_PORT]: port }
}

function cleanAll(attributes: Attributes): Record<string, string | number | boolean> {
  const cleaned: Record<string, string | number | boolean> = {}
  for (const [name, value] of Object.entries(attributes)) {
    const kept = typeof value === 'string' ? clean(value) : value
    if (kept !== undefined) cleaned[name] = kept
  }
  return cleaned
}

/** Names of objects and hosts, and short words: no secret has such a form, and most texts have it. */
const PLAIN = /^(?:[a-z0-9.-]{1,256}|[A-Za-z0-9]{1,15})$/

const clean = (text: string | undefined): string | undefined => {
  const short = shown(text, TEXT_MAX)
  return short === undefined || PLAIN.test(short) ? short : redact(short)
}
