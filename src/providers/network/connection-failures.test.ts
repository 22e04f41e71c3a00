import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Answer } from './answer.ts'
import { connectionFailure, unexpectedFailure } from './connection-failures.ts'

const SERVICE = { what: 'an S3 service', caField: 'spec.aws.caBundle' }
const called = (url?: string) => ({ host: 'minio:9000', field: 'spec.aws.endpoint', ...(url ? { url } : {}) })
const PLAIN = called('http://minio:9000')
const SECURE = called('https://minio:9000')

describe('why no answer came is told with a cure that leads on', () => {
  const cases: [name: string, code: string, at: ReturnType<typeof called>, reason: string, words: RegExp][] = [
    [
      'https to a port without TLS',
      'EPROTO',
      SECURE,
      'TLSVerificationFailed',
      /does not speak TLS: write http:\/\/minio:9000/,
    ],
    [
      'https to a port without TLS, as OpenSSL says it',
      'ERR_SSL_PACKET_LENGTH_TOO_LONG',
      SECURE,
      'TLSVerificationFailed',
      /write http:\/\/minio:9000/,
    ],
    ['TLS of AWS that fails', 'EPROTO', called(), 'TLSVerificationFailed', /the handshake failed/],
    ['http to a port that answers in TLS', 'HPE_INVALID_CONSTANT', PLAIN, 'InsecureEndpoint', /write https:\/\//],
    [
      'http to a port that answers with endless headers',
      'HPE_HEADER_OVERFLOW',
      PLAIN,
      'UnexpectedAnswer',
      /does not answer like/,
    ],
    [
      'http to a port that hangs up',
      'ECONNRESET',
      PLAIN,
      'EndpointUnreachable',
      /if the port speaks TLS, write https:\/\//,
    ],
    ['https to a port that hangs up', 'ECONNRESET', SECURE, 'EndpointUnreachable', /network policies$/],
    [
      'a certificate of an unknown issuer',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      SECURE,
      'TLSVerificationFailed',
      /set spec\.aws\.caBundle to the CA that signed it, or the intermediate CA that its server does not send$/,
    ],
  ]
  for (const [name, code, at, reason, words] of cases) {
    test(name, () => {
      const failure = connectionFailure({ status: 0, code }, at, SERVICE)
      assert.equal(failure.reason, reason)
      assert.match(failure.message, words)
    })
  }
})

describe('what is no answer of the service', () => {
  const cases: [at: ReturnType<typeof called>, answer: Partial<Answer>, reason: string][] = [
    [PLAIN, { message: 'Client sent an HTTP request to an HTTPS server.' }, 'InsecureEndpoint'],
    [PLAIN, { message: "You're speaking plain HTTP to an SSL-enabled server port." }, 'InsecureEndpoint'],
    [SECURE, { message: 'Client sent an HTTP request to an HTTPS server.' }, 'UnexpectedAnswer'],
    [PLAIN, { message: 'Welcome to nginx!' }, 'UnexpectedAnswer'],
    [PLAIN, {}, 'UnexpectedAnswer'],
  ]
  for (const [at, answer, reason] of cases) {
    test(`${answer.message ?? 'nothing'} at ${at.url} is ${reason}`, () =>
      assert.equal(unexpectedFailure(at, SERVICE, answer).reason, reason))
  }
})
