import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector, minutes, NOW, store } from '../../test/support/objects.ts'
import { CONFIRM_DELETE_ANNOTATION, REQUESTED_AT_ANNOTATION, STORE_LABEL, TARGET_ANNOTATION } from '../api/names.ts'
import type { ServiceConnector } from '../api/service-connector.ts'
import {
  contentHash,
  ownerLabels,
  type ProjectedSecret,
  stampAnnotations,
  toProjected,
} from '../stores/plan/projected-secret.ts'
import { connectorMatters, countChanged, isAsked, mayMoveDefault, ownersToRepair } from './wakeups.ts'

const withStatus = (status: 'True' | 'False', reason: string, stores = 1): ServiceConnector =>
  connector({
    status: { stores, conditions: [{ type: 'Ready', status, reason, message: '', lastTransitionTime: '' }] },
  })
const { metadata } = connector()

describe('connectorMatters', () => {
  const cases: [name: string, old: ServiceConnector, now: ServiceConnector, matters: boolean][] = [
    ['a count', withStatus('True', 'A', 1), withStatus('True', 'A', 2), false],
    ['readiness', withStatus('True', 'A'), withStatus('False', 'A'), true],
    ['another reason', withStatus('False', 'A'), withStatus('False', 'B'), true],
    ['spec', connector(), connector({ metadata: { ...metadata, generation: 2 } }), true],
    [
      'a request',
      connector(),
      connector({ metadata: { ...metadata, annotations: { [REQUESTED_AT_ANNOTATION]: '1' } } }),
      true,
    ],
  ]
  for (const [name, old, now, matters] of cases) test(name, () => assert.equal(connectorMatters(old, now), matters))
})

test('countChanged', () => {
  const other = store({ connectorRef: { name: 'other' } })
  assert.deepEqual(countChanged({ type: 'added', object: store() }), ['ml/minio'])
  assert.deepEqual(countChanged({ type: 'updated', old: store(), object: store() }), [])
  assert.deepEqual(countChanged({ type: 'updated', old: store(), object: other }), ['ml/minio', 'ml/other'])
})

describe('isAsked', () => {
  const annotated = (annotations: Record<string, string>) =>
    store({}, { metadata: { ...store().metadata, annotations } })
  const cases: [name: string, annotations: Record<string, string>, asked: boolean][] = [
    ['anything else', { other: '1' }, false],
    ['another look', { [REQUESTED_AT_ANNOTATION]: '1' }, true],
    ['the end of a protected store', { [CONFIRM_DELETE_ANNOTATION]: 'prod' }, true],
  ]
  for (const [name, annotations, asked] of cases) {
    test(name, () => assert.equal(isAsked(store(), annotated(annotations)), asked))
  }
})

describe('mayMoveDefault', () => {
  const wanting = store({ default: true })
  const cases: [name: string, event: Parameters<typeof mayMoveDefault>[0], moves: boolean][] = [
    ['a store', { type: 'added', object: store() }, false],
    ['a store that wants to be it', { type: 'added', object: wanting }, true],
    ['it does not want to any more', { type: 'updated', old: wanting, object: store() }, true],
    ['it wants to now', { type: 'updated', old: store(), object: wanting }, true],
    ['something else changed', { type: 'updated', old: wanting, object: wanting }, false],
    ['says that it does not', { type: 'updated', old: store(), object: store({ default: false }) }, false],
    ['any store went', { type: 'deleted', object: store() }, true],
  ]
  for (const [name, event, moves] of cases) test(name, () => assert.equal(mayMoveDefault(event), moves))
})

describe('ownersToRepair', () => {
  const secret = (data: Record<string, string>, marks: Partial<ProjectedSecret['metadata']> = {}): ProjectedSecret => {
    const annotations = stampAnnotations(
      { grant: 'g', issuedAt: NOW, expiresAt: minutes(60) },
      contentHash({ a: 'YQ==' }),
    )
    return toProjected({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 's',
        namespace: 'team',
        uid: 'u',
        resourceVersion: '1',
        labels: ownerLabels(store(), 'step'),
        ...marks,
        annotations: { ...annotations, [TARGET_ANNOTATION]: 'team/s', ...marks.annotations },
      },
      data,
    } as never)
  }
  const own = secret({ a: 'YQ==' })
  const edited = secret({ a: 'Yg==' })
  const given = secret({ a: 'YQ==' }, { labels: { ...ownerLabels(store(), 'step'), [STORE_LABEL]: 'other' } })
  const copy = secret({ a: 'Yg==' }, { annotations: { [TARGET_ANNOTATION]: 'ml/s' } })
  const cases: [name: string, event: Parameters<typeof ownersToRepair>[0], owners: string[]][] = [
    ['own write', { type: 'added', object: own }, []],
    ['own refresh', { type: 'updated', old: own, object: own }, []],
    ['edited', { type: 'updated', old: own, object: edited }, ['ml/prod']],
    ['deleted', { type: 'deleted', object: own }, ['ml/prod']],
    ['given to another store', { type: 'updated', old: own, object: given }, ['ml/prod']],
    [
      'given to another store, and edited',
      { type: 'updated', old: edited, object: { ...given, contentHash: '' } },
      ['ml/other', 'ml/prod'],
    ],
    ['a copy', { type: 'added', object: copy }, []],
    ['no longer marked', { type: 'updated', old: own, object: copy }, ['ml/prod']],
  ]
  for (const [name, event, owners] of cases) test(name, () => assert.deepEqual(ownersToRepair(event), owners))
})
