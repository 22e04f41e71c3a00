/** The real OpenTelemetry Collector, which takes traces by OTLP over HTTP, and keeps them in a file. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePort, Service, Workspace } from './processes.ts'
import { goBuild } from './tools.ts'

/** A span as the collector has taken it. */
export interface CollectedSpan {
  traceId: string
  id: string
  /** Absent of the first span of a trace. */
  parentId: string | undefined
  name: string
  isClient: boolean
  attributes: Record<string, string | number | boolean>
  /** Attributes of what has sent it. */
  resource: Record<string, string | number | boolean>
  /** What is said of its error; empty where nothing is said, undefined where there was none. */
  error: string | undefined
  /** From its start to its end, in ms. */
  durationMs: number
}

export interface Collector {
  /** URL for OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string
  /** All that it has taken, as it was written. */
  text(): Promise<string>
  spans(): Promise<CollectedSpan[]>
  stop(): Promise<void>
}

export async function startCollector(): Promise<Collector> {
  const [command, workspace] = await Promise.all([
    goBuild('otelcol', 'the OpenTelemetry Collector, about 3 minutes'),
    Workspace.create('otelcol'),
  ])
  const file = join(workspace.dir, 'traces.json')
  const endpoint = `127.0.0.1:${await freePort()}`
  const config = {
    receivers: { otlp: { protocols: { http: { endpoint } } } },
    exporters: { file: { path: file, flush_interval: '100ms' } },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['file'] } },
    },
  }
  await writeFile(join(workspace.dir, 'config.yaml'), stringify(config))
  const args = ['--config', join(workspace.dir, 'config.yaml')]
  const server = new Service('otelcol', { command, args: [] }, args, workspace)
  const stop = async () => {
    await server.kill()
    await workspace.remove()
  }
  const url = `http://${endpoint}`
  try {
    // It answers that there is no such page.
    await server.until('being ready', async () => (await fetch(url)).status === 404)
  } catch (error) {
    await stop()
    throw error
  }
  const text = async () => (existsSync(file) ? readFile(file, 'utf8') : '')
  // The last line may be half written.
  const spans = async () =>
    (await text())
      .split('\n')
      .slice(0, -1)
      .flatMap(line => spansOf(JSON.parse(line)))
  return { url, text, spans, stop }
}

interface Attribute {
  key: string
  value: { stringValue?: string; intValue?: string; boolValue?: boolean; doubleValue?: number }
}

/** The form of OTLP as JSON, as far as it is read here. */
interface Request {
  resourceSpans: {
    resource: { attributes?: Attribute[] }
    scopeSpans: {
      spans: {
        traceId: string
        spanId: string
        parentSpanId?: string
        name: string
        kind: number
        startTimeUnixNano: string
        endTimeUnixNano: string
        attributes?: Attribute[]
        status?: { code?: number; message?: string }
      }[]
    }[]
  }[]
}

const CLIENT = 3
const ERROR = 2

const spansOf = ({ resourceSpans }: Request): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ traceId, spanId, parentSpanId, name, kind, attributes, status, ...time }) => ({
        traceId,
        id: spanId,
        parentId: parentSpanId || undefined,
        name,
        isClient: kind === CLIENT,
        attributes: valuesOf(attributes),
        resource: valuesOf(resource.attributes),
        error: status?.code === ERROR ? (status.message ?? '') : undefined,
        durationMs: Number(BigInt(time.endTimeUnixNano) - BigInt(time.startTimeUnixNano)) / 1e6,
      })),
  )

const valuesOf = (attributes: Attribute[] = []): Record<string, string | number | boolean> =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue, doubleValue } }) => [
      key,
      stringValue ?? boolValue ?? doubleValue ?? Number(intValue),
    ]),
  )
