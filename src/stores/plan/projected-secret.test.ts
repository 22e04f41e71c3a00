import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minutes, NOW, projectedSecret, store } from '../../../test/support/objects.ts'
import {
  MANAGED_BY_LABEL,
  SEAL_ANNOTATION,
  STORE_LABEL,
  STORE_NAMESPACE_LABEL,
  TARGET_ANNOTATION,
} from '../../api/names.ts'
import {
  belongsTo,
  claimedStoreOf,
  firstWarning,
  isElsewhere,
  ownerKeyOf,
  ownerLabels,
  type ProjectedSecret,
  toProjected,
} from './projected-secret.ts'
import { createSeal } from './seal.ts'

const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
const seal = createSeal(Buffer.alloc(32), 'cluster')

/** The Secret `namespace/prod-step` as the cache takes it, with the given marks in the place of the operator's own. */
function cached(
  namespace: string,
  labels: Record<string, string>,
  annotations: Record<string, string>,
): ProjectedSecret {
  const { metadata, ...rest } = projectedSecret('prod-step', stamp, namespace)
  return toProjected({ ...rest, metadata: { ...metadata, labels, annotations } }, seal)
}
const labels = ownerLabels(store(), 'step')
const marks = (namespace: string) => ({
  [TARGET_ANNOTATION]: `${namespace}/prod-step`,
  [SEAL_ANNOTATION]: seal.of(`${namespace}/prod-step`, 'ml/prod'),
})
const without = (record: Record<string, string>, key: string) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => name !== key))

describe('the store that a Secret was made for', () => {
  const cases: [name: string, secret: ProjectedSecret, owner: string | undefined, claimed: string | undefined][] = [
    ['is known of a Secret in its namespace', cached('ml', labels, marks('ml')), 'ml/prod', 'ml/prod'],
    ['is known of a Secret in another namespace', cached('team', labels, marks('team')), 'ml/prod', 'ml/prod'],
    ['is not known of a copy in a third namespace', cached('third', labels, marks('team')), undefined, undefined],
    [
      'is not known of a copy whose target was corrected',
      cached('third', labels, { ...marks('team'), [TARGET_ANNOTATION]: 'third/prod-step' }),
      undefined,
      'ml/prod',
    ],
    [
      'is not known of a copy in its own namespace, which only says so',
      cached('ml', labels, marks('team')),
      undefined,
      'ml/prod',
    ],
    [
      'is not known of a forged Secret, which only says so',
      cached('team', labels, { ...marks('team'), [SEAL_ANNOTATION]: 'forged' }),
      undefined,
      'ml/prod',
    ],
    [
      'is not known of a Secret without a seal, which only says so',
      cached('team', labels, without(marks('team'), SEAL_ANNOTATION)),
      undefined,
      'ml/prod',
    ],
    [
      'is not known of a Secret that was given to another store, which only says so',
      cached('team', { ...labels, [STORE_LABEL]: 'other' }, marks('team')),
      undefined,
      'ml/other',
    ],
    [
      'is not known of a Secret without the label of the operator',
      cached('ml', without(labels, MANAGED_BY_LABEL), marks('ml')),
      undefined,
      undefined,
    ],
    ['is not known without its name', cached('ml', without(labels, STORE_LABEL), marks('ml')), undefined, undefined],
    [
      'is not known without its namespace',
      cached('ml', without(labels, STORE_NAMESPACE_LABEL), marks('ml')),
      undefined,
      undefined,
    ],
    [
      'is not known with an empty namespace',
      cached('team', { ...labels, [STORE_NAMESPACE_LABEL]: '' }, marks('team')),
      undefined,
      undefined,
    ],
  ]
  for (const [name, secret, owner, claimed] of cases) {
    test(name, () => {
      assert.equal(ownerKeyOf(secret), owner)
      assert.equal(claimedStoreOf(secret), claimed)
      assert.equal(belongsTo(secret, store()), claimed === 'ml/prod')
    })
  }
  test('is elsewhere when its namespace is another one', () => {
    assert.equal(isElsewhere(cached('ml', labels, marks('ml'))), false)
    assert.equal(isElsewhere(cached('team', labels, marks('team'))), true)
  })
})

describe('the first warning about the end of credentials', () => {
  const from = (issued: number, expires: number | undefined, name = 's') =>
    projectedSecret(name, { grant: 'g', issuedAt: minutes(issued), expiresAt: expires ? minutes(expires) : undefined })
  test('comes half-way from the time of the refresh to the end', () => {
    const at = firstWarning([from(0, 60)])?.getTime() ?? 0
    assert.ok(at > minutes(42).getTime() && at < minutes(45.01).getTime(), new Date(at).toISOString())
  })
  test('is that of the Secret that ends first', () => {
    assert.deepEqual(
      firstWarning([from(0, 60), from(0, 15, 'a'), from(0, undefined)]),
      firstWarning([from(0, 15, 'a')]),
    )
  })
  test('does not come for credentials without an end', () =>
    assert.equal(firstWarning([from(0, undefined)]), undefined))
})
