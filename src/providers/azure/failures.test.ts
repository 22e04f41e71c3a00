import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { account, asked, resultOf, sas, workload } from '../../../test/support/azure.ts'
import type { Answer } from '../network/answer.ts'
import { isRejection } from '../rejection.ts'
import type { AzureAuth } from './auth.ts'
import { failureOf } from './failures.ts'

const HEADER = 'Server failed to authenticate the request.\nRequestId:1\nTime:2030-01-01T00:00:00Z'

describe('failureOf', () => {
  type Case = [name: string, answer: Answer, expected: string, auth?: AzureAuth]
  const refused = (code: string, status = 403, message = ''): Answer => ({ status, code, message })
  const cases: Case[] = [
    ['success', { status: 200 }, 'ok'],
    ['a denied permission', refused('AuthorizationPermissionMismatch'), 'ok'],
    ['an absent blob', refused('BlobNotFound', 404), 'ok'],
    ['a condition that does not hold', refused('ConditionNotMet', 412), 'ok'],
    ['a refused connection', { status: 0, code: 'ECONNREFUSED' }, 'transient EndpointUnreachable'],
    ['a host name that does not resolve', { status: 0, code: 'ENOTFOUND' }, 'transient AccountNotFound'],
    ['an unknown CA', { status: 0, code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'stalled TLSVerificationFailed'],
    ['a metadata address', { status: 0, code: 'EndpointRefused', message: 'x' }, 'stalled EndpointRefused'],
    ['a web page', { status: 0, code: 'UnexpectedAnswer' }, 'stalled UnexpectedAnswer'],
    ['an answer without a code', { status: 404 }, 'stalled UnexpectedAnswer'],
    ['a wrong key', refused('AuthenticationFailed', 403, HEADER), 'stalled CredentialsRejected rejected', account],
    [
      'a wrong key at Azurite',
      refused('InvalidAuthenticationInfo', 400),
      'stalled CredentialsRejected rejected',
      account,
    ],
    [
      'a wrong SAS token',
      refused('AuthenticationFailed', 403, `${HEADER} Signature did not match.`),
      'stalled CredentialsRejected',
      sas,
    ],
    ['a wrong SAS token at Azurite', refused('AuthorizationFailure', 403, HEADER), 'stalled CredentialsRejected', sas],
    [
      'an expired SAS token',
      refused('AuthenticationFailed', 403, `${HEADER} Signature not valid in the specified time frame: Start`),
      'stalled CredentialsExpired',
      sas,
    ],
    [
      'an expired Entra token',
      refused('InvalidAuthenticationInfo', 401, `${HEADER} Lifetime validation failed.`),
      'transient SessionExpired rejected',
    ],
    [
      'a token of another tenant',
      refused('InvalidAuthenticationInfo', 401, 'Issuer validation failed.'),
      'stalled TenantMismatch',
    ],
    [
      'a token for something else',
      refused('InvalidAuthenticationInfo', 401, 'Audience validation failed.'),
      'stalled AudienceNotTrusted',
    ],
    [
      'a clock that is off',
      refused('AuthenticationFailed', 403, 'The Date header in the request is incorrect.'),
      'transient ClockSkewed',
      account,
    ],
    [
      'a firewall',
      refused('AuthorizationFailure', 403, 'This request is not authorized to perform this operation.'),
      'stalled NetworkNotAllowed',
    ],
    [
      'an account that takes no keys',
      refused('KeyBasedAuthenticationNotPermitted'),
      'stalled KeyBasedAuthenticationNotPermitted',
      account,
    ],
    ['a SAS token for other addresses', refused('AuthorizationSourceIPMismatch'), 'stalled NetworkNotAllowed', sas],
    ['a SAS token for other types', refused('AuthorizationResourceTypeMismatch'), 'stalled SasInsufficient', sas],
    ['a disabled account', refused('AccountIsDisabled'), 'stalled AccountIsDisabled'],
    ['an account that is being created', refused('AccountBeingCreated', 409), 'transient AccountBeingCreated'],
    ['another account at Azurite', refused('ResourceNotFound', 404), 'stalled AccountNotFound'],
    [
      'an old service',
      refused('InvalidHeaderValue', 400, 'The API version 2026-04-06 is not supported'),
      'stalled ServiceTooOld',
    ],
    ['an absent container', refused('ContainerNotFound', 404), 'stalled ContainerNotFound'],
    ['a container that is being deleted', refused('ContainerBeingDeleted', 409), 'transient ContainerBeingDeleted'],
    ['a bad name', refused('InvalidResourceName', 400), 'stalled InvalidContainerName'],
    ['a busy service', refused('ServerBusy', 503), 'transient Throttled'],
    ['a proxy that wants fewer requests', { status: 429 }, 'transient Throttled'],
    ['a broken service', refused('InternalError', 500), 'transient ServiceUnavailable'],
    ['a broken proxy', { status: 502 }, 'transient ServiceUnavailable'],
    ['a code that is the name of a member of every object', refused('constructor'), 'ok'],
  ]
  for (const [name, answer, expected, auth = workload] of cases) {
    test(`${name} is ${expected}`, () => {
      const failure = failureOf(answer, asked(auth, { container: 'data' }))
      const rejected = failure && isRejection(failure) ? ' rejected' : ''
      assert.equal(`${resultOf(failure)}${rejected}`, expected)
      // Messages go into status, which ids and times would change all the time.
      assert.doesNotMatch(failure?.message ?? '', /RequestId|Time:|2030/)
    })
  }

  test('the message says what, where and what to do', () => {
    assert.deepEqual(failureOf({ status: 404, code: 'ContainerNotFound' }, asked(workload, { container: 'data' })), {
      kind: 'failure',
      intent: 'stalled',
      reason: 'ContainerNotFound',
      message:
        'there is no container "data" at acme.blob.core.windows.net: create it, set spec.bucket.create, or correct spec.path',
    })
  })
})
