import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { READY, setUp } from '../../test/support/runtime/controller-harness.ts'
import { settle } from '../../test/support/runtime/fake-clock.ts'
import type { WidgetStatus } from '../../test/support/runtime/fakes.ts'
import { traceLab } from '../../test/support/trace-lab.ts'
import { stalled } from '../api/failures.ts'
import type { Outcome } from './outcome.ts'

const about = { 'artifactstore.kind': 'Widget', 'artifactstore.namespace': 'ns', 'artifactstore.name': 'a' }

describe('the trace of a reconcile tells', () => {
  const cases: [name: string, reconcile: () => Promise<Outcome<WidgetStatus>>, told: object, tree: string[]][] = [
    [
      'that it went well, with the write of the status',
      async () => ({ status: READY, next: 'await-change' }),
      { 'artifactstore.outcome': 'success' },
      ['reconcile Widget', '  write status'],
    ],
    [
      'why it does not go on',
      async () => ({ next: stalled('Denied', 'allow it') }),
      { 'artifactstore.outcome': 'stalled', 'error.type': 'Denied' },
      ['reconcile Widget'],
    ],
    [
      'that it has crashed',
      async () => {
        throw new TypeError('bug')
      },
      { 'artifactstore.outcome': 'error', 'error.type': 'ReconcileError' },
      ['reconcile Widget', '  write status'],
    ],
  ]
  for (const [name, reconcile, told, tree] of cases) {
    test(name, async () => {
      const lab = traceLab()
      const t = setUp(reconcile, { tracer: lab.tracer })
      await t.start()
      await settle()
      assert.deepEqual(lab.tree(), tree)
      const root = lab.spans().find(span => span.name === 'reconcile Widget')
      assert.deepEqual({ ...root?.attributes }, { ...about, 'artifactstore.lane': 'urgent', ...told })
    })
  }

  test('that its status was not written', async () => {
    const lab = traceLab()
    const refused = async () => {
      throw new Error('refused')
    }
    const t = setUp(async () => ({ status: READY, next: 'await-change' }), { tracer: lab.tracer, onApply: refused })
    await t.start()
    await settle()
    const types = Object.fromEntries(lab.spans().map(({ name, attributes }) => [name, attributes['error.type']]))
    assert.deepEqual(types, { 'write status': 'Error', 'reconcile Widget': 'StatusNotWritten' })
  })

  test('the reason of Ready, and that a timer woke it', async () => {
    const lab = traceLab()
    const conditions = [
      { type: 'Ready', status: 'True', reason: 'AllGood', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
    ] as WidgetStatus['conditions']
    const t = setUp(
      async () => ({ status: { ...READY, ...(conditions ? { conditions } : {}) }, next: { after: 10 } }),
      {
        tracer: lab.tracer,
      },
    )
    await t.start()
    await t.clock.advance(10)
    const roots = lab.spans().filter(({ name }) => name === 'reconcile Widget')
    const told = roots.map(({ attributes }) => [attributes['artifactstore.lane'], attributes['artifactstore.reason']])
    assert.deepEqual(told, [
      ['urgent', 'AllGood'],
      ['routine', 'AllGood'],
    ])
  })
})
