import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, fakeView, KEY_SPEC, minutes, NOW, projectedSecret, store } from '../../../test/support/objects.ts'
import type { Format } from '../../api/artifact-store.ts'
import type { ServiceConnectorSpec } from '../../api/service-connector.ts'
import { rfc3339 } from '../../api/time.ts'
import { holdingsOf } from './lending.ts'
import type { Holding } from './projected-secret.ts'
import { unlentSecrets, withdrawnSecrets, withoutUnlent, withoutWithdrawn } from './withdrawn.ts'

const entry = (name: string, format: Format = 'AwsProfile') => ({ name, formats: [format] })
const borrower = (entries = [entry('step')]) =>
  store({ connectorRef: { name: 'minio', namespace: 'platform' }, credentials: entries })
const held = (holds: readonly Holding[] | undefined, expiresAt: Date | undefined = minutes(60)) =>
  projectedSecret('prod-step', { grant: 'g', issuedAt: NOW, expiresAt, holds })
const endless = (holds?: readonly Holding[]) =>
  projectedSecret('prod-step', { grant: 'g', issuedAt: NOW, expiresAt: undefined, holds })

type Lend = ServiceConnectorSpec['lend']

function view(secret: ReturnType<typeof held>, lend?: Lend) {
  const { metadata } = connector()
  const lender = connector({
    metadata: { ...metadata, namespace: 'platform' },
    spec: { ...KEY_SPEC, ...(lend ? { lend } : {}) },
  })
  return fakeView({ connector: () => lender, secretsOf: () => [secret] })
}

/** A moment longer than the longest session. */
const skewed = new Date(minutes(12 * 60).getTime() + 2_000)
const webIdentity = borrower([entry('step', 'WebIdentity')])

describe('of Secrets whose stamp says what they hold', () => {
  const cases: [
    name: string,
    secret: ReturnType<typeof held>,
    expected: { lend?: Lend; unlent: boolean; refused: boolean },
  ][] = [
    ['a session of the longest life by a clock ahead', held(['Scoped'], skewed), { unlent: false, refused: false }],
    ['a session that a service made longer', held(['Scoped'], minutes(24 * 60)), { unlent: false, refused: true }],
    ['a session', held(['Scoped']), { unlent: false, refused: false }],
    ['a session that nothing narrows', held(['Unnarrowed']), { unlent: true, refused: true }],
    ['one that is lent', held(['Unnarrowed']), { lend: { static: true }, unlent: false, refused: true }],
    ['the identity', held(['Identity']), { unlent: true, refused: true }],
    ['the identity, lent', held(['Identity']), { lend: { webIdentity: true }, unlent: false, refused: true }],
    [
      'the identity beside a key, of which one is lent',
      endless(['Unnarrowed', 'Identity']),
      { lend: { static: true }, unlent: true, refused: true },
    ],
    ['a key', endless(['Unnarrowed']), { unlent: true, refused: true }],
  ]
  for (const [name, secret, { lend, unlent, refused }] of cases) {
    for (const asking of [borrower(), borrower([entry('other')]), webIdentity, borrower([{ name: '', formats: [] }])]) {
      const { credentials } = asking.spec
      test(`${name} is ${unlent ? '' : 'not '}unlent, whatever the store asks for: ${JSON.stringify(credentials)}`, () => {
        assert.deepEqual(unlentSecrets(asking, view(secret, lend), NOW), unlent ? [secret] : [])
      })
      test(`${name} ${refused ? 'goes' : 'stays'} on a refusal, with ${JSON.stringify(credentials)}`, () => {
        assert.deepEqual(withdrawnSecrets(asking, view(secret, lend), NOW), refused ? [secret] : [])
      })
    }
  }
})

describe('of Secrets whose stamp does not say what they hold', () => {
  const cases: [name: string, secret: ReturnType<typeof held>, of: typeof webIdentity, isTaken: boolean][] = [
    ['those of an entry with WebIdentity go', held(undefined), webIdentity, true],
    ['sessions stay', held(undefined), borrower(), false],
    ['sessions of the longest life by a clock ahead stay', held(undefined, skewed), borrower(), false],
    ['those that outlive every session go', held(undefined, minutes(24 * 60)), borrower(), true],
    ['those without end go', endless(), borrower(), true],
    ['those without end go, too, if somebody damaged the words', endless(['Nothing' as Holding]), borrower(), true],
  ]
  for (const [name, secret, of, isTaken] of cases) {
    test(name, () => {
      assert.deepEqual(unlentSecrets(of, view(secret), NOW), isTaken ? [secret] : [])
      assert.deepEqual(withdrawnSecrets(of, view(secret), NOW), isTaken ? [secret] : [])
    })
  }
})

test('a stamp says what the entry and the identity make of its Secrets', () => {
  const of = (format: Format, unnarrowed = false) =>
    holdingsOf(entry('step', format), unnarrowed ? { unnarrowed: true } : {})
  assert.deepEqual(of('AwsProfile'), ['Scoped'])
  assert.deepEqual(of('AwsProfile', true), ['Unnarrowed'])
  assert.deepEqual(of('WebIdentity'), ['Identity'])
  assert.deepEqual(of('WebIdentity', true), ['Unnarrowed', 'Identity'])
})

describe('status', () => {
  const listed = { name: 'step', namespace: 'ml', secretName: 'prod-step', expiresAt: rfc3339(skewed) }
  const of = { ...borrower(), status: { credentials: [listed] } }
  const secret = held(['Scoped'], minutes(24 * 60))
  const names = ({ status }: typeof of) => status?.credentials?.map(({ secretName }) => secretName)

  test('no longer lists a Secret that was removed, whatever the entry asks for', () => {
    const remains = { removed: [secret], left: [] }
    assert.deepEqual(names(withoutUnlent(of, remains, view(secret), NOW) as typeof of), [])
    assert.deepEqual(names(withoutWithdrawn(of, remains, NOW) as typeof of), [])
  })

  test('lists a Secret that is left, however long it lives', () => {
    const long = { ...of, status: { credentials: [{ ...listed, expiresAt: rfc3339(minutes(24 * 60)) }] } }
    const remains = { removed: [], left: [secret] }
    assert.deepEqual(names(withoutUnlent(long, remains, view(secret), NOW) as typeof of), ['prod-step'])
    assert.deepEqual(names(withoutWithdrawn(long, remains, NOW) as typeof of), ['prod-step'])
  })
})
