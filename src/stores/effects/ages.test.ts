import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXPIRES_AT_ANNOTATION, GRANT_ANNOTATION, ISSUED_AT_ANNOTATION } from '../../api/names.ts'
import { keyOf } from '../../api/object.ts'
import type { ProjectedSecret } from '../plan/projected-secret.ts'
import { Ages, type Moment } from './ages.ts'

const ISSUED_AT = Date.parse('2026-03-01T09:00:00Z')

/** So many ms after the credentials were issued; the wall clock was set back by `setBackMs` since. */
const moment = (ms: number, setBackMs = 0): Moment => ({ now: new Date(ISSUED_AT + ms - setBackMs), monotonic: ms })

const objectOf = (name: string) => ({
  ...{ apiVersion: 'v1', kind: 'Secret' },
  metadata: { name, namespace: 'team-a', uid: `uid-of-${name}`, resourceVersion: '1' },
})

function secretOf(name: string, issuedAt = ISSUED_AT): ProjectedSecret {
  const { metadata, ...rest } = objectOf(name)
  const annotations = {
    [GRANT_ANNOTATION]: 'grant',
    [ISSUED_AT_ANNOTATION]: new Date(issuedAt).toISOString(),
    [EXPIRES_AT_ANNOTATION]: new Date(issuedAt + 3_600_000).toISOString(),
  }
  return { ...rest, metadata: { ...metadata, annotations }, contentHash: '', sealed: true }
}

/** Stores with so many Secrets: how they are kept depends on it. */
for (const count of [1, 2, 5]) {
  const store = objectOf('store')
  const secrets = Array.from({ length: count }, (_, index) => secretOf(`secret-${index}`))
  const keys = secrets.map(keyOf)
  const setUp = () => {
    const ages = new Ages()
    ages.wrote(store, keys, new Date(ISSUED_AT), moment(0))
    return ages
  }

  test(`${count} Secrets are as old as the wall clock says, until it is set back`, () => {
    const ages = setUp()
    for (const secret of secrets) {
      assert.equal(ages.lag(store, [secret], moment(60_000)), 0)
      assert.equal(ages.lag(store, [secret], moment(60_000, 5_000)), 5_000)
      assert.equal(ages.lag(store, [undefined, secret], moment(90_000, 5_000)), 5_000)
    }
    assert.equal(ages.lag(store, secrets, moment(60_000, -5_000)), 0)
  })

  test(`${count} Secrets that get other credentials are of another age, each for itself`, () => {
    const ages = setUp()
    const [first, ...others] = secrets as [ProjectedSecret]
    const renewed = secretOf(first.metadata.name, ISSUED_AT + 60_000)
    ages.wrote(store, [keyOf(first)], new Date(ISSUED_AT + 60_000), moment(60_000, 5_000))
    assert.equal(ages.lag(store, [renewed], moment(61_000, 5_000)), 0)
    assert.deepEqual(
      others.map(secret => ages.lag(store, [secret], moment(61_000, 5_000))),
      others.map(() => 5_000),
    )
  })

  test(`${count} Secrets are forgotten but for those that are kept, and of one store only`, () => {
    const ages = setUp()
    const other = objectOf('other')
    ages.wrote(other, keys, new Date(ISSUED_AT), moment(0))
    const lags = (of: typeof store) => secrets.map(secret => ages.lag(of, [secret], moment(60_000, 5_000)))
    ages.keep(store, new Set(keys))
    assert.deepEqual(
      lags(store),
      keys.map(() => 5_000),
    )
    ages.keep(store, new Set(keys.slice(1)))
    assert.deepEqual(lags(store), [0, ...keys.slice(1).map(() => 5_000)])
    ages.delete(store.metadata.uid)
    assert.deepEqual(
      lags(store),
      secrets.map(() => 0),
    )
    assert.deepEqual(
      lags(other),
      secrets.map(() => 5_000),
    )
  })
}

test('a Secret that is first seen after a restart is as old as the wall clock says then', () => {
  const ages = new Ages()
  const [store, secret] = [objectOf('store'), secretOf('secret')]
  assert.equal(ages.lag(store, [secret], moment(60_000, 5_000)), 0)
  assert.equal(ages.lag(store, [secret], moment(70_000, 8_000)), 3_000)
})

test('a Secret without a stamp has no age', () => {
  const damaged = { ...secretOf('secret'), ...objectOf('secret') }
  assert.equal(new Ages().lag(objectOf('store'), [damaged, undefined], moment(60_000)), 0)
})
