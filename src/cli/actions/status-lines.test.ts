import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Health } from '../overview/health.ts'
import type { ConnectorRow, SecretRow, StoreRow } from '../overview/rows.ts'
import { coloured, colourless } from '../text/style.ts'
import { widthOf } from '../text/width.ts'
import { statusLines } from './status-lines.ts'

const now = new Date('2026-03-01T10:00:00Z')
const health = (change: Partial<Health> = {}): Health => ({
  ready: 'True',
  reason: 'Verified',
  message: 'bucket verified, credentials projected',
  isStalled: false,
  isReconciling: false,
  isCurrent: true,
  ...change,
})
const aws: ConnectorRow = {
  namespace: 'ml',
  name: 'aws',
  cloud: 'aws',
  principal: 'arn:aws:iam::1:role/x',
  health: health({ reason: 'Authenticated' }),
  cautions: [],
}
const secret: SecretRow = {
  namespace: 'ml',
  name: 'models-step',
  role: 'step',
  issuedAt: '2026-03-01T09:30:00Z',
  refreshAt: '2026-03-01T10:00:00Z',
  expiresAt: '2026-03-01T10:30:00Z',
}
const models: StoreRow = {
  namespace: 'ml',
  name: 'models',
  path: 's3://acme-models/team-a',
  connector: 'ml/aws',
  isDefault: true,
  health: health(),
  cautions: [],
  usage: { objects: 12, bytes: 2048, scope: 'Prefix', measuredAt: '2026-03-01T09:00:00Z' },
  secrets: [secret, { ...secret, namespace: 'train' }],
}
const broken: StoreRow = {
  ...models,
  name: 'broken',
  isDefault: false,
  secrets: [],
  health: health({
    ready: 'False',
    reason: 'BucketNotFound',
    message: 's3://gone: there is no such bucket: create it',
    isStalled: true,
  }),
}
const overview = { connectors: [aws], stores: [models, broken] }
const lines = (width = Number.POSITIVE_INFINITY, shown = overview, paint = colourless) =>
  statusLines(shown, { now, where: 'in namespace "ml"', view: { width, paint } })

describe('status', () => {
  test('shows connectors, stores and Secrets by namespace, and below what is wrong', () => {
    assert.deepEqual(lines(), [
      'NAME                          READY  REASON          ENDS    REFRESH  USAGE                LOCATION',
      'connector ml/aws              True   Authenticated                                         arn:aws:iam::1:role/x',
      '├─ store ml/broken            False  BucketNotFound                   12 objects, 2.0\u00a0KiB  s3://acme-models/team-a',
      '└─ store ml/models (default)  True   Verified        in 30m  in 0s    12 objects, 2.0\u00a0KiB  s3://acme-models/team-a',
      '   ├─ namespace ml',
      '   │  └─ secret models-step                          in 30m  in 0s                         for step',
      '   └─ namespace train',
      '      └─ secret models-step                          in 30m  in 0s                         for step',
      '',
      'Not ready:',
      '  store ml/broken: BucketNotFound: s3://gone: there is no such bucket: create it',
    ])
  })

  test('leaves out the less important at 80 columns', () => {
    assert.deepEqual(lines(80).slice(0, 4), [
      'NAME                          READY  REASON          ENDS    REFRESH',
      'connector ml/aws              True   Authenticated',
      '├─ store ml/broken            False  BucketNotFound',
      '└─ store ml/models (default)  True   Verified        in 30m  in 0s',
    ])
  })

  test('shows names as they are before what is less important', () => {
    const name = 'models-of-the-team'
    const shown = {
      connectors: [aws],
      stores: [{ ...models, name, secrets: [{ ...secret, name: `${name}-step-env` }] }],
    }
    for (const width of [60, 80, 120]) {
      const all = lines(width, shown).join('\n')
      for (const whole of [`store ml/${name} (default)`, `secret ${name}-step-env`]) assert.ok(all.includes(whole), all)
    }
  })

  for (const width of [40, 80, 200]) {
    test(`fits ${width} columns, also with names that are hostile`, () => {
      const hostile = `\x1b[2J\u202e${'x'.repeat(300)}モ\n`
      const row = { ...models, displayName: hostile, path: hostile, cautions: [hostile] }
      const health = { ...broken.health, reason: hostile, message: hostile }
      const evil = { connectors: [{ ...aws, principal: hostile }], stores: [row, { ...broken, health }] }
      for (const line of lines(width, evil)) {
        assert.ok(widthOf(line) <= width, `${widthOf(line)}: ${line}`)
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}]/u)
      }
    })
  }

  test('tells a store whose connector is not there, or not to be seen', () => {
    const [, first] = lines(Number.POSITIVE_INFINITY, { connectors: [], stores: [models] })
    assert.match(first ?? '', /^connector ml\/aws +\? +not there, or not yours to see$/)
  })

  test('does not count what was suspended on purpose as wrong', () => {
    const suspended = { ...models, health: health({ ready: 'Unknown', reason: 'Suspended' }) }
    assert.ok(!lines(200, { connectors: [aws], stores: [suspended] }).includes('Not ready:'))
  })

  test('says when a refresh is not known, and when credentials do not end', () => {
    const { issuedAt: _, refreshAt: __, ...unread } = secret
    const { expiresAt: ___, ...endless } = unread
    const [, , , , one, other] = lines(200, { connectors: [aws], stores: [{ ...models, secrets: [unread, endless] }] })
    assert.match(one ?? '', /in 30m +\? +for step$/)
    assert.match(other ?? '', /never +for step$/)
  })

  test('colours what is good, bad and late', () => {
    const late = { ...models, secrets: [{ ...secret, refreshAt: '2026-03-01T09:50:00Z' }] }
    const text = lines(200, { connectors: [aws], stores: [late, broken] }, coloured).join('\n')
    assert.ok(text.includes('\x1b[32mTrue'))
    assert.ok(text.includes('\x1b[31mFalse'))
    assert.ok(text.includes('\x1b[33m10m ago'))
  })

  test('says where there is nothing', () => {
    assert.deepEqual(lines(80, { connectors: [], stores: [] }), [
      'There are no connectors and stores in namespace "ml".',
    ])
  })

  test('gives cautions and trouble of what is Ready', () => {
    const row = {
      ...models,
      health: health({ trouble: 'ProbeTimeout: no answer' }),
      cautions: ['NotIsolated: it reaches others'],
    }
    assert.deepEqual(lines(200, { connectors: [aws], stores: [row] }).slice(-5), [
      'Ready, with trouble:',
      '  store ml/models: ProbeTimeout: no answer',
      '',
      'Cautions:',
      '  store ml/models: NotIsolated: it reaches others',
    ])
  })
})
