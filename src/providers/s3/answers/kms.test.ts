import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeKey } from './kms.ts'

const cases: [code: string, message: string, key: string | undefined, cure: RegExp | undefined, isOfKey?: false][] = [
  ['KMS.NotFoundException', "Key 'no-such-key' does not exist", 'no-such-key', /^correct spec\.encryption\.kmsKeyId/],
  ['KMS.DisabledException', '', 'k', /enable that key/],
  ['InvalidArgument', 'Invalid KMS key ARN', 'k', /^correct spec\.encryption\.kmsKeyId/],
  ['KMS.NotFoundException', '', undefined, /^correct the bucket's default encryption/],
  ['KMS.AccessDeniedException', '', 'k', undefined],
  ['AccessDenied', '', 'k', undefined, false],
  ['InvalidArgument', 'Invalid KMS key ARN', undefined, undefined, false],
]

for (const [code, message, key, cure, isOfKey = true] of cases) {
  test(`${code} "${message}" with key ${key} ${cure ? 'has a cure of the key' : 'is left to the policy'}`, () => {
    const judgement = judgeKey({ status: 400, code, message }, 's3://ml/prod', key)
    assert.equal(judgement?.result, isOfKey ? 'Denied' : undefined)
    if (cure) assert.match(judgement?.cure ?? '', cure)
    else assert.equal(judgement?.cure, undefined)
  })
}
