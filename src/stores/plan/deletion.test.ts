import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeView, minutes, NOW, projectedSecret, store } from '../../../test/support/objects.ts'
import type { ArtifactStore, ArtifactStoreSpec } from '../../api/artifact-store.ts'
import { CONFIRM_DELETE_ANNOTATION, FINALIZER } from '../../api/names.ts'
import { deletionBlockOf, hasFinalizer, needsFinalizer } from './deletion.ts'
import type { ProjectedSecret } from './projected-secret.ts'

const { metadata } = store()
const annotated = (spec: Partial<ArtifactStoreSpec>, value: string): ArtifactStore =>
  store(spec, { metadata: { ...metadata, annotations: { [CONFIRM_DELETE_ANNOTATION]: value } } })

describe('a finalizer', () => {
  const recorded = { bucket: { name: 'bucket', prefix: '', expirationDays: 7 } }
  const entry = { name: 'step', formats: ['AwsProfile' as const] }
  const stamp = { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) }
  const [own, elsewhere] = ['ml', 'team'].map(namespace => projectedSecret('prod-step', stamp, namespace))
  const cases: [name: string, store: ArtifactStore, needed: boolean, secret?: ProjectedSecret | undefined][] = [
    ['no store needs it by itself', store(), false],
    ['nor for Secrets of its namespace', store({ credentials: [entry] }), false, own],
    ['other namespaces', store({ credentials: [entry, { ...entry, namespaces: { names: ['team'] } }] }), true],
    ['a Secret that is in another namespace still', store(), true, elsewhere],
    ['entries that are none', store({ credentials: [null, 'x', {}] as never }), false],
    ['nor for a bucket that is created', store({ bucket: { create: true, versioning: 'Enabled' } }), false],
    ['a rule', store({ bucket: { expirationDays: 7 } }), true],
    ['a rule that is there still', store({}, { status: recorded }), true],
    ['protection', store({ deletionProtection: true }), true],
    ['no protection', store({ deletionProtection: false, default: false }), false],
    ['the default', store({ default: true }), true],
  ]
  for (const [name, object, needed, secret] of cases) {
    const secretsOf = () => (secret ? [secret] : [])
    test(`${name}: ${needed ? 'needed' : 'not needed'}`, () => {
      assert.equal(needsFinalizer(object, { secretsOf }), needed)
    })
  }

  test('is told from those of others', () => {
    assert.equal(hasFinalizer(store({}, { metadata: { ...metadata, finalizers: ['other/one'] } })), false)
    assert.equal(hasFinalizer(store({}, { metadata: { ...metadata, finalizers: ['other/one', FINALIZER] } })), true)
  })
})

describe('a deletion', () => {
  const others = fakeView({ storesIn: () => [store({}, { metadata: { ...metadata, name: 'other' } })] })
  const terminating = { ...others, isTerminating: (namespace: string) => namespace === 'ml' }
  const cases: [name: string, store: ArtifactStore, view: typeof others, reason: string | undefined][] = [
    ['nothing holds it', store(), others, undefined],
    ['protected', store({ deletionProtection: true }), others, 'DeletionProtected'],
    ['confirmed', annotated({ deletionProtection: true }, 'prod'), others, undefined],
    ['confirmed for another store', annotated({ deletionProtection: true }, 'other'), others, 'DeletionProtected'],
    ['the default', store({ default: true }), others, 'DefaultInUse'],
    ['protected, in a namespace that goes', store({ deletionProtection: true }), terminating, undefined],
    ['the default, in a namespace that goes', store({ default: true }), terminating, undefined],
  ]
  for (const [name, object, view, reason] of cases) {
    test(`${name}: ${reason ?? 'goes'}`, () => assert.equal(deletionBlockOf(object, view)?.reason, reason))
  }

  test('says how it is confirmed', () => {
    assert.equal(
      deletionBlockOf(store({ deletionProtection: true }), others)?.message,
      'the deletion waits: spec.deletionProtection is set: to delete the store, run "kubectl annotate artifactstore prod -n ml --overwrite artifactstore.dev/confirm-delete=prod"',
    )
  })
})
