import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stalled } from '../api/failures.ts'
import { sessionFailed } from '../stores/plan/connection.ts'
import { isLate } from './late-reasons.ts'

describe('a failure that may be over by itself when all is applied', () => {
  const late = [
    ...['ConnectorNotFound', 'ConnectorNotAllowed', 'SecretNotFound', 'SecretKeyMissing', 'SecretKeyEmpty'],
    ...['ConfigMapNotFound', 'ConfigMapKeyMissing', 'ConfigMapKeyEmpty', 'ServiceAccountNotFound', 'RoleNotFound'],
  ]
  for (const reason of late) {
    test(`${reason} is one, also behind a connector`, () => {
      assert.ok(isLate({ reason, message: '' }))
      for (const isBorrowed of [true, false]) {
        assert.ok(isLate(sessionFailed('ml/aws', stalled(reason, 'no'), isBorrowed)))
      }
    })
  }

  const decided = [
    ...['InvalidSpec', 'ResourceNotAllowed', 'NotLent', 'CloudMismatch', 'DefaultConflict', 'SecretConflict'],
    ...['SecretNotLabelled', 'ConfigMapNotLabelled', 'SecretKeyTooLarge', 'NamespaceNotRecipient', 'TokenForbidden'],
  ]
  for (const reason of decided) test(`${reason} is none`, () => assert.ok(!isLate({ reason, message: '' })))
})
