import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { traceLab } from '../../../test/support/trace-lab.ts'
import { stalled } from '../../api/failures.ts'
import type { TracedCall, Tracer } from '../tracer.ts'

const call: TracedCall = {
  provider: 'aws',
  endpoint: 'https://s3.example.com:9000',
  operation: 'ListObjectsV2',
  result: '200',
  durationMs: 5,
}

test('what happens inside of a step is below it, also when steps run at the same time', async () => {
  const { tracer, spans, tree } = traceLab()
  const step = (name: string) =>
    tracer.span(name, {}, async () => {
      await turn()
      tracer.span(`${name} in`, {}, () => tracer.called(call))
      await turn()
    })
  await Promise.all([
    tracer.span('one', {}, () => Promise.all([step('a'), step('b')])),
    tracer.span('two', {}, () => step('c')),
  ])
  const call_ = '      ListObjectsV2'
  assert.deepEqual(
    tree().sort(),
    ['one', '  a', '    a in', call_, '  b', '    b in', call_, 'two', '  c', '    c in', call_].sort(),
  )
  const traces = Map.groupBy(spans(), span => span.spanContext().traceId)
  assert.deepEqual([...traces.values()].map(({ length }) => length).sort(), [4, 7])
})

test('a step returns what its work returns, and throws what that throws', async () => {
  const { tracer } = traceLab()
  assert.equal(
    tracer.span('a', {}, () => 1),
    1,
  )
  assert.equal(await tracer.span('a', {}, async () => 2), 2)
  await assert.rejects(
    tracer.span('a', {}, () => Promise.reject(new TypeError('bug'))),
    /bug/,
  )
  assert.throws(
    () =>
      tracer.span('a', {}, () => {
        throw new TypeError('bug')
      }),
    /bug/,
  )
})

describe('a step that does not succeed says why:', () => {
  const cases: [name: string, work: (tracer: Tracer) => unknown, type: string, message: string | undefined][] = [
    ['a Failure', () => stalled('BucketNotFound', 'create it'), 'BucketNotFound', 'create it'],
    ['a Failure that comes later', async () => stalled('BucketNotFound', 'create it'), 'BucketNotFound', 'create it'],
    [
      'an error, whose text is for the log',
      () => {
        throw new TypeError('bug')
      },
      'TypeError',
      undefined,
    ],
    ['an error that comes later', () => Promise.reject(new TypeError('bug')), 'TypeError', undefined],
    ['what is told of it', tracer => tracer.failed({ reason: 'NotWritten' }), 'NotWritten', undefined],
  ]
  for (const [name, work, type, message] of cases) {
    test(name, async () => {
      const { tracer, spans } = traceLab()
      await Promise.resolve()
        .then(() => tracer.span('step', {}, () => work(tracer)))
        .catch(() => undefined)
      const [{ attributes, status } = assert.fail()] = spans()
      assert.deepEqual(attributes, { 'error.type': type })
      assert.deepEqual(status, { code: SpanStatusCode.ERROR, ...(message ? { message } : {}) })
    })
  }
})

describe('a call', () => {
  const cases: [name: string, of: Partial<TracedCall>, attributes: object, isError: boolean][] = [
    [
      'has the names of the semantic conventions',
      {},
      {
        'artifactstore.provider': 'aws',
        'http.response.status_code': 200,
        'rpc.method': 'ListObjectsV2',
        'rpc.system.name': 'aws-api',
        'server.address': 's3.example.com',
        'server.port': 9000,
      },
      false,
    ],
    [
      'that is refused is an error with its status',
      { provider: 'azure', endpoint: 'https://acc.blob.core.windows.net', operation: 'GetBlob', result: '403' },
      {
        'artifactstore.provider': 'azure',
        'error.type': '403',
        'http.response.status_code': 403,
        'rpc.method': 'GetBlob',
        'server.address': 'acc.blob.core.windows.net',
        'server.port': 443,
      },
      true,
    ],
    [
      'without an answer is an error with the reason',
      { provider: 'azure', endpoint: 'imds', operation: 'token', result: 'unreachable' },
      {
        'artifactstore.provider': 'azure',
        'error.type': 'unreachable',
        'rpc.method': 'token',
        'server.address': 'imds',
      },
      true,
    ],
  ]
  for (const [name, of, attributes, isError] of cases) {
    test(name, () => {
      const { tracer, spans } = traceLab()
      tracer.span('step', {}, () => tracer.called({ ...call, ...of }))
      const [span = assert.fail()] = spans()
      assert.deepEqual({ ...span.attributes }, attributes)
      assert.equal(span.kind, SpanKind.CLIENT)
      assert.equal(span.status.code === SpanStatusCode.ERROR, isError)
      assert.deepEqual(Math.round(span.duration[0] * 1_000 + span.duration[1] / 1e6), 5)
    })
  }
  test('outside of a reconcile makes no trace', () => {
    const { tracer, spans } = traceLab()
    tracer.called(call)
    tracer.tell({ a: 'b' })
    tracer.failed({ reason: 'X' })
    assert.deepEqual(spans(), [])
  })
})

describe('no text is long, and none has credentials:', () => {
  const secret = 'hunter2secret'
  const long = `${'x'.repeat(5_000)}`
  const cases: [name: string, work: (tracer: Tracer) => unknown][] = [
    ['attributes', tracer => tracer.tell({ a: `https://b/?sig=${secret}`, b: long })],
    ['messages', () => stalled(long, `AccountKey=${secret}; ${long}`)],
    ['hosts', tracer => tracer.called({ ...call, endpoint: `https://user:${secret}@host`, operation: long })],
    ['names', tracer => tracer.called({ ...call, endpoint: `password=${secret} ${long}` })],
  ]
  for (const [name, work] of cases) {
    test(name, () => {
      const { tracer, spans } = traceLab()
      tracer.span('step', {}, () => work(tracer))
      const told = spans().map(({ name, attributes, status, events }) => ({ name, attributes, status, events }))
      assert.ok(!JSON.stringify(told).includes(secret))
      assert.ok(!JSON.stringify(told).includes('x'.repeat(257)))
    })
  }
})
