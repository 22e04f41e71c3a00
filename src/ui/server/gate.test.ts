import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Asked, isRefused, judge } from './gate.ts'

const TOKEN = 'T'.repeat(43)
const house = { port: 4711, tokens: [`${'S'.repeat(43)}`, TOKEN] }

/** A call of the page itself, with these differences. */
const asked = (headers: Asked['headers'] = {}, rest: Partial<Asked> = {}): Asked => ({
  ...{ method: 'GET', target: '/api/trouble' },
  headers: { host: ['127.0.0.1:4711'], authorization: [`Bearer ${TOKEN}`], ...headers },
  ...rest,
})
const post = (headers: Asked['headers'], rest: Partial<Asked> = {}) =>
  asked({ 'content-type': ['application/json'], ...headers }, { method: 'POST', ...rest })

function outcome(request: Asked): string {
  const judged = judge(request, house)
  return isRefused(judged) ? `${judged.status} ${judged.code}` : judged.kind
}

describe('the gate of the server', () => {
  for (const [name, request, want] of [
    ['the page calls', asked(), 'call'],
    ['the page calls by the name localhost', asked({ host: ['localhost:4711'] }), 'call'],
    [
      'the page says its origin',
      asked({ origin: ['http://127.0.0.1:4711'], 'sec-fetch-site': ['same-origin'] }),
      'call',
    ],
    ['the page posts', post({ origin: ['http://127.0.0.1:4711'] }), 'call'],
    ['the page posts with a charset', post({ 'content-type': ['application/json; charset=utf-8'] }), 'call'],
    [
      'a browser opens the URL',
      asked({ authorization: undefined, 'sec-fetch-site': ['none'] }, { target: '/' }),
      'file',
    ],
    ['a file needs no token', asked({ authorization: undefined }, { target: '/assets/page.js' }), 'file'],
    ['the other token', asked({ authorization: [`Bearer ${'S'.repeat(43)}`] }), 'call'],
    ['a code for a token', post({ authorization: undefined }, { target: '/api/session' }), 'entry'],
    ['a code for a token that is read', asked({ authorization: undefined }, { target: '/api/session' }), '401 NoToken'],
    [
      'a code that another page has',
      post({ authorization: undefined, origin: ['http://127.0.0.1:8080'] }, { target: '/api/session' }),
      '403 Forbidden',
    ],
    [
      'a code in a form',
      post({ 'content-type': ['text/plain'], authorization: undefined }, { target: '/api/session' }),
      '415 Invalid',
    ],
    ['the head of a file', asked({}, { target: '/', method: 'HEAD' }), 'file'],

    ['another name for the address', asked({ host: ['evil.example:4711'] }), '403 Forbidden'],
    ['a name that begins like ours', asked({ host: ['127.0.0.1:4711.evil.example'] }), '403 Forbidden'],
    ['a name of all addresses', asked({ host: ['0.0.0.0:4711'] }), '403 Forbidden'],
    ['the address by IPv6', asked({ host: ['[::1]:4711'] }), '403 Forbidden'],
    ['another port', asked({ host: ['127.0.0.1:80'] }), '403 Forbidden'],
    ['no port', asked({ host: ['127.0.0.1'] }), '403 Forbidden'],
    ['no host', asked({ host: undefined }), '403 Forbidden'],
    ['two hosts', asked({ host: ['127.0.0.1:4711', 'evil.example'] }), '403 Forbidden'],
    [
      'a rebound page is told nothing of a wrong token',
      asked({ host: ['evil.example'], authorization: [] }),
      '403 Forbidden',
    ],

    ['the origin of another page', asked({ origin: ['https://evil.example'] }), '403 Forbidden'],
    ['another port on this machine', asked({ origin: ['http://127.0.0.1:8080'] }), '403 Forbidden'],
    ['the name that was not asked for', asked({ origin: ['http://localhost:4711'] }), '403 Forbidden'],
    ['TLS', asked({ origin: ['https://127.0.0.1:4711'] }), '403 Forbidden'],
    ['a page in a sandbox', asked({ origin: ['null'] }), '403 Forbidden'],
    ['one of two origins', asked({ origin: ['http://127.0.0.1:4711', 'null'] }), '403 Forbidden'],
    ['a page of another site', asked({ 'sec-fetch-site': ['cross-site'] }), '403 Forbidden'],
    [
      'a page of another port, without an origin',
      asked({ 'sec-fetch-site': ['same-site'] }, { target: '/' }),
      '403 Forbidden',
    ],

    ['no token', asked({ authorization: undefined }), '401 NoToken'],
    ['another token', asked({ authorization: [`Bearer ${'U'.repeat(43)}`] }), '401 NoToken'],
    ['a part of the token', asked({ authorization: [`Bearer ${TOKEN.slice(1)}`] }), '401 NoToken'],
    ['the token and more', asked({ authorization: [`Bearer ${TOKEN} `] }), '401 NoToken'],
    ['the token twice', asked({ authorization: [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`] }), '401 NoToken'],
    ['the token in another scheme', asked({ authorization: [`Basic ${TOKEN}`] }), '401 NoToken'],
    [
      'the token in the query',
      asked({ authorization: undefined }, { target: `/api/trouble?token=${TOKEN}` }),
      '400 Invalid',
    ],
    ['the token as a cookie', asked({ authorization: undefined, cookie: [`token=${TOKEN}`] }), '401 NoToken'],

    ['a form', post({ 'content-type': ['application/x-www-form-urlencoded'] }), '415 Invalid'],
    ['a form that is JSON', post({ 'content-type': ['text/plain'] }), '415 Invalid'],
    ['a type that begins like JSON', post({ 'content-type': ['application/json-patch+json'] }), '415 Invalid'],
    ['no type', post({ 'content-type': undefined }), '415 Invalid'],
    ['a method that no call has', asked({}, { method: 'DELETE' }), '405 Invalid'],
    ['a question before a call of another page', asked({}, { method: 'OPTIONS', target: '/' }), '405 Invalid'],
    ['a file that is to be written', post({}, { target: '/index.html' }), '405 Invalid'],

    ['a way out', asked({}, { target: '/%2e%2e/%2e%2e/etc/passwd' }), '400 Invalid'],
    ['a query', asked({}, { target: '/?x' }), '400 Invalid'],
    ['a proxy', asked({}, { target: 'http://evil.example/' }), '400 Invalid'],
    ['a backslash', asked({}, { target: '/..\\..\\x' }), '400 Invalid'],
    ['a NUL', asked({}, { target: '/index.html\0.js' }), '400 Invalid'],
    ['a long path', asked({}, { target: `/${'a'.repeat(2000)}` }), '400 Invalid'],
    ['no path', asked({}, { target: '*' }), '400 Invalid'],
  ] as [string, Asked, string][]) {
    test(`${name}: ${want}`, () => assert.equal(outcome(request), want))
  }
})
