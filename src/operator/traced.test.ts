import assert from 'node:assert/strict'
import { test } from 'node:test'
import { goodProbe, store } from '../../test/support/objects.ts'
import { credentials, setUp } from '../../test/support/reconcile-lab.ts'
import { traceLab } from '../../test/support/trace-lab.ts'
import { stalled } from '../api/failures.ts'
import type { Session, Usage } from '../providers/provider.ts'
import type { StoreView } from '../stores/plan/view.ts'
import { noTracer } from '../telemetry/tracer.ts'
import { traced } from './traced.ts'

const usage: Usage = { kind: 'usage', objects: 2, bytes: 10, scope: 'Prefix' }

function setUpTraced(session: Partial<Session> = {}, view: Partial<StoreView> = {}) {
  const { lab, ...rest } = setUp(session, view)
  const traces = traceLab()
  const trace = () => {
    const { sessions, lookUp, writer } = lab.context
    Object.assign(lab.context, traced(traces.tracer, { sessions, lookUp, writer }), { tracer: traces.tracer })
  }
  return { lab, traces, trace, ...rest }
}

test('each step of a store is a span, with what it calls below it', async () => {
  let found = false
  const { lab, traces, trace, run } = setUpTraced(
    { prepare: async () => ({ kind: 'prepared', changes: [] }), measure: async () => usage },
    { keyValues: () => (found ? { values: { id: 'AKIA' } } : undefined) },
  )
  lab.context.lookUp = async () => {
    found = true
    return 'cached'
  }
  trace()
  const object = store({ credentials, bucket: { create: true }, usage: { source: 'List' } })
  assert.equal((await run(object)).status?.conditions?.[0]?.reason, 'Verified')
  const first = ['plan', 'look up', 'plan', 'session', 'prepare', 'probe']
  const projected = ['project', '  grant', '  try', '  write Secret']
  assert.deepEqual(traces.tree(), [...first, ...projected, 'conclude'])
  const project = traces.spans().find(({ name }) => name === 'project')
  assert.deepEqual(
    { ...project?.attributes },
    {
      'artifactstore.target.role': 'step',
      'artifactstore.target.namespace': 'ml',
      'artifactstore.target.secret': 'prod-step',
      'artifactstore.target.need': 'create',
    },
  )
  await run(object)
  assert.ok(traces.tree().includes('measure'), 'the next reconcile measures')
})

test('a step that fails says why, and Secrets that are removed are named', async () => {
  const { traces, trace, run } = setUpTraced({ probe: async () => stalled('BucketNotFound', 'create it') })
  trace()
  await run(store({ credentials }))
  const failed = traces.spans().flatMap(({ name, attributes }) => {
    const type = attributes['error.type']
    return type ? [`${name} ${type}`] : []
  })
  assert.deepEqual(failed, ['probe BucketNotFound'])
})

test('what a session tells of itself is what it tells without traces', async () => {
  const { lab, trace } = setUpTraced({ probe: async () => goodProbe })
  const before = await lab.context.sessions.get({} as never, AbortSignal.timeout(1_000))
  trace()
  const after = await lab.context.sessions.get({ connector: 'ml/minio' } as never, AbortSignal.timeout(1_000))
  const told = (session: typeof before) =>
    'principal' in session && [session.principal, session.expiresAt, session.caller]
  assert.deepEqual(told(after), told(before))
})

test('without a tracer, nothing stands between the operator and its parts', () => {
  const { lab } = setUp()
  const { sessions, lookUp, writer } = lab.context
  const parts = { sessions, lookUp, writer }
  assert.equal(traced(noTracer, parts), parts)
})
