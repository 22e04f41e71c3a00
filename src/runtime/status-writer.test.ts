import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setUp } from '../../test/support/runtime/controller-harness.ts'
import { settle } from '../../test/support/runtime/fake-clock.ts'
import { fakeClient, nextVersion, type Widget, type WidgetStatus, widget } from '../../test/support/runtime/fakes.ts'
import type { Condition } from '../api/conditions.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import { noTracer } from '../telemetry/tracer.ts'
import { createStatusWriter } from './status-writer.ts'

const condition = (type: string, reason: string): Condition => ({
  ...{ type, status: 'True', reason, message: '' },
  lastTransitionTime: '2030-01-01T00:00:00Z',
})
const READY = condition('Ready', 'Verified')
const AUDITED = condition('Audited', 'Passed')

/** Conditions at the begin of a reconcile, those that it concludes, and what others do meanwhile. */
interface Row {
  name: string
  before?: Condition[]
  concluded: Condition[]
  meanwhile?: Condition[]
  after: Condition[]
}
const rows: Row[] = [
  { name: 'of others stays', before: [AUDITED], concluded: [AUDITED, READY], after: [READY, AUDITED] },
  { name: 'of others that comes meanwhile stays', concluded: [READY], meanwhile: [AUDITED], after: [READY, AUDITED] },
  {
    name: 'of others that changes meanwhile stays as it is now',
    before: [AUDITED],
    concluded: [AUDITED, READY],
    meanwhile: [condition('Audited', 'Failed')],
    after: [READY, condition('Audited', 'Failed')],
  },
  {
    name: 'of others that goes meanwhile does not come back',
    before: [AUDITED],
    concluded: [AUDITED, READY],
    meanwhile: [],
    after: [READY],
  },
  {
    name: 'of ours that is over goes',
    before: [READY, condition('Reconciling', 'Busy')],
    concluded: [READY],
    after: [READY],
  },
]
for (const { name, before = [], concluded, meanwhile, after } of rows) {
  test(`a condition ${name}`, async () => {
    let finish = () => {}
    const t = setUp(
      async () => {
        await new Promise<void>(resolve => (finish = resolve))
        return { status: { conditions: concluded }, next: 'await-change' }
      },
      { objects: [widget('a', { status: { conditions: before } })] },
    )
    await t.start()
    if (meanwhile) t.change('a', () => ({ status: { conditions: meanwhile } }))
    finish()
    await settle()
    assert.deepEqual(t.informer.cache.get('ns/a')?.status?.conditions, after)
    assert.equal(t.writes.length, 1)
  })
}

test('a status is not written over a change that no watch has told of yet, and is written again after it', async () => {
  const t = setUp(async () => ({ status: { conditions: [READY] }, next: 'await-change' }))
  const changed = widget('a', { status: { conditions: [AUDITED] } })
  t.remade.set('a', changed)
  await t.start()
  assert.deepEqual(t.results, ['error'], 'the API server compares the versions')
  t.informer.observe(changed)
  await t.clock.advance(1_000)
  assert.deepEqual(t.informer.cache.get('ns/a')?.status?.conditions, [READY, AUDITED])
  assert.deepEqual(t.results, ['error', 'success'])
})

test('a status is written over changes of an annotation that no watch has told of yet, at once', async () => {
  const conditions = [AUDITED]
  for (const [name, status] of [
    ['without conditions', { phase: 'New' }],
    ['with conditions', { conditions }],
  ] as const) {
    const t = setUp(async () => ({ status: { conditions: [READY] }, next: 'await-change' }), {
      objects: [widget('a', { status })],
    })
    const known = t.informer.cache.get('ns/a') ?? assert.fail()
    t.remade.set('a', {
      ...known,
      metadata: { ...known.metadata, resourceVersion: nextVersion(), annotations: { a: 'b' } },
    })
    await t.start()
    assert.deepEqual([t.results, t.runs, t.writes.length], [['success'], ['a'], 2], name)
    assert.deepEqual(t.informer.cache.get('ns/a')?.metadata.annotations, { a: 'b' }, name)
  }
})

/** The calls of so many writes, each of a writer of its own, where the API server says this of its version. */
async function callsOf(writes: number, version: () => Promise<unknown>): Promise<string[]> {
  const calls: string[] = []
  let known = widget('a')
  const written = async (call: string) => {
    calls.push(call)
    return known as never
  }
  const client = fakeClient({
    raw: path => {
      calls.push(path)
      return version()
    },
    replaceStatus: () => written('update'),
    jsonPatch: () => written('patch'),
  })
  const writer = () =>
    createStatusWriter<WidgetStatus, Widget>({
      resource: { apiVersion: 'test.dev/v1', kind: 'Widget', plural: 'widgets', namespaced: true },
      client,
      informer: { observe: () => true, cache: { get: () => known } },
      recorder: { record: () => {} },
      tracer: noTracer,
    })
  for (let turn = 0; turn < writes; turn++) {
    known = widget('a', { status: { phase: `${turn}` } })
    await writer()(known, { phase: 'New' }, new AbortController().signal)
  }
  return calls
}

test('a status is written by a PUT where that leaves metadata to its owners, and else by a patch', async () => {
  const versions: [minor: string, verb: string][] = [
    ['30', 'patch'],
    ['35+', 'patch'],
    ['36', 'update'],
    ['36+', 'update'],
    ['', 'patch'],
  ]
  for (const [minor, verb] of versions) {
    const version = async () => ({ major: '1', minor })
    assert.deepEqual(await callsOf(2, version), ['/version', verb, verb], `version ${minor}`)
  }
})

test('the version of the API server is asked for again after an error, and not after a refusal', async () => {
  for (const error of [new TransportError('reset'), new ApiError(429, {}, 'get /version')]) {
    assert.deepEqual(await callsOf(2, () => Promise.reject(error)), ['/version', 'patch', '/version', 'patch'])
  }
  const refused = () => Promise.reject(new ApiError(403, { reason: 'Forbidden' }, 'get /version'))
  assert.deepEqual(await callsOf(2, refused), ['/version', 'patch', 'patch'])
})
