import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { ACCOUNT_KEY, succeeded } from '../../../test/support/azure.ts'
import {
  ANNOTATIONS,
  accountKey,
  connectionString,
  managed,
  principal,
  resolved,
  SAS,
  sasToken,
  spec,
  workload,
} from '../../../test/support/azure-connector.ts'
import type { AzureSpec } from '../../api/azure-connector.ts'
import { isFailure } from '../../api/failures.ts'
import { createEndpointGuard } from '../network/endpoint-guard.ts'
import { identity, references } from './identity.ts'

describe('references', () => {
  const names = (auth: AzureSpec['auth'], change: Partial<AzureSpec> = {}) =>
    references(spec(auth, change)).keys.map(({ kind, name, key, optional }) => [
      kind,
      name,
      key,
      ...(optional ? ['?'] : []),
    ])

  test('name a ServiceAccount with its audience', () => {
    assert.deepEqual(references(spec(workload)), {
      keys: [],
      serviceAccount: {
        name: 'reader',
        audience: 'api://AzureADTokenExchange',
        field: 'spec.azure.auth.workloadIdentity',
      },
    })
  })
  test("name the operator's own identity", () => {
    assert.deepEqual(references(spec(managed)).operatorIdentity, { field: 'spec.azure.auth.managedIdentity' })
  })
  const { accountName: _, ...nameless } = spec(accountKey).azure
  test('name keys of a Secret, and the account’s where the spec has none', () => {
    assert.deepEqual(names(accountKey), [['Secret', 'account', 'account_key']])
    assert.deepEqual(
      references({ azure: nameless }).keys.map(({ key, optional }) => [key, optional]),
      [
        ['account_key', undefined],
        ['account_name', true],
      ],
    )
    assert.deepEqual(
      names(principal).map(([, , key]) => key),
      ['client_id', 'client_secret', 'tenant_id'],
    )
  })
  test('name keys that the spec renames, and CA certificates', () => {
    const auth = { sasToken: { secretName: 'sas', sasTokenKey: 'token' } }
    const caBundle = { configMapKeyRef: { name: 'roots' } }
    assert.deepEqual(names(auth, { caBundle }), [
      ['ConfigMap', 'roots', 'ca.crt'],
      ['Secret', 'sas', 'token'],
    ])
  })
})

describe('the account and its endpoint', () => {
  const { accountName: _, ...unnamed } = spec(accountKey).azure
  const cases: [name: string, azure: AzureSpec, values: Record<string, string>, account: string, url: string][] = [
    ['the public cloud', spec(workload).azure, {}, 'acme', 'https://acme.blob.core.windows.net'],
    [
      'the cloud of the authority',
      spec(workload, { authorityHost: 'https://login.microsoftonline.us' }).azure,
      {},
      'acme',
      'https://acme.blob.core.usgovcloudapi.net',
    ],
    [
      'a given endpoint',
      spec(accountKey, { endpoint: 'https://azurite:10000/acme' }).azure,
      {},
      'acme',
      'https://azurite:10000/acme',
    ],
    ['an account of the Secret', unnamed, { account_name: 'other' }, 'other', 'https://other.blob.core.windows.net'],
    [
      'an account of the endpoint',
      { ...unnamed, endpoint: 'https://other.blob.core.windows.net' },
      {},
      'other',
      'https://other.blob.core.windows.net',
    ],
    [
      "an account of the endpoint's path",
      { ...unnamed, endpoint: 'https://azurite/other' },
      {},
      'other',
      'https://azurite/other',
    ],
    [
      'an endpoint of the connection string',
      { auth: connectionString },
      { connection_string: `AccountName=acme;AccountKey=${ACCOUNT_KEY};BlobEndpoint=http://azurite/acme/` },
      'acme',
      'http://azurite/acme',
    ],
    [
      "the spec's endpoint before that of the connection string",
      { auth: connectionString, endpoint: 'https://proxy/acme' },
      { connection_string: `AccountName=acme;AccountKey=${ACCOUNT_KEY};BlobEndpoint=http://azurite/acme/` },
      'acme',
      'https://proxy/acme',
    ],
    [
      'a connection string with a SAS token only',
      { auth: connectionString },
      { connection_string: `BlobEndpoint=https://acme.blob.core.windows.net/;SharedAccessSignature=${SAS}` },
      'acme',
      'https://acme.blob.core.windows.net',
    ],
  ]
  for (const [name, azure, values, account, url] of cases) {
    test(`are ${account} and ${url} by ${name}`, () => {
      const who = succeeded(identity({ azure }, resolved(values)))
      assert.deepEqual([who.accountName, who.blob.url], [account, url])
    })
  }
})

