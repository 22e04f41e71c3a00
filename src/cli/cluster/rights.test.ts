import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApiError, TransportError } from '../../kube/errors.ts'
import { ARTIFACT_STORES, NAMESPACES, SECRETS, SERVICE_CONNECTORS } from '../../kube/resource.ts'
import { CommandFailure, foundFailure } from '../frame/failures.ts'
import { parseReference } from './find.ts'
import { accessFailure, missingRight, type Right, unexpectedFailure, wordsOf } from './rights.ts'

const forbidden = (user: string) =>
  new ApiError(403, { reason: 'Forbidden', message: `stores is forbidden: User "${user}" cannot list` }, 'list /x')
const list: Right = { verb: 'list', resource: ARTIFACT_STORES, namespace: 'ml' }

describe('a right that is missing', () => {
  for (const [right, words] of [
    [list, 'list artifactstores.artifactstore.dev in namespace "ml"'],
    [{ ...list, namespace: undefined }, 'list artifactstores.artifactstore.dev in all namespaces'],
    [{ verb: 'get', resource: NAMESPACES, namespace: undefined }, 'get namespaces'],
    [{ verb: 'list', resource: SECRETS, namespace: 'ml' }, 'list secrets in namespace "ml"'],
    [{ verb: 'get', resource: SECRETS, namespace: 'ml', name: 'a' }, 'get secrets "a" in namespace "ml"'],
  ] as [Right, string][]) {
    test(`is called "${words}"`, () => assert.equal(wordsOf(right), words))
  }

  for (const [what, right, user, command] of [
    [
      'a person, in a namespace',
      list,
      'ada@acme.io',
      ': kubectl create rolebinding artifact-store-viewer-ada-acme-io -n ml --clusterrole=artifact-store-viewer --user=ada@acme.io',
    ],
    [
      'a person, in all namespaces',
      { ...list, namespace: undefined },
      'ada',
      ': kubectl create clusterrolebinding artifact-store-viewer-ada --clusterrole=artifact-store-viewer --user=ada',
    ],
    [
      'a ServiceAccount that changes something',
      { verb: 'patch', resource: SERVICE_CONNECTORS, namespace: 'ml' },
      'system:serviceaccount:ci:deployer',
      ': kubectl create rolebinding artifact-store-editor-deployer -n ml --clusterrole=artifact-store-editor --serviceaccount=ci:deployer',
    ],
    [
      'a person by a role of its own, for one Secret',
      { verb: 'get', resource: SECRETS, namespace: 'ml', name: 'models-step' },
      'ada',
      ': kubectl create role models-step-get-ada -n ml --verb=get --resource=secrets --resource-name=models-step' +
        ' && kubectl create rolebinding models-step-get-ada -n ml --role=models-step-get-ada --user=ada',
    ],
    ['nobody by a role of ours, for Secrets', { verb: 'list', resource: SECRETS, namespace: 'ml' }, 'ada', ''],
    ['nobody whose name would be more than one word', list, 'x; rm -rf /', ''],
  ] as [string, Right, string, string][]) {
    test(`is given to ${what}`, () => {
      const cure = missingRight(right, forbidden(user))
      assert.equal(cure, `ask an administrator for that right${command}`)
    })
  }
})

describe('a call that failed', () => {
  for (const [what, error, words] of [
    ['is forbidden', forbidden('ada'), /^you may not list .*: context "test": ask an administrator/],
    [
      'comes from nobody',
      new ApiError(401, {}, 'list'),
      /^the API server does not know you: context "test": log in again$/,
    ],
    [
      'is for a kind that is not installed',
      new ApiError(404, {}, 'list'),
      /^the API server knows no artifactstores: .*install the operator's CRDs/,
    ],
    [
      'gets no answer',
      new TransportError('list: ECONNREFUSED'),
      /^no answer from the API server of context "test": list: ECONNREFUSED: check/,
    ],
  ] as [string, Error, RegExp][]) {
    test(`because it ${what} is told with its cure, and exit code 3`, () => {
      const failure = accessFailure(error, list, 'context "test"')
      assert.equal(failure?.code, 3)
      assert.match(failure?.message ?? '', words)
    })
  }

  test('for another reason is left to others', () => {
    assert.equal(accessFailure(new ApiError(409, {}, 'x'), list, ''), undefined)
    assert.equal(accessFailure(new ApiError(404, { reason: 'NotFound' }, 'x'), { ...list, verb: 'get' }, ''), undefined)
    assert.equal(accessFailure(new TypeError('bug'), list, ''), undefined)
  })

  test('because no kind of that name is served is told also where one object is read', () => {
    const failure = accessFailure(new ApiError(404, {}, 'get'), { ...list, verb: 'get' }, 'context "test"')
    assert.match(failure?.message ?? '', /^the API server knows no artifactstores: .*install the operator's CRDs/)
  })
})

describe('a failed call that nobody has expected', () => {
  for (const [error, words] of [
    [new TransportError('get: ECONNRESET'), /^no answer from the API server of context "test": get: ECONNRESET: check/],
    [new ApiError(401, {}, 'get'), /^the API server does not know you: context "test": log in again$/],
    [
      new ApiError(503, { message: 'etcd is away' }, 'get /x'),
      /^the API server of context "test" answers 503: etcd is away: run the command again/,
    ],
    [new ApiError(500, {}, 'get /x'), /^the API server of context "test" answers 500: get \/x: HTTP 500: run/],
    [forbidden('ada'), /^the API server of context "test" answers 403: stores is forbidden.*: ask an administrator/],
  ] as const) {
    test(`is told without a stack, with exit code 3: ${error.message}`, () => {
      const failure = unexpectedFailure(error, 'context "test"')
      assert.ok(failure instanceof CommandFailure)
      assert.equal(failure.code, 3)
      assert.match(failure.message, words)
    })
  }

  test('is no fault of the program, which stays one', () => {
    const bug = new TypeError('bug')
    assert.equal(unexpectedFailure(bug, ''), bug)
    const told = foundFailure('a', 'b')
    assert.equal(unexpectedFailure(told, ''), told)
  })
})

describe('a reference', () => {
  for (const [text, want] of [
    ['models', { name: 'models' }],
    ['store/models', { kind: 'store', name: 'models' }],
    ['ArtifactStore/models', { kind: 'store', name: 'models' }],
    ['artifactstore.artifactstore.dev/models', { kind: 'store', name: 'models' }],
    ['sconn/aws', { kind: 'connector', name: 'aws' }],
  ] as const) {
    test(`"${text}" names ${want.name}`, () => assert.deepEqual(parseReference(text), want))
  }

  for (const text of ['pod/x', 'constructor/x', 'store/', '', 'a/b/c', 'Models', '../x', 'x'.repeat(254)]) {
    test(`"${text.slice(0, 20)}" names nothing`, () => assert.throws(() => parseReference(text), { code: 2 }))
  }
})
