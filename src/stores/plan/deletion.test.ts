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
    ['for a store that wishes nothing', store(), false],
    ['for Secrets in the namespace of the store', store({ credentials: [entry] }), false, own],
    [
      'for Secrets in other namespaces',
      store({ credentials: [entry, { ...entry, namespaces: { names: ['team'] } }] }),
      true,
    ],
    ['for a Secret that is still in another namespace', store(), true, elsewhere],
    ['for entries that are not valid', store({ credentials: [null, 'x', {}] as never }), false],
    ['for a bucket that is created', store({ bucket: { create: true, versioning: 'Enabled' } }), false],
    ['for a lifecycle rule', store({ bucket: { expirationDays: 7 } }), true],
    ['for a lifecycle rule that may still be there', store({}, { status: recorded }), true],
    ['for deletion protection', store({ deletionProtection: true }), true],
    ['for wishes that are false', store({ deletionProtection: false, default: false }), false],
    ['for the default store', store({ default: true }), true],
  ]
  for (const [name, object, needed, secret] of cases) {
    const secretsOf = () => (secret ? [secret] : [])
    test(`${needed ? 'is needed' : 'is not needed'} ${name}`, () => {
      assert.equal(needsFinalizer(object, { secretsOf }), needed)
    })
  }

  test('is told apart from finalizers of others', () => {
    assert.equal(hasFinalizer(store({}, { metadata: { ...metadata, finalizers: ['other/one'] } })), false)
    assert.equal(hasFinalizer(store({}, { metadata: { ...metadata, finalizers: ['other/one', FINALIZER] } })), true)
  })
})

describe('the deletion of a store', () => {
  const others = fakeView({ storesIn: () => [store({}, { metadata: { ...metadata, name: 'other' } })] })
  const terminating = { ...others, isTerminating: (namespace: string) => namespace === 'ml' }
  const cases: [name: string, store: ArtifactStore, view: typeof others, reason: string | undefined][] = [
    ['when nothing speaks against it', store(), others, undefined],
    ['when the store is protected', store({ deletionProtection: true }), others, 'DeletionProtected'],
    ['when it is confirmed', annotated({ deletionProtection: true }, 'prod'), others, undefined],
    [
      'when it is confirmed for another store',
      annotated({ deletionProtection: true }, 'other'),
      others,
      'DeletionProtected',
    ],
    ['when the store is the default', store({ default: true }), others, 'DefaultInUse'],
    ['when the store is the default, and it is confirmed', annotated({ default: true }, 'prod'), others, undefined],
    [
      'when the store is protected, but its namespace is being deleted',
      store({ deletionProtection: true }),
      terminating,
      undefined,
    ],
    [
      'when the store is the default, but its namespace is being deleted',
      store({ default: true }),
      terminating,
      undefined,
    ],
  ]
  for (const [name, object, view, reason] of cases) {
    test(`${reason ? `waits with ${reason}` : 'does not wait'} ${name}`, () =>
      assert.equal(deletionBlockOf(object, view)?.reason, reason))
  }

  test('says how to confirm it', () => {
    assert.equal(
      deletionBlockOf(store({ deletionProtection: true }), others)?.message,
      'the deletion waits: spec.deletionProtection is set: to delete the store, run "kubectl annotate artifactstore prod -n ml --overwrite artifactstore.dev/confirm-delete=prod"',
    )
  })
})
