import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { azureIdentity, principal, resultOf, workload } from '../../../test/support/azure.ts'
import type { Answer } from '../network/answer.ts'
import { isRejection } from '../rejection.ts'
import type { EntraAuth } from './auth.ts'
import { entraFailure, refusesAssertion } from './entra-failures.ts'

const { authority } = azureIdentity(workload)
const refused = (number: number, status = 401): Answer => ({ status, code: `AADSTS${number}` })
const assertion = `x.${Buffer.from(JSON.stringify({ iss: 'https://issuer' })).toString('base64url')}.x`
const managed: EntraAuth = { kind: 'managedIdentity', clientId: 'client-1' }

describe('entraFailure', () => {
  const cases: [name: string, answer: Answer, auth: EntraAuth, expected: string][] = [
    ['no federated credential at all', refused(70025), workload, 'stalled FederatedCredentialMismatch'],
    ['another issuer', refused(700211), workload, 'stalled FederatedCredentialMismatch'],
    ['another audience', refused(700212), workload, 'stalled FederatedCredentialMismatch'],
    ['another subject', refused(700213), workload, 'stalled FederatedCredentialMismatch'],
    [
      'no federated credential, by the older code,',
      refused(70021, 400),
      workload,
      'stalled FederatedCredentialMismatch',
    ],
    ['an assertion too old', refused(700024), workload, 'transient TokenExpired'],
    ['a bad signature', refused(700027), workload, 'transient TokenSignatureRefused'],
    ['an unknown key', refused(7000272), workload, 'transient TokenSignatureRefused'],
    ['a cluster that signs with ECDSA', refused(5002738, 400), workload, 'stalled TokenAlgorithmRefused'],
    ['a private issuer', refused(501661, 400), workload, 'transient IssuerUnreachable'],
    ['a wrong secret', refused(7000215), principal, 'stalled CredentialsRejected rejected'],
    ['an expired secret', refused(7000222), principal, 'stalled CredentialsExpired rejected'],
    ['an unknown client', refused(700016, 400), principal, 'stalled ClientNotFound'],
    ['an unknown tenant', refused(90002, 400), workload, 'stalled TenantNotFound'],
    ['a disabled client', refused(7000112), workload, 'stalled ClientDisabled'],
    ['conditional access', refused(53003), workload, 'stalled ConditionalAccess'],
    ['a code that is not known', refused(500011, 400), workload, 'stalled TokenRefused'],
    ['throttling', { status: 429 }, workload, 'transient Throttled'],
    ['throttling by code', refused(90055, 400), workload, 'transient Throttled'],
    ['a busy Entra', refused(90033, 400), workload, 'transient ServiceUnavailable'],
    ['a broken Entra', { status: 503, code: 'temporarily_unavailable' }, workload, 'transient ServiceUnavailable'],
    ['an Entra out of reach', { status: 0, code: 'ECONNREFUSED' }, workload, 'transient EndpointUnreachable'],
    [
      'an Entra whose certificate is not trusted',
      { status: 0, code: 'SELF_SIGNED_CERT_IN_CHAIN' },
      workload,
      'stalled TLSVerificationFailed',
    ],
    ['an answer without a code', { status: 404 }, workload, 'stalled UnexpectedAnswer'],
    ['an identity service out of reach', { status: 0, code: 'EHOSTUNREACH' }, managed, 'transient EndpointUnreachable'],
    [
      'an identity that the node does not have',
      { status: 400, code: 'invalid_request' },
      managed,
      'stalled ManagedIdentityNotFound',
    ],
    ['an identity service at work', { status: 410 }, managed, 'transient ServiceUnavailable'],
  ]
  for (const [name, answer, auth, expected] of cases) {
    test(`${name} is ${expected}`, () => {
      const failure = entraFailure(answer, auth, authority, assertion)
      assert.equal(`${resultOf(failure)}${isRejection(failure) ? ' rejected' : ''}`, expected)
    })
  }

  test('the message about a mismatch shows exactly what to register', () => {
    assert.equal(
      entraFailure(refused(700213), workload, authority, assertion).message,
      'client client-1 of tenant tenant-1 does not trust the ServiceAccount (AADSTS700213): give it a federated credential with issuer "https://issuer", subject "system:serviceaccount:ml:reader" and audience "api://AzureADTokenExchange", exactly so',
    )
  })

  test('only a token that another one may replace is given back', () => {
    const refusing = [700024, 700027, 7000272, 700213, 90002].filter(number => refusesAssertion(refused(number)))
    assert.deepEqual(refusing, [700024, 700027, 7000272])
  })
})

test("Entra's own words are quoted, without ids and times", () => {
  const message =
    "AADSTS700016: Application with identifier 'ml' was not found. Trace ID: 0a1b2c3d-0000-1111-2222-333344445555 Timestamp: 2026-11-29 06:23:07Z"
  const failure = entraFailure({ ...refused(700016, 400), message }, principal, authority)
  assert.match(
    failure.message,
    / \(the service says: "AADSTS700016: Application with identifier 'ml' was not found"\)$/,
  )
})
