import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  accountKey,
  connectionString,
  managed,
  principal,
  sasToken,
  spec,
  workload,
} from '../../../test/support/azure-connector.ts'
import type { AzureSpec } from '../../api/azure-connector.ts'
import { createAzureProvider } from './provider.ts'

const { group } = createAzureProvider({ now: () => new Date() })
const PUBLIC = 'https://login.microsoftonline.com'
const unnamed = (auth: AzureSpec['auth'], more: Partial<AzureSpec> = {}): AzureSpec => ({ auth, ...more })

describe('the group of an Azure connector', () => {
  const cases: [name: string, azure: AzureSpec, group: string][] = [
    ['its account and Entra', spec(workload).azure, `azure https://acme.blob.core.windows.net ${PUBLIC}`],
    [
      'its account in the cloud of its Entra',
      spec(principal, { authorityHost: 'https://login.microsoftonline.us' }).azure,
      'azure https://acme.blob.core.usgovcloudapi.net https://login.microsoftonline.us',
    ],
    ['its account alone, where Entra is not asked', spec(accountKey).azure, 'azure https://acme.blob.core.windows.net'],
    ['its account and the node', spec(managed).azure, 'azure https://acme.blob.core.windows.net node'],
    [
      'the host of its endpoint, in one way of writing, and its Entra',
      spec(workload, { endpoint: 'https://Azurite:10000/acme', authorityHost: 'https://ENTRA:443' }).azure,
      'azure https://azurite:10000 https://entra',
    ],
    ['its Secret, where only that names the account', unnamed(accountKey), 'azure Secret ml/account'],
    ['its Secret with a SAS token', unnamed(sasToken), 'azure Secret ml/sas'],
    ['its Secret and Entra', unnamed(principal), `azure Secret ml/client ${PUBLIC}`],
    [
      'its Secret with a connection string, whatever account the spec names',
      spec(connectionString).azure,
      'azure Secret ml/cs',
    ],
    [
      'the endpoint of the spec, which is called instead of that of a connection string',
      spec(connectionString, { endpoint: 'https://azurite/acme' }).azure,
      'azure https://azurite',
    ],
    [
      'an endpoint and an Entra that are no URLs, as they are written',
      spec(workload, { endpoint: 'https://256.256.256.256', authorityHost: 'https://entra:99999' }).azure,
      'azure https://256.256.256.256 https://entra:99999',
    ],
    [
      'its namespace, where nothing is called',
      spec(workload, { authorityHost: 'https://entra.example' }).azure,
      'azure nothing of ml https://entra.example',
    ],
  ]
  for (const [name, azure, expected] of cases) {
    test(`the group of an Azure connector is ${name}`, () => assert.equal(group({ azure }, 'ml'), expected))
  }

  const victim = spec(workload, { accountName: 'victim' }).azure
  const tarpit = 'https://tarpit.example'
  const others: [name: string, azure: AzureSpec][] = [
    ['a connection string that may lead anywhere', spec(connectionString, { accountName: 'victim' }).azure],
    ['an endpoint elsewhere', spec(workload, { accountName: 'victim', endpoint: tarpit }).azure],
    ['an Entra elsewhere', spec(workload, { accountName: 'victim', authorityHost: tarpit }).azure],
    ['another port', spec(workload, { endpoint: 'https://victim.blob.core.windows.net:1' }).azure],
    ['http', spec(workload, { endpoint: 'http://victim.blob.core.windows.net' }).azure],
    ['a Secret of the name of the account', unnamed({ accountKey: { secretName: 'victim' } })],
  ]
  for (const [name, azure] of others) {
    test(`a connector with the account name of another is not in its group with ${name}`, () => {
      assert.notEqual(group({ azure }, 'evil'), group({ azure: victim }, 'ml'))
    })
  }

  test('Secrets of one name in two namespaces are two groups', () => {
    for (const auth of [accountKey, sasToken, principal, connectionString]) {
      const azure = unnamed(auth)
      assert.notEqual(group({ azure }, 'evil'), group({ azure }, 'ml'))
    }
  })

  test('tenants who call the same host share its group', () => {
    assert.equal(group({ azure: victim }, 'evil'), group({ azure: victim }, 'ml'))
    const written = spec(workload, { accountName: 'victim', endpoint: 'https://VICTIM.blob.core.windows.net' }).azure
    assert.equal(group({ azure: written }, 'evil'), group({ azure: victim }, 'ml'))
  })
})
