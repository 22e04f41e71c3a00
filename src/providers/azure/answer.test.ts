import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DeadlineExceeded } from '../../async/deadline-exceeded.ts'
import { EndpointRefused } from '../network/endpoint-rules.ts'
import { answerOfError, unexpectedAnswer } from './answer.ts'

const sdkError = (statusCode: number, bodyAsText: string, headers: Record<string, string> = {}) =>
  Object.assign(new Error('https://acme/?sig=hush'), {
    name: 'RestError',
    code: 'of the SDK',
    statusCode,
    response: { bodyAsText, headers: { get: (name: string) => headers[name] } },
  })

const XML = `<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code><Message>Server failed.
RequestId:1</Message><AuthenticationErrorDetail>Signature did not match.</AuthenticationErrorDetail></Error>`

describe('answerOfError', () => {
  const cases: [name: string, error: unknown, expected: object | undefined][] = [
    [
      'a refusal with a body',
      sdkError(403, XML),
      {
        status: 403,
        code: 'AuthenticationFailed',
        message: 'Server failed. RequestId:1 Signature did not match.',
      },
    ],
    [
      'a refusal of HEAD',
      sdkError(404, '', { 'x-ms-error-code': 'BlobNotFound' }),
      { status: 404, code: 'BlobNotFound' },
    ],
    ['the header before the body', sdkError(409, XML, { 'x-ms-error-code': 'A' }), { code: 'A' }],
    ['no words at all', sdkError(502, ''), { status: 502 }],
    ['a text that can’t be a code', sdkError(400, '<Code>no sig=hush at 12:00</Code>'), { status: 400 }],
    [
      'a header that can’t be a code',
      sdkError(400, XML, { 'x-ms-error-code': 'hush '.repeat(99) }),
      { code: 'AuthenticationFailed' },
    ],
    ['a success that can’t be read', sdkError(200, '<html>'), { status: 0, code: 'UnexpectedAnswer' }],
    ['something else', unexpectedAnswer(), { status: 0, code: 'UnexpectedAnswer' }],
    ['no time left', new DeadlineExceeded(5), { status: 0, code: 'DeadlineExceeded' }],
    [
      'a refused address',
      new EndpointRefused('a resolves to 169.254.169.254'),
      { status: 0, code: 'EndpointRefused', message: 'a resolves to 169.254.169.254' },
    ],
    [
      'a broken connection',
      Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      { status: 0, code: 'ECONNREFUSED' },
    ],
    ['a bug', new TypeError('x is undefined'), undefined],
    ['no error', 'text', undefined],
  ]
  for (const [name, error, expected] of cases) {
    test(`${name} is ${expected ? JSON.stringify(expected) : 'not an answer'}`, () => {
      const answer = answerOfError(error)
      if (expected === undefined) assert.equal(answer, undefined)
      else assert.partialDeepStrictEqual(answer, expected)
      assert.doesNotMatch(JSON.stringify(answer ?? {}), /hush/)
    })
  }
})
