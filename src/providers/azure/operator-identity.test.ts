/** What a connector may do with the operator's own identity: `auth.managedIdentity`. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { resolved, spec } from '../../../test/support/azure-connector.ts'
import { LOAN } from '../../../test/support/objects.ts'
import type { AzureSpec } from '../../api/azure-connector.ts'
import { isFailure } from '../../api/failures.ts'
import { createEndpointGuard } from '../network/endpoint-guard.ts'
import type { OperatorIdentityLoan } from '../provider.ts'
import { identity, references } from './identity.ts'

const caBundle: AzureSpec['caBundle'] = { configMapKeyRef: { name: 'ca' } }
const ask = (managedIdentity: object, change: Partial<AzureSpec>, loan: Partial<OperatorIdentityLoan>) =>
  identity(spec({ managedIdentity }, change), { ...resolved(), operatorIdentity: { ...LOAN, ...loan } })

describe("where the operator's own identity of Azure may be taken", () => {
  const listed = { endpoints: ['blob.corp.example', '.minio.svc'] }
  const cases: [name: string, azure: Partial<AzureSpec>, refused?: [reason: string, message: RegExp]][] = [
    ['the account', {}],
    ['the account in another cloud', { authorityHost: 'https://login.microsoftonline.us' }],
    ['the URL of the account', { endpoint: 'https://acme.blob.core.windows.net' }],
    ['a private endpoint of the account', { endpoint: 'https://acme.privatelink.blob.core.windows.net' }],
    ['a listed host', { endpoint: 'https://blob.corp.example/acme' }],
    ['a host with a listed suffix', { endpoint: 'https://azurite.minio.svc:10000/acme' }],
    [
      'a host that is not listed',
      { endpoint: 'https://evil.example' },
      [
        'ImplicitAuthNotAllowed',
        /^spec\.azure\.endpoint: "evil\.example" may not get tokens of .* --implicit-auth-endpoints$/,
      ],
    ],
    [
      'a host that only looks like one of Azure',
      { endpoint: 'https://acme.blob.core.windows.net.evil.example' },
      ['ImplicitAuthNotAllowed', /evil\.example/],
    ],
    [
      'a web site of somebody at Azure',
      { endpoint: 'https://evil.azurewebsites.net' },
      ['ImplicitAuthNotAllowed', /azurewebsites/],
    ],
    [
      'a listed host over http',
      { endpoint: 'http://blob.corp.example/acme' },
      ['InsecureEndpoint', /not sent over http/],
    ],
    [
      'a listed host that a CA of the connector vouches for',
      { endpoint: 'https://blob.corp.example/acme', caBundle },
      ['ImplicitAuthNotAllowed', /^spec\.azure\.caBundle: .* NODE_EXTRA_CA_CERTS$/],
    ],
    ['the account with a CA of the connector', { caBundle }, ['ImplicitAuthNotAllowed', /^spec\.azure\.caBundle/]],
  ]
  for (const [name, azure, refused] of cases) {
    test(`the operator's own identity of Azure is ${refused ? 'not ' : ''}taken to ${name}`, () => {
      const found = ask({}, azure, listed)
      assert.equal(isFailure(found) ? found.reason : 'allowed', refused?.[0] ?? 'allowed')
      if (isFailure(found) && refused) assert.match(found.message, refused[1])
      if (isFailure(found)) assert.equal(found.intent, 'stalled')
    })
  }

  test('without a list, no other endpoint gets it, and the CA of a connector is not even read', () => {
    assert.ok(isFailure(ask({}, { endpoint: 'https://blob.corp.example/acme' }, {})))
    assert.deepEqual(references(spec({ managedIdentity: {} }, { caBundle })).keys, [])
  })

  test('an endpoint that no connector may call is refused to it, too, also where it is listed', () => {
    const managed = spec({ managedIdentity: {} }, { endpoint: 'https://169.254.169.254' })
    const loan = { ...LOAN, endpoints: ['169.254.169.254'] }
    const found = identity(managed, { ...resolved(), operatorIdentity: loan }, createEndpointGuard())
    assert.equal(isFailure(found) && found.reason, 'EndpointRefused')
  })
})

describe("which of the operator's own identities of Azure a connector may be", () => {
  const RESOURCE =
    '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/kubelet'
  const cases: [name: string, managedIdentity: object, clientIds: string[], field?: string][] = [
    ['the one that needs no id, by default', {}, ['default']],
    ['a listed client', { clientId: 'client-1' }, ['client-1']],
    ['a listed client in capitals', { clientId: 'CLIENT-1' }, ['client-1']],
    ['a listed resource', { resourceId: RESOURCE }, [RESOURCE.toLowerCase()]],
    ['any client, by default', { clientId: 'client-1' }, ['default'], 'spec.azure.auth.managedIdentity.clientId'],
    ['any resource, by default', { resourceId: RESOURCE }, ['default'], 'spec.azure.auth.managedIdentity.resourceId'],
    ['another client', { clientId: 'client-2' }, ['client-1'], 'spec.azure.auth.managedIdentity.clientId'],
    ['the client of the name default', { clientId: 'client-1' }, [], 'spec.azure.auth.managedIdentity.clientId'],
    ['the one that needs no id, where clients are listed', {}, ['client-1'], 'spec.azure.auth.managedIdentity'],
  ]
  for (const [name, managedIdentity, clientIds, field] of cases) {
    test(`a connector may ${field ? 'not ' : ''}be ${name}`, () => {
      const found = ask(managedIdentity, {}, { clientIds })
      if (!field) assert.ok(!isFailure(found), JSON.stringify(found))
      else {
        assert.ok(isFailure(found))
        assert.deepEqual([found.intent, found.reason], ['stalled', 'ImplicitAuthNotAllowed'])
        assert.match(found.message, new RegExp(`^${field}: connectors of this namespace may not be .*client-ids$`))
      }
    })
  }
})
