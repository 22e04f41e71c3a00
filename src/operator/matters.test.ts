import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connector, minutes, NOW, store } from '../../test/support/objects.ts'
import type { ArtifactStore } from '../api/artifact-store.ts'
import {
  CONFIRM_DELETE_ANNOTATION,
  REQUESTED_AT_ANNOTATION,
  SEAL_ANNOTATION,
  STORE_LABEL,
  TARGET_ANNOTATION,
} from '../api/names.ts'
import type { KubeObject, ObjectMeta } from '../api/object.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import type { InformerEvent } from '../runtime/informer.ts'
import {
  contentHash,
  ownerLabels,
  type ProjectedSecret,
  stampAnnotations,
  toProjected,
} from '../stores/plan/projected-secret.ts'
import { createSeal } from '../stores/plan/seal.ts'
import {
  connectorMatters,
  connectorMattersToStores,
  connectorsToCount,
  namespaceMatters,
  namespaceMattersToStoreIn,
  namespaceMattersToStoreToward,
  ownersToRepair,
  serviceAccountMatters,
  storeMatters,
  storeMattersToDefaults,
} from './matters.ts'

const seal = createSeal(Buffer.alloc(32), 'cluster')
const updated = <T>(old: T, object: T) => ({ type: 'updated' as const, old, object })
const deletionTimestamp = '2026-03-01T10:00:00Z'

{
  const withStatus = (status: 'True' | 'False', reason: string, stores = 1): ServiceConnector =>
    connector({
      status: { stores, conditions: [{ type: 'Ready', status, reason, message: '', lastTransitionTime: '' }] },
    })
  const withMetadata = (metadata: Partial<ObjectMeta>): ServiceConnector =>
    connector({ metadata: { ...connector().metadata, ...metadata } })
  const cases: [name: string, old: ServiceConnector, now: ServiceConnector, itself: boolean, stores: boolean][] = [
    ['count of stores', withStatus('True', 'A', 1), withStatus('True', 'A', 2), false, false],
    ['readiness', withStatus('True', 'A'), withStatus('False', 'A'), false, true],
    ['reason', withStatus('False', 'A'), withStatus('False', 'B'), false, true],
    ['spec', connector(), withMetadata({ generation: 2 }), true, true],
    [
      'request for another look',
      connector(),
      withMetadata({ annotations: { [REQUESTED_AT_ANNOTATION]: '1' } }),
      true,
      true,
    ],
    ['other annotation', connector(), withMetadata({ annotations: { other: '1' } }), false, false],
    ['deletion', connector(), withMetadata({ deletionTimestamp }), true, false],
  ]
  for (const [name, old, now, itself, stores] of cases) {
    test(`a connector's ${name} ${itself ? 'matters' : 'does not matter'} to itself`, () =>
      assert.equal(connectorMatters(old, now), itself))
    test(`a connector's ${name} ${stores ? 'matters' : 'does not matter'} to its stores`, () =>
      assert.equal(connectorMattersToStores(updated(old, now)), stores))
  }
  test('a connector that comes or goes matters to its stores', () => {
    assert.equal(connectorMattersToStores({ type: 'added', object: connector() }), true)
    assert.equal(connectorMattersToStores({ type: 'deleted', object: connector() }), true)
  })
}

test('a connector counts again when a store begins or ceases to name it', () => {
  const other = store({ connectorRef: { name: 'other' } })
  assert.deepEqual(connectorsToCount({ type: 'added', object: store() }), ['ml/minio'])
  assert.deepEqual(connectorsToCount({ type: 'deleted', object: store() }), ['ml/minio'])
  assert.deepEqual(connectorsToCount(updated(store(), store())), [])
  assert.deepEqual(connectorsToCount(updated(store(), other)), ['ml/minio', 'ml/other'])
})

{
  const cases: [name: string, metadata: Partial<ObjectMeta>, matters: boolean][] = [
    ['spec', { generation: 2 }, true],
    ['deletion', { deletionTimestamp }, true],
    ['other annotation', { annotations: { other: '1' } }, false],
    ['request for another look', { annotations: { [REQUESTED_AT_ANNOTATION]: '1' } }, true],
    ['confirmed end', { annotations: { [CONFIRM_DELETE_ANNOTATION]: 'prod' } }, true],
  ]
  for (const [name, metadata, matters] of cases) {
    test(`a store's ${name} ${matters ? 'matters' : 'does not matter'} to itself`, () => {
      const now = store({}, { metadata: { ...store().metadata, ...metadata } })
      assert.equal(storeMatters(store(), now), matters)
    })
  }
}

{
  const wanting = store({ default: true })
  const cases: [name: string, event: InformerEvent<ArtifactStore>, matters: boolean][] = [
    ['comes and does not want to be the default', { type: 'added', object: store() }, false],
    ['comes and wants to be the default', { type: 'added', object: wanting }, true],
    ['does not want to be the default any more', updated(wanting, store()), true],
    ['wants to be the default now', updated(store(), wanting), true],
    ['wants to be the default as before', updated(wanting, wanting), false],
    ['now says that it does not want to be the default', updated(store(), store({ default: false })), false],
    ['goes, even if it was not the default', { type: 'deleted', object: store() }, true],
  ]
  for (const [name, event, matters] of cases) {
    test(`a store that ${name} ${matters ? 'matters' : 'does not matter'} to defaults of its namespace`, () =>
      assert.equal(storeMattersToDefaults(event), matters))
  }
}

