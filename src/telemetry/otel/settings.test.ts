import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Environment, readTraceSettings } from './settings.ts'

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

describe('traces are sent', () => {
  const cases: [name: string, env: Environment, url: string | undefined][] = [
    ['not without a variable', {}, undefined],
    [
      'not for other variables of OpenTelemetry',
      { OTEL_SERVICE_NAME: 'x', OTEL_TRACES_SAMPLER: 'always_on' },
      undefined,
    ],
    ['not for an empty endpoint', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, undefined],
    ['to the path for traces below the endpoint', ENDPOINT, 'http://collector:4318/v1/traces'],
    [
      'to the path for traces below the path of the endpoint',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector/otlp/' },
      'https://collector/otlp/v1/traces',
    ],
    [
      'to the endpoint for traces as it is, rather than to the other',
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces/in' },
      'https://traces/in',
    ],
    [
      'to this machine when only the exporter is named',
      { OTEL_TRACES_EXPORTER: 'otlp' },
      'http://localhost:4318/v1/traces',
    ],
    ['when the exporter is among others', { OTEL_TRACES_EXPORTER: 'console, otlp' }, 'http://localhost:4318/v1/traces'],
    ['not when the exporter is none', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, undefined],
    ['not when OpenTelemetry is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, undefined],
    [
      'when OpenTelemetry is not disabled',
      { ...ENDPOINT, OTEL_SDK_DISABLED: 'false' },
      'http://collector:4318/v1/traces',
    ],
    ['not when no trace is to be sampled', { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'always_off' }, undefined],
    [
      'not when a ratio of 0 is to be sampled',
      { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
      undefined,
    ],
    [
      'by the one protocol that there is',
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
      'http://collector:4318/v1/traces',
    ],
    [
      'by the protocol for traces, whatever that for all is',
      {
        ...ENDPOINT,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      },
      'http://collector:4318/v1/traces',
    ],
  ]
  for (const [name, env, url] of cases) {
    test(name, () => {
      const { settings, warnings } = readTraceSettings(env)
      assert.equal(settings?.url, url)
      assert.deepEqual(warnings, [])
    })
  }
})

describe('the part of traces that is sent', () => {
  const cases: [sampler: string | undefined, argument: string | undefined, ratio: number][] = [
    [undefined, undefined, 1],
    ['always_on', '0.5', 1],
    ['parentbased_always_on', undefined, 1],
    ['traceidratio', undefined, 1],
    ['traceidratio', '0.25', 0.25],
    ['parentbased_traceidratio', '1e-3', 0.001],
  ]
  for (const [sampler, argument, ratio] of cases) {
    test(`is ${ratio} for ${sampler} with ${argument}`, () => {
      const env = { ...ENDPOINT, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument }
      const { settings, warnings } = readTraceSettings(env)
      assert.deepEqual([settings?.ratio, warnings], [ratio, []])
    })
  }
})

describe('how spans wait', () => {
  const usual = {
    maxQueueSize: 2048,
    maxExportBatchSize: 512,
    scheduledDelayMillis: 5_000,
    exportTimeoutMillis: 30_000,
  }
  test('is as the specification says without variables', () => {
    assert.deepEqual(readTraceSettings(ENDPOINT).settings?.batch, usual)
  })
  test('is what variables say', () => {
    const env = {
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10',
      OTEL_BSP_SCHEDULE_DELAY: '500',
      OTEL_BSP_EXPORT_TIMEOUT: '1000',
    }
    const batch = {
      maxQueueSize: 100,
      maxExportBatchSize: 10,
      scheduledDelayMillis: 500,
      exportTimeoutMillis: 1_000,
    }
    assert.deepEqual(readTraceSettings({ ...ENDPOINT, ...env }).settings?.batch, batch)
  })
  test('has no batch that is larger than the queue', () => {
    const { settings } = readTraceSettings({ ...ENDPOINT, OTEL_BSP_MAX_QUEUE_SIZE: '100' })
    assert.equal(settings?.batch.maxExportBatchSize, 100)
  })
})

describe('a variable that can’t be used is named with its cure, and', () => {
  const cases: [name: string, env: Environment, sends: boolean, warning: string][] = [
    [
      'nothing is sent by another protocol',
      { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      false,
      'OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not known, so no traces are sent: set it to http/protobuf, and OTEL_EXPORTER_OTLP_ENDPOINT to the collector\'s port for HTTP, which mostly is 4318',
    ],
    [
      'nothing is sent by an exporter that there is not',
      { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' },
      false,
      'OTEL_TRACES_EXPORTER: "zipkin" is not known, so no traces are sent: set it to otlp or none',
    ],
    [
      'nothing is sent to what is no URL, which may be a secret',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318/hunter2secret' },
      false,
      'OTEL_EXPORTER_OTLP_ENDPOINT: is no URL, so no traces are sent: write http://HOST:4318 or https://HOST:4318',
    ],
    [
      'all traces are sent for a sampler that there is not',
      { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'jaeger_remote' },
      true,
      'OTEL_TRACES_SAMPLER: "jaeger_remote" is not known, so all traces are sent: set it to always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio',
    ],
    [
      'all traces are sent for a ratio that is none',
      { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '10%' },
      true,
      'OTEL_TRACES_SAMPLER_ARG: "10%" is no number from 0 to 1, so all traces are sent: write one, as 0.1',
    ],
    [
      'the usual queue takes the place of one without an end',
      { ...ENDPOINT, OTEL_BSP_MAX_QUEUE_SIZE: '1000000000' },
      true,
      'OTEL_BSP_MAX_QUEUE_SIZE: "1000000000" is no whole number from 1 to 32768, so it is 2048: write one',
    ],
  ]
  for (const [name, env, sends, warning] of cases) {
    test(name, () => {
      const { settings, warnings } = readTraceSettings(env)
      assert.deepEqual([settings !== undefined, warnings], [sends, [warning]])
    })
  }
})
