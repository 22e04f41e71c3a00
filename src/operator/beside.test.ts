import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../api/object.ts'
import type { Client } from '../kube/client.ts'
import { ApiError, TransportError } from '../kube/errors.ts'
import { refusalBeside } from './beside.ts'

const none = new AbortController().signal

const answering = (answer: unknown): Pick<Client, 'get'> => ({
  async get<T extends KubeObject>(_: unknown, __: unknown, name: string) {
    assert.equal(name, 'artifact-store-operator')
    if (answer instanceof Error) throw answer
    return answer as T
  },
})
const binding = (namespace: string, name = 'artifact-store-operator') => ({
  subjects: [{ kind: 'ServiceAccount', name, namespace }],
})

test('a process beside an installation does not start, and is told how the two take turns', async () => {
  const refusal = await refusalBeside(answering(binding('ops')), 'default', none)
  assert.match(refusal ?? '', /installed in namespace "ops", .* take "default" .* set POD_NAMESPACE=ops/)
  assert.match(refusal ?? '', /run "kubectl scale deployment artifact-store-operator -n ops --replicas=0"/)
})

for (const [name, answer] of [
  ['takes the namespace of the installation for its own', binding('default')],
  ['is alone in the cluster', new ApiError(404, {}, 'GET')],
  ['may not see what is installed, as the operator itself', new ApiError(403, {}, 'GET')],
  ['gets no answer, which others wait for', new TransportError('reset')],
  ['finds a binding of somebody else', binding('ops', 'another')],
  ['finds a binding of nobody', {}],
] as const) {
  test(`a process starts that ${name}`, async () => {
    assert.equal(await refusalBeside(answering(answer), 'default', none), undefined)
  })
}
