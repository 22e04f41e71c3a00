import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { minutes, NOW, projectedSecret, store } from '../../../test/support/objects.ts'
import { MANAGED_BY_LABEL, OPERATOR, STORE_LABEL, STORE_NAMESPACE_LABEL, TARGET_ANNOTATION } from '../../api/names.ts'
import { belongsTo, firstWarning, isElsewhere, ownerKeyOf, type ProjectedSecret } from './projected-secret.ts'

const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
const made = (namespace: string) => projectedSecret('prod-step', stamp, namespace)
const labelled = (namespace: string, labels: Record<string, string>, annotations = {}): ProjectedSecret => {
  const secret = made(namespace)
  return { ...secret, metadata: { ...secret.metadata, labels, annotations } }
}
const earlier = { [MANAGED_BY_LABEL]: OPERATOR, [STORE_LABEL]: 'prod' }

describe('the store that a Secret was made for', () => {
  const moved = (namespace: string): ProjectedSecret => {
    const secret = made('team')
    return { ...secret, metadata: { ...secret.metadata, namespace } }
  }
  const cases: [name: string, secret: ProjectedSecret, owner: string | undefined, elsewhere: boolean][] = [
    ['is found by a Secret in its namespace', made('ml'), 'ml/prod', false],
    ['is found by a Secret in another namespace', made('team'), 'ml/prod', true],
    ['is not found by a copy in a third namespace', moved('third'), undefined, true],
    ['is found by a copy in its own namespace', moved('ml'), 'ml/prod', false],
    ['is found by a Secret of an earlier version', labelled('ml', earlier), 'ml/prod', false],
    [
      'is not found by a copy without annotations',
      labelled('team', { ...earlier, [STORE_NAMESPACE_LABEL]: 'ml' }),
      undefined,
      true,
    ],
    [
      'is not found by a Secret that the operator did not make',
      labelled('ml', { [STORE_LABEL]: 'prod' }),
      undefined,
      false,
    ],
    [
      'is not found by a Secret that names no store',
      labelled('ml', { [MANAGED_BY_LABEL]: OPERATOR }),
      undefined,
      false,
    ],
    [
      'is the one that the labels name, where the annotation names the Secret',
      labelled('team', { ...earlier, [STORE_NAMESPACE_LABEL]: 'x' }, { [TARGET_ANNOTATION]: 'team/prod-step' }),
      'x/prod',
      true,
    ],
  ]
  for (const [name, secret, owner, elsewhere] of cases) {
    test(name, () => {
      assert.equal(ownerKeyOf(secret), owner)
      assert.equal(isElsewhere(secret), elsewhere)
      assert.equal(belongsTo(secret, store()), owner === 'ml/prod')
    })
  }
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
