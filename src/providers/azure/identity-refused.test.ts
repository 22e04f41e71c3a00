import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ACCOUNT_KEY } from '../../../test/support/azure.ts'
import {
  ANNOTATIONS,
  accountKey,
  connectionString,
  principal,
  resolved,
  SAS,
  sasToken,
  spec,
  workload,
} from '../../../test/support/azure-connector.ts'
import type { AzureSpec } from '../../api/azure-connector.ts'
import { isFailure } from '../../api/failures.ts'
import { identity } from './identity.ts'

describe('no identity is made', () => {
  const { accountName: _, ...unnamed } = spec(accountKey).azure
  type Case = [name: string, azure: AzureSpec, values: Record<string, string>, reason: string, words: RegExp]
  const cases: Case[] = [
    [
      'a blank key',
      spec(accountKey).azure,
      { account_key: ' ' },
      'InvalidCredentials',
      /key "account_key" of Secret "ml\/account" is blank/,
    ],
    ['a key with a space', spec(accountKey).azure, { account_key: 'hush hush' }, 'InvalidCredentials', /white space/],
    ['a key that is no base64', spec(accountKey).azure, { account_key: 'hush!' }, 'InvalidCredentials', /no base64/],
    ...(
      [
        ['a SAS token', sasToken, 'sas_token', SAS],
        ['a connection string', connectionString, 'connection_string', `AccountName=acme;AccountKey=${ACCOUNT_KEY}`],
        ['a client id', principal, 'client_id', '11111111-2222-3333-4444-555555555555'],
      ] as const
    ).map(
      ([what, auth, key, value]): Case => [
        `${what} that was encoded twice`,
        spec(auth).azure,
        { [key]: Buffer.from(value).toString('base64') },
        'InvalidCredentials',
        new RegExp(`value of key "${key}" looks like base64 itself: store the bare value`),
      ],
    ),
    [
      'a connection string of no use',
      spec(connectionString).azure,
      { connection_string: 'UseDevelopmentStorage=true' },
      'InvalidCredentials',
      /UseDevelopmentStorage/,
    ],
    [
      'a connection string with a bad key',
      spec(connectionString).azure,
      { connection_string: 'AccountKey=hush!' },
      'InvalidCredentials',
      /"connection_string".*no base64/,
    ],
    [
      'a SAS token for a single blob',
      spec(sasToken).azure,
      { sas_token: SAS.replace('sr=c', 'sr=b') },
      'SasInsufficient',
      /single blob/,
    ],
    [
      'a tenant with a path',
      spec(principal).azure,
      { tenant_id: 'a/../b' },
      'InvalidCredentials',
      /"tenant_id".*no id/,
    ],
    [
      'no account at all',
      unnamed,
      {},
      'AccountNotSet',
      /no storage account is named: set it, or name it in Secret "ml\/account"/,
    ],
    [
      'an account with a name that none can have',
      unnamed,
      { account_name: 'hush/x' },
      'AccountNotSet',
      /no valid storage account/,
    ],
    [
      'two accounts in spec and Secret',
      spec(connectionString).azure,
      { connection_string: `AccountName=other;AccountKey=${ACCOUNT_KEY}` },
      'AccountMismatch',
      /names another storage account/,
    ],
    [
      'the endpoint of another account',
      spec(accountKey, { endpoint: 'https://other.blob.core.windows.net' }).azure,
      {},
      'AccountMismatch',
      /^spec\.azure\.endpoint is that of storage account "other", but "acme" is named/,
    ],
    [
      'another account in the path of the endpoint',
      spec(workload, { endpoint: 'https://azurite:10000/other' }).azure,
      {},
      'AccountMismatch',
      /"other"/,
    ],
    [
      'another account in the endpoint of a connection string',
      { auth: connectionString },
      {
        connection_string: `AccountName=acme;AccountKey=${ACCOUNT_KEY};BlobEndpoint=https://other.blob.core.windows.net`,
      },
      'AccountMismatch',
      /^BlobEndpoint of the connection string is that of storage account "other"/,
    ],
    [
      'no endpoint in an unknown cloud',
      spec(workload, { authorityHost: 'https://entra.example' }).azure,
      {},
      'EndpointNotSet',
      /"entra.example" belongs to no known cloud/,
    ],
    [
      'an endpoint at the metadata service',
      spec(accountKey, { endpoint: 'http://169.254.169.254' }).azure,
      {},
      'EndpointRefused',
      /^spec\.azure\.endpoint: 169\.254\.169\.254 is a link-local address/,
    ],
    [
      'an authority that is no URL',
      spec(workload, { authorityHost: 'https://entra:99999', endpoint: 'https://azurite/acme' }).azure,
      {},
      'EndpointRefused',
      /^spec\.azure\.authorityHost: not a URL/,
    ],
    [
      'an endpoint that is no URL',
      spec(workload, { endpoint: 'https://256.256.256.256' }).azure,
      {},
      'EndpointRefused',
      /^spec\.azure\.endpoint: not a URL/,
    ],
    [
      'an endpoint at the metadata service in a connection string',
      { auth: connectionString },
      { connection_string: `AccountName=acme;AccountKey=${ACCOUNT_KEY};BlobEndpoint=http://169.254.169.254/acme` },
      'EndpointRefused',
      /^BlobEndpoint of the connection string/,
    ],
    [
      'an authority at the metadata service',
      spec(workload, { authorityHost: 'https://169.254.169.254', endpoint: 'https://azurite/acme' }).azure,
      {},
      'EndpointRefused',
      /^spec\.azure\.authorityHost/,
    ],
    [
      'Entra tokens over http',
      spec(workload, { endpoint: 'http://azurite/acme' }).azure,
      {},
      'InsecureEndpoint',
      /not sent over http/,
    ],
    [
      'a CA bundle without a certificate',
      spec(accountKey, { caBundle: { configMapKeyRef: { name: 'roots' } } }).azure,
      { 'ca.crt': 'hush' },
      'InvalidCABundle',
      /no PEM certificate/,
    ],
  ]
  for (const [name, azure, values, reason, words] of cases) {
    test(`for ${name}: ${reason}`, () => {
      const failure = identity({ azure }, resolved(values))
      assert.ok(isFailure(failure))
      assert.deepEqual([failure.intent, failure.reason], ['stalled', reason])
      assert.match(failure.message, words)
      assert.doesNotMatch(failure.message, new RegExp(`hush|${ACCOUNT_KEY.slice(0, 8)}`))
    })
  }

  test('for a ServiceAccount whose annotation is no id: InvalidTenantId', () => {
    const failure = identity(
      spec(workload),
      resolved({}, { ...ANNOTATIONS, 'azure.workload.identity/tenant-id': 'a/b' }),
    )
    assert.ok(isFailure(failure))
    assert.equal(failure.reason, 'InvalidTenantId')
  })

  for (const [member, reason] of [
    ['client', 'ClientIdNotSet'],
    ['tenant', 'TenantIdNotSet'],
  ] as const) {
    test(`for a ServiceAccount without a ${member} id: ${reason}`, () => {
      const { [`azure.workload.identity/${member}-id` as const]: _, ...rest } = ANNOTATIONS as Record<string, string>
      const failure = identity(spec(workload), resolved({}, rest))
      assert.ok(isFailure(failure))
      assert.equal(failure.reason, reason)
      assert.match(
        failure.message,
        new RegExp(
          `set spec.azure.auth.workloadIdentity.${member}Id, or annotate ServiceAccount "ml/reader" with azure.workload.identity/${member}-id`,
        ),
      )
    })
  }
})
