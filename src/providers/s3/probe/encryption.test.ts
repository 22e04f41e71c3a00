import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { atMinio } from '../../../../test/support/s3-context.ts'
import { isFailure } from '../../../api/failures.ts'
import type { Encryption, ProbeRequest } from '../../provider.ts'
import { concludeProbe } from './conclude.ts'
import type { ProbeAnswers } from './probe.ts'

const OK = { status: 200 }
const request = (encryption: Encryption): ProbeRequest => ({
  location: { bucket: 'ml', prefix: 'prod/', uri: 's3://ml/prod' },
  encryption,
  writeProbe: 'Multipart',
  probeId: 'x',
  required: [],
})
const answers = (change: Partial<ProbeAnswers>): ProbeAnswers => ({
  ...{ list: { status: 200 }, head: { status: 404 }, versions: OK, abort: OK, deleteVersion: OK, delete: OK },
  ...{ versioning: { status: 200, value: 'Disabled' }, extras: new Map(), putWith: 'upload' },
  ...change,
})
const conclude = (encryption: Encryption, change: Partial<ProbeAnswers>) =>
  concludeProbe(answers(change), request(encryption), atMinio())

const NONE: Encryption = { type: 'None' }
const S3: Encryption = { type: 'SSE-S3' }
const KMS: Encryption = { type: 'SSE-KMS', kmsKeyId: 'models' }
const IGNORED = /^minio:9000 does not confirm spec\.encryption SSE-S3, and may store objects without it: /

describe('the encryption that a store asks for', () => {
  const echoes: [name: string, asked: Encryption, change: Partial<ProbeAnswers>, caution: RegExp | undefined][] = [
    ['is confirmed', S3, { put: { status: 200, value: { encryption: 'AES256' } } }, undefined],
    ['with a key is confirmed', KMS, { put: { status: 200, value: { encryption: 'aws:kms' } } }, undefined],
    [
      'in two layers is more than asked',
      KMS,
      { put: { status: 200, value: { encryption: 'aws:kms:dsse' } } },
      undefined,
    ],
    ['is ignored', S3, { put: { status: 200, value: { id: 'u' } } }, IGNORED],
    ['is ignored for an object', S3, { put: { status: 200, value: {} }, putWith: 'object' }, IGNORED],
    ['is another', KMS, { put: { status: 200, value: { encryption: 'AES256' } } }, /^minio:9000 says "AES256" to /],
    ['is none', NONE, { put: { status: 200, value: {} } }, undefined],
    ['was not tried, as the body was refused', S3, { put: { status: 200 }, putWith: 'refusedBody' }, undefined],
  ]
  for (const [name, asked, change, caution] of echoes) {
    test(`${caution ? 'is a caution' : 'is no caution'} when it ${name}`, () => {
      const probe = conclude(asked, change)
      assert.ok(!isFailure(probe))
      if (caution) assert.match(probe.cautions?.join() ?? '', caution)
      else assert.equal(probe.cautions, undefined)
    })
  }

  const refusals: [
    name: string,
    put: NonNullable<ProbeAnswers['put']>,
    reason: string,
    intent: string,
    message: RegExp,
  ][] = [
    [
      'the service has no keys',
      { status: 500, code: 'InternalError', message: 'no key encryption key' },
      'ServiceUnavailable',
      'transient',
      /^minio:9000 answered HTTP 500 InternalError \(the service says: "no key encryption key"\) to CreateMultipartUpload with spec\.encryption SSE-KMS with key "models", but answers calls without it/,
    ],
    [
      'the service does not take it here',
      { status: 400, code: 'InvalidRequest' },
      'EncryptionRefused',
      'stalled',
      /HTTP 400 InvalidRequest to CreateMultipartUpload with spec\.encryption .*: correct spec\.encryption, or remove it$/,
    ],
    ['the service knows none', { status: 501, code: 'NotImplemented' }, 'EncryptionRefused', 'stalled', /HTTP 501/],
  ]
  for (const [name, put, reason, intent, message] of refusals) {
    test(`is named when ${name}`, () => {
      const failure = conclude(KMS, { put })
      assert.ok(isFailure(failure))
      assert.deepEqual([failure.reason, failure.intent], [reason, intent])
      assert.match(failure.message, message)
    })
  }

  test('is not blamed when the service is down, nor when none was asked for', () => {
    const down = conclude(S3, { list: { status: 503 }, put: { status: 503 } })
    assert.ok(isFailure(down))
    assert.doesNotMatch(down.message, /spec\.encryption/)
    const plain = conclude(NONE, { put: { status: 500, code: 'InternalError' } })
    assert.ok(isFailure(plain))
    assert.doesNotMatch(plain.message, /spec\.encryption/)
  })

  test('with a key that does not exist leads to the field that names the key', () => {
    const probe = conclude(KMS, { put: { status: 400, code: 'KMS.NotFoundException' } })
    assert.ok(!isFailure(probe))
    const put = probe.permissions.find(({ action }) => action === 's3:PutObject')
    assert.match(put?.cure ?? '', /^correct spec\.encryption\.kmsKeyId/)
  })
})
