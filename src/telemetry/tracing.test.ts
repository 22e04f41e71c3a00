import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { createLog } from './log.ts'
import { noTracer } from './tracer.ts'
import { startTracing } from './tracing.ts'

// The packages of OpenTelemetry read it from there.
process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] = '500'

function setUp() {
  const lines: { msg: string }[] = []
  const log = createLog({ level: 'info', destination: { write: line => void lines.push(JSON.parse(line)) } })
  const options = { log, instance: 'operator-0', troubleOf: () => undefined }
  return { options, messages: () => lines.map(({ msg }) => msg), lines }
}

/** A collector that answers like this. */
async function collector(context: TestContext, answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('without a collector there is no tracer but ours, which does nothing, and nothing is said', async () => {
  const { options, messages } = setUp()
  const { tracer, close } = await startTracing({}, options)
  assert.equal(tracer, noTracer)
  assert.equal(await close(1), true)
  assert.deepEqual(messages(), [])
})

test('what can’t be used of the environment is logged, and there is no tracer', async () => {
  const { options, messages } = setUp()
  const { tracer } = await startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }, options)
  assert.equal(tracer, noTracer)
  assert.match(messages().join(), /^OTEL_EXPORTER_OTLP_ENDPOINT: is no URL/)
})

test('what waits is sent at the end, in one request', async context => {
  const { options, messages } = setUp()
  const paths: (string | undefined)[] = []
  const env = await collector(context, ({ url, headers }, response) => {
    paths.push(url, headers['content-type'])
    response.end()
  })
  const { tracer, close } = await startTracing(env, options)
  for (let n = 0; n < 10; n++) tracer.span('reconcile', {}, () => undefined)
  assert.equal(await close(10_000), true)
  assert.deepEqual(paths, ['/v1/traces', 'application/x-protobuf'])
  assert.deepEqual(messages(), ['traces are sent'])
})

test('a collector that does not answer keeps nobody at the end, and is told of', async context => {
  const { options, messages } = setUp()
  const env = await collector(context, () => undefined)
  const { tracer, close } = await startTracing(env, options)
  tracer.span('reconcile', {}, () => undefined)
  assert.equal(await close(20), false)
  assert.deepEqual(messages(), ['traces are sent', 'the last traces were not sent in time'])
})

test('a collector that refuses again and again is told of a few times', async context => {
  const { options, lines } = setUp()
  let refused = 0
  const env = await collector(context, (_, response) => {
    refused++
    response.writeHead(400).end('no, nor will I ever')
  })
  const { tracer, close } = await startTracing(
    { ...env, OTEL_BSP_SCHEDULE_DELAY: '1', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' },
    options,
  )
  while (refused < 20) {
    tracer.span('reconcile', {}, () => undefined)
    await new Promise(setImmediate)
  }
  await close(10_000)
  const told = lines.filter(({ msg }) => msg === 'traces were not sent; all else goes on')
  assert.equal(told.length, 5)
  assert.ok(!JSON.stringify(lines).includes('nor will I'), 'what the collector says is not repeated')
})
