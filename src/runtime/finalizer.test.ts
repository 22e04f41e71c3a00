import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject, ObjectMeta } from '../api/object.ts'
import type { JsonPatchOperation } from '../kube/client.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import type { Resource } from '../kube/resource.ts'
import { createFinalizer } from './finalizer.ts'

const NAME = 'example.com/finalizer'
const resource: Resource = { apiVersion: 'example.com/v1', kind: 'Thing', plural: 'things', namespaced: true }
const thing = (...finalizers: string[]): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: {
    name: 'a',
    namespace: 'ns',
    uid: 'u',
    resourceVersion: '7',
    generation: 3,
    ...(finalizers.length > 0 ? { finalizers } : {}),
  },
})
const none = new AbortController().signal

function start(error?: Error, current = thing(NAME)) {
  const patches: JsonPatchOperation[][] = []
  const seen: KubeObject[] = []
  const written = thing('written')
  const finalizer = createFinalizer({
    client: {
      get: async () => current as never,
      async jsonPatch<T>(
        _resource: Resource,
        _object: Pick<ObjectMeta, 'namespace' | 'name'>,
        patch: JsonPatchOperation[],
      ) {
        patches.push(patch)
        if (error) throw error
        return written as T
      },
    },
    resource,
    name: NAME,
    observe: object => void seen.push(object),
  })
  return { finalizer, patches, seen, written }
}

/** Test that the object is as it was seen. */
const seenAs: JsonPatchOperation[] = [{ op: 'test', path: '/metadata/resourceVersion', value: '7' }]
/** Tests that the spec is as it was seen, and removes the entry: the status may have been written meanwhile. */
const removalOf = (index: number): JsonPatchOperation[] => [
  { op: 'test', path: '/metadata/uid', value: 'u' },
  { op: 'test', path: '/metadata/generation', value: 3 },
  { op: 'test', path: `/metadata/finalizers/${index}`, value: NAME },
  { op: 'remove', path: `/metadata/finalizers/${index}` },
]

describe('a finalizer', () => {
  test('is added', async () => {
    const { finalizer, patches, seen, written } = start()
    assert.equal(await finalizer.add(thing(), none), written)
    const added: JsonPatchOperation[] = [...seenAs, { op: 'add', path: '/metadata/finalizers', value: [NAME] }]
    assert.deepEqual([patches, seen], [[added], [written]])
  })
  test('is added beside others, also where the cache does not show them', async () => {
    const { finalizer, patches } = start()
    await finalizer.add({ ...thing(), metadata: { ...thing().metadata, finalizers: [] } }, none)
    assert.deepEqual(patches, [[...seenAs, { op: 'add', path: '/metadata/finalizers/-', value: NAME }]])
  })
  test('is removed, and others stay, also where the cache does not show them', async () => {
    const { finalizer, patches, seen, written } = start(undefined, thing('other/one', NAME, 'other/two'))
    assert.equal(await finalizer.remove(thing(NAME), none), undefined)
    assert.deepEqual([patches, seen], [[removalOf(1)], [written]])
  })
  test('that is off already is not written', async () => {
    const { finalizer, patches } = start(undefined, thing('other/one'))
    assert.equal(await finalizer.remove(thing(NAME), none), undefined)
    assert.deepEqual(patches, [])
  })
})

const deniedBy = (code: number) =>
  new ApiError(code, { message: 'admission webhook "w" denied the request: no finalizers' }, 'patch')

describe('a finalizer that can’t be written', () => {
  const cases: [name: string, error: Error, add: string, remove: string | undefined][] = [
    ['the object is gone', new ApiError(404, {}, 'patch'), 'FinalizerNotWritten', undefined],
    ['it changed', new ApiError(422, {}, 'patch'), 'FinalizerNotWritten', 'FinalizerNotWritten'],
    ['a policy denies it', deniedBy(422), 'FinalizerRefused', 'FinalizerRefused'],
    ['a policy denies it as if there were no object', deniedBy(404), 'FinalizerRefused', 'FinalizerRefused'],
    ['no right', new ApiError(403, {}, 'patch'), 'FinalizerForbidden', 'FinalizerForbidden'],
    ['no answer', new TransportError('patch: no answer'), 'FinalizerNotWritten', 'FinalizerNotWritten'],
  ]
  for (const [name, error, add, remove] of cases) {
    test(name, async () => {
      const { finalizer } = start(error)
      const added = await finalizer.add(thing(), none)
      assert.equal('reason' in added && added.reason, add)
      assert.equal((await finalizer.remove(thing(NAME), none))?.reason, remove)
    })
  }
  test('because of a bug is no failure: the error is thrown', async () => {
    await assert.rejects(start(new Error('bug')).finalizer.add(thing(), none), /bug/)
  })
})
