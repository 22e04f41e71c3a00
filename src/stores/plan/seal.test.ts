import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SEAL_ANNOTATION } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import { createSeal, isSealed } from './seal.ts'

const key = Buffer.alloc(32, 1)
const seal = createSeal(key, 'cluster')
const secret = (namespace: string, name: string, annotation?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    ...{ name, namespace, uid: 'u', resourceVersion: '1' },
    ...(annotation === undefined ? {} : { annotations: { [SEAL_ANNOTATION]: annotation } }),
  },
})
const sound = seal.of('team/s', 'ml/prod')

describe('a seal', () => {
  const cases: [name: string, given: KubeObject, store: string, holds: boolean][] = [
    ['holds for its Secret and its store', secret('team', 's', sound), 'ml/prod', true],
    ['does not hold for a copy in another namespace', secret('third', 's', sound), 'ml/prod', false],
    ['does not hold for a copy under another name', secret('team', 't', sound), 'ml/prod', false],
    ['does not hold for another store', secret('team', 's', sound), 'ml/other', false],
    ['does not hold for a store of the same name elsewhere', secret('team', 's', sound), 'x/prod', false],
    ['does not hold when it is absent', secret('team', 's'), 'ml/prod', false],
    ['does not hold when it is empty', secret('team', 's', ''), 'ml/prod', false],
    ['does not hold when it is cut', secret('team', 's', sound.slice(0, -1)), 'ml/prod', false],
    ['does not hold with something behind it', secret('team', 's', `${sound}x`), 'ml/prod', false],
    ['does not hold when it is 256 KiB of text', secret('team', 's', 'é'.repeat(131_072)), 'ml/prod', false],
    [
      'does not hold when it was made in another cluster',
      secret('team', 's', createSeal(key, 'other').of('team/s', 'ml/prod')),
      'ml/prod',
      false,
    ],
    [
      'does not hold when it was made with another key',
      secret('team', 's', createSeal(Buffer.alloc(32, 2), 'cluster').of('team/s', 'ml/prod')),
      'ml/prod',
      false,
    ],
  ]
  for (const [name, given, store, holds] of cases) test(name, () => assert.equal(isSealed(given, store, seal), holds))
})
