import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { said, withoutSaid, wordsOf } from './said.ts'

const cases: { name: string; message: string | undefined; code?: string; want: string | undefined }[] = [
  {
    name: "SeaweedFS's refusal of a role",
    message: 'user root is not authorized to assume role arn:aws:iam::000000000000:role/artifact-store-operator',
    want: 'user root is not authorized to assume role arn:aws:iam::000000000000:role/artifact-store-operator',
  },
  { name: "Garage's wrong signature", message: 'Forbidden: Invalid signature', want: 'Forbidden: Invalid signature' },
  {
    name: "Garage's unknown key, without the id of the key",
    message: 'Forbidden: No such key: GK31c2f218a2e44f485b94239e',
    want: 'Forbidden: No such key',
  },
  {
    name: "Garage's scope, without its date",
    message:
      "Authorization header malformed, unexpected scope: '20261129/eu/s3/aws4_request', expected: '20261129/garage/s3/aws4_request'",
    want: "Authorization header malformed, unexpected scope: '.../eu/s3/aws4_request', expected: '.../garage/s3/aws4_request'",
  },
  {
    name: 'a refusal of AWS, with the account of the role',
    message: 'User: arn:aws:sts::123456789012:assumed-role/ci/ml.prod is not authorized to perform: sts:AssumeRole',
    want: 'User: arn:aws:sts::123456789012:assumed-role/ci/ml.prod is not authorized to perform: sts:AssumeRole',
  },
  {
    name: 'ids and time of Azure',
    message:
      'This request is not authorized.\nRequestId:1a2b3c4d-0001-0002-0003-123456789abc\nTime:2026-11-29T06:23:07.1234567Z',
    want: 'This request is not authorized',
  },
  {
    name: 'an id whose first part reads as a day',
    message: 'The client request 20261129-0001-4a02-b003-123456789abc is not authorized',
    want: 'The client request ... is not authorized',
  },
  {
    name: 'times in the middle of a sentence',
    message:
      'Signature not valid in the specified time frame: Start [Sun, 29 Nov 2026 06:00:00 GMT] - Expiry [Sun, 29 Nov 2026 07:00:00 GMT]',
    want: 'Signature not valid in the specified time frame: Start [...] - Expiry [...]',
  },
  {
    name: 'ids and time of Entra',
    message:
      "AADSTS700016: Application with identifier 'ml' was not found in the directory 'Contoso'. Trace ID: 0a1b2c3d-0000-1111-2222-333344445555 Correlation ID: 0a1b2c3d-0000-1111-2222-333344445556 Timestamp: 2026-11-29 06:23:07Z",
    want: "AADSTS700016: Application with identifier 'ml' was not found in the directory 'Contoso'",
  },
  {
    name: 'addresses, ports and the names of pods',
    message:
      'Post http://minio-7d9f8b6c5-x2k4p.minio.svc:9000: dial tcp 10.42.0.17:53412->[fd00::1]:9000: after 1m3.25s',
    want: 'Post http://minio....minio.svc:9000: dial tcp ...->...: after',
  },
  {
    name: 'a request that is echoed, without its parameters',
    message: 'no route for GET /data?sv=1&sig=abc%3D in this service, sig=abc or X-Amz-Signature=abc',
    want: 'no route for GET /data... in this service, ... or',
  },
  {
    name: 'a token that is echoed',
    message: 'invalid token Zm9vYmFyMTIzNDU2Nzg5MEFCQ0RFRkdISUpLTE1OT1A=',
    want: 'invalid token',
  },
  {
    name: 'a web page',
    message: '<html><body>The plain HTTP request was sent to HTTPS port</body></html>',
    want: 'The plain HTTP request was sent to HTTPS port',
  },
  {
    name: 'quotes, which would end what is quoted',
    message: 'no "such" role") and more',
    want: "no 'such' role') and more",
  },
  { name: 'line ends and controls', message: 'first\n\nsecond\u202ethird', want: 'first second third' },
  { name: 'no message', message: undefined, want: undefined },
  { name: 'a message that says what the code says', message: 'Access Denied.', code: 'AccessDenied', want: undefined },
  { name: 'a message without words', message: '4442587FB7D0A2F9', want: undefined },
  {
    name: 'names with digits',
    message: 'bucket models2024 of team-2 in us-east-1 wants ListObjectsV2',
    want: 'bucket models2024 of team-2 in us-east-1 wants ListObjectsV2',
  },
]

describe('what messages quote of a service', () => {
  for (const { name, message, code, want } of cases) {
    test(`is the same at each call for ${name}`, () => assert.equal(wordsOf(message, code), want))
  }

  test('is at most 300 characters long', () => assert.equal(wordsOf('ha '.repeat(500))?.length, 300))

  test('can be taken out of a text again, whatever the service says', () => {
    const hostile = said('x") (the service says: "y')
    assert.equal(withoutSaid(`refused${hostile}: try again${said('second')}`), 'refused: try again')
  })

  test('takes time in proportion to what is given, for rows of any character', () => {
    for (const character of ['a', '1', '-', ':', '<', ' ', '.', '"', 'A1', '/']) {
      assert.ok((wordsOf(character.repeat(100_000)) ?? '').length <= 300)
    }
  })
})