const object = (metadata: Partial<ObjectMeta> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Any',
  metadata: { name: 'ml', uid: 'u', resourceVersion: '1', ...metadata },
})

test('a ServiceAccount matters to its connectors when it comes, goes or has other annotations', () => {
  assert.equal(serviceAccountMatters({ type: 'added', object: object() }), true)
  assert.equal(serviceAccountMatters({ type: 'deleted', object: object() }), true)
  assert.equal(serviceAccountMatters(updated(object(), object({ annotations: { role: 'a' } }))), true)
  assert.equal(serviceAccountMatters(updated(object(), object({ labels: { a: 'b' } }))), false)
})

{
  const borrowing = store({ connectorRef: { name: 'minio', namespace: 'platform' } })
  const leading = store({ credentials: [{ secretName: 's', namespaces: { names: ['ml'] } }] } as never)
  const labels = { team: 'a' }
  type Case = [name: string, event: InformerEvent<KubeObject>, any: boolean, own: boolean, borrowed: boolean]
  const cases: Case[] = [
    ['comes', { type: 'added', object: object() }, true, false, true],
    ['goes', { type: 'deleted', object: object() }, true, false, true],
    ['begins to go', updated(object(), object({ deletionTimestamp })), true, true, true],
    ['is still going', updated(object({ deletionTimestamp }), object({ deletionTimestamp })), false, true, true],
    ['has other labels', updated(object(), object({ labels })), true, false, true],
    ['has other annotations', updated(object({ labels }), object({ labels, annotations: labels })), false, false, true],
  ]
  for (const [name, event, any, own, borrowed] of cases) {
    test(`a namespace that ${name} ${any ? 'matters' : 'does not matter'} to stores`, () =>
      assert.equal(namespaceMatters(event), any))
    if (!any) continue
    test(`a namespace that ${name} ${own ? 'matters' : 'does not matter'} to a store in it with a connector in it`, () =>
      assert.equal(namespaceMattersToStoreIn(event, store()), own))
    test(`a namespace that ${name} ${borrowed ? 'matters' : 'does not matter'} to a store in it with a connector elsewhere`, () =>
      assert.equal(namespaceMattersToStoreIn(event, borrowing), borrowed))
    test(`a namespace that ${name} matters to a store that names it, and to no other`, () => {
      const view = { isRecipient: () => true }
      assert.equal(namespaceMattersToStoreToward(event, leading, view), true)
      assert.equal(namespaceMattersToStoreToward(event, store(), view), false)
    })
  }
}

{
  const secret = (data: Record<string, string>, marks: Partial<ProjectedSecret['metadata']> = {}): ProjectedSecret => {
    const annotations = stampAnnotations(
      { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) },
      contentHash({ a: 'YQ==' }),
    )
    const sealed = { [SEAL_ANNOTATION]: seal.of('team/s', 'ml/prod') }
    const object = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 's',
        namespace: 'team',
        uid: 'u',
        resourceVersion: '1',
        labels: ownerLabels(store(), 'step'),
        ...marks,
        annotations: { ...annotations, ...sealed, [TARGET_ANNOTATION]: 'team/s', ...marks.annotations },
      },
      data,
    }
    return toProjected(object as never, seal)
  }
  const own = secret({ a: 'YQ==' })
  const edited = secret({ a: 'Yg==' })
  const given = secret({ a: 'YQ==' }, { labels: { ...ownerLabels(store(), 'step'), [STORE_LABEL]: 'other' } })
  const forged = secret({ a: 'YQ==' }, { annotations: { [SEAL_ANNOTATION]: 'forged' } })
  const copy = secret({ a: 'Yg==' }, { annotations: { [TARGET_ANNOTATION]: 'ml/s' } })
  const cases: [name: string, event: Parameters<typeof ownersToRepair>[0], owners: string[]][] = [
    ['the operator created it', { type: 'added', object: own }, []],
    ['the operator refreshed it', { type: 'updated', old: own, object: own }, []],
    ['somebody edited it', { type: 'updated', old: own, object: edited }, ['ml/prod']],
    ['it was deleted', { type: 'deleted', object: own }, ['ml/prod']],
    ['it was given to another store', { type: 'updated', old: own, object: given }, ['ml/prod']],
    [
      'it was given to another store, and edited',
      { type: 'updated', old: edited, object: { ...given, contentHash: '' } },
      ['ml/prod'],
    ],
    ['somebody forged it', { type: 'added', object: forged }, []],
    ['somebody edited a forged one', { type: 'updated', old: forged, object: { ...forged, contentHash: '' } }, []],
    ['a forged one was deleted', { type: 'deleted', object: forged }, []],
    ['its seal was removed', { type: 'updated', old: own, object: forged }, ['ml/prod']],
    ['somebody created a copy of it', { type: 'added', object: copy }, []],
    ['its marks were replaced by those of a copy', { type: 'updated', old: own, object: copy }, ['ml/prod']],
  ]
  for (const [name, event, owners] of cases)
    test(`of a projected Secret, ${owners.join(' and ') || 'no store'} repairs that ${name}`, () =>
      assert.deepEqual(ownersToRepair(event), owners))
}
