import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TokenCache } from '../kube/token-cache.ts'
import type { Caches } from './caches.ts'
import { createView } from './views.ts'

const cases: [name: string, allowed: string[], namespace: string, may: boolean][] = [
  ['by default', [], 'ml', false],
  ['named', ['platform', 'ml'], 'ml', true],
  ['another is named', ['ml-prod'], 'ml', false],
  ['all', ['*'], 'ml', true],
  ['no pattern', ['m*'], 'ml', false],
]
for (const [name, implicitAuthNamespaces, namespace, may] of cases) {
  test(`the operator's own identity, ${name}: ${may ? 'lent' : 'kept'}`, () => {
    const view = createView({} as Caches, {} as TokenCache, { allowedAudiences: [], implicitAuthNamespaces })
    assert.equal(view.mayUseOperatorIdentity(namespace), may)
  })
}