describe('an identity', () => {
  const auths: [name: string, auth: AzureSpec['auth']][] = Object.entries({
    workload,
    managed,
    principal,
    accountKey,
    sasToken,
    connectionString,
  })

  test('has another fingerprint when anything of it changes', () => {
    const fingerprints = [
      ...auths.map(([, auth]) => identity(spec(auth), resolved())),
      identity(spec(workload), resolved({}, { ...ANNOTATIONS, 'azure.workload.identity/client-id': 'client-2' })),
      identity(spec(principal), resolved({ client_secret: 'another' })),
      identity(spec(sasToken), resolved({ sas_token: SAS.replace('hush', 'hush2') })),
      identity(spec(accountKey, { accountName: 'other' }), resolved()),
      identity(spec(accountKey, { endpoint: 'https://azurite/acme' }), resolved()),
      identity(
        spec(workload, {
          authorityHost: 'https://login.microsoftonline.us',
          endpoint: 'https://acme.blob.core.windows.net',
        }),
        resolved(),
      ),
    ].map(who => succeeded(who).fingerprint)
    assert.equal(new Set(fingerprints).size, fingerprints.length)
    assert.equal(succeeded(identity(spec(workload), resolved())).fingerprint, fingerprints[0])
  })

  for (const [name, auth] of auths) {
    test(`of kind ${name} shows no secret when it is printed`, () => {
      const who = succeeded(identity(spec(auth), resolved()))
      assert.doesNotMatch(
        `${inspect(who, { depth: 9 })}${JSON.stringify(who)}`,
        new RegExp(`hush|${ACCOUNT_KEY.slice(0, 8)}`),
      )
    })
  }

  test('has a caution only where its credentials are handed on as they are', () => {
    const cautions = auths.map(([name, auth]) => [name, succeeded(identity(spec(auth), resolved())).cautions.length])
    assert.deepEqual(Object.fromEntries(cautions), {
      workload: 0,
      managed: 0,
      principal: 0,
      accountKey: 0,
      sasToken: 1,
      connectionString: 0,
    })
  })

  test('has another caution where its SAS token is bound to addresses', () => {
    const bound = resolved({ sas_token: `${SAS}&sip=10.0.0.1` })
    assert.match(succeeded(identity(spec(sasToken), bound)).cautions.join(), /\(sip\): consumers must have one/)
  })
})

describe('where only some hosts are allowed', () => {
  const guard = createEndpointGuard({ allowed: ['azurite'] })
  const portal = (suffix: string) =>
    `DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=${ACCOUNT_KEY};EndpointSuffix=${suffix}`
  const cases: [name: string, azure: AzureSpec, values: Record<string, string>, isAllowed: boolean][] = [
    ['the public cloud', spec(workload).azure, {}, true],
    ['another cloud', spec(workload, { authorityHost: 'https://login.microsoftonline.us' }).azure, {}, true],
    [
      'a connection string from the portal',
      { auth: connectionString },
      { connection_string: portal('core.windows.net') },
      true,
    ],
    ['a host of the list', spec(workload, { endpoint: 'https://azurite/acme' }).azure, {}, true],
    ['another host', spec(workload, { endpoint: 'https://azurite.example/acme' }).azure, {}, false],
    [
      'a suffix that only begins like a cloud’s',
      { auth: connectionString },
      { connection_string: portal('core.windows.net.example') },
      false,
    ],
    [
      'another authority',
      spec(workload, { authorityHost: 'https://entra.example', endpoint: 'https://azurite/acme' }).azure,
      {},
      false,
    ],
  ]
  for (const [name, azure, values, isAllowed] of cases) {
    test(`${name} is ${isAllowed ? 'allowed' : 'refused'}`, () => {
      const who = identity({ azure }, resolved(values), guard)
      assert.equal(isFailure(who) ? who.reason : 'allowed', isAllowed ? 'allowed' : 'EndpointRefused')
    })
  }
})
