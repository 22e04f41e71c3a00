import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  ApiError,
  isConflict,
  isDenied,
  isFailedTest,
  isNotFound,
  isOfEndingNamespace,
  isOverQuota,
  isRefused,
  orNothing,
} from './errors.ts'

describe('what an error of the API server says', () => {
  const cases: [code: number, words: string, says: string[]][] = [
    [404, 'secrets "a" not found', ['isNotFound']],
    [409, 'secrets "a" already exists', ['isConflict']],
    [422, 'the server rejected our request due to an error in our request', ['isFailedTest']],
    [422, 'Secret "a" is invalid: metadata.annotations: Too long', ['isRefused']],
    [404, 'admission webhook "w" denied the request: none', ['isDenied', 'isRefused']],
    [409, 'admission webhook "w" denied the request: taken', ['isDenied', 'isRefused']],
    [
      409,
      "secrets \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
      ['isDenied', 'isRefused'],
    ],
    [403, 'secrets "a" is forbidden: exceeded quota: q, requested: secrets=1', ['isRefused', 'isOverQuota']],
    [
      403,
      'secrets "a" is forbidden: unable to create: namespace n is being terminated',
      ['isRefused', 'isOfEndingNamespace'],
    ],
  ]
  const questions = { isNotFound, isConflict, isDenied, isRefused, isFailedTest, isOverQuota, isOfEndingNamespace }
  for (const [code, words, says] of cases) {
    test(`${code} with "${words.slice(0, 60)}" is ${says.join()}`, () => {
      const error = new ApiError(code, { message: words }, 'create')
      const yes = Object.entries(questions).flatMap(([name, ask]) => (ask(error) ? [name] : []))
      assert.deepEqual(yes, says)
    })
  }
})

test('only an object that is not there is nothing: a denial with the same code, and any other error, stays one', () => {
  assert.equal(orNothing(new ApiError(404, { message: 'secrets "a" not found' }, 'get secrets')), undefined)
  const denied = new ApiError(404, { message: 'admission webhook "w" denied the request: none' }, 'create secrets')
  for (const error of [denied, new ApiError(403, {}, 'get secrets'), new Error('a bug')]) {
    assert.throws(() => orNothing(error), error)
  }
})
