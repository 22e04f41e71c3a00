import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { ManagedIdentityCredential } from '@azure/identity'
import { createAccessTokens } from './access-tokens.ts'
import { type Imds, type ManagedIdentity, startImds } from './imds.ts'
import { parseJwt } from './jwt.ts'

const tenantId = 'aaaaaaaa-0000-0000-0000-000000000001'
const resourceId = '/subscriptions/1/resourceGroups/ml/providers/Microsoft.ManagedIdentity/userAssignedIdentities/one'
const machine: ManagedIdentity = { tenantId, clientId: 'machine', objectId: 'machine-object' }
const one: ManagedIdentity = { tenantId, clientId: 'one', objectId: 'one-object', resourceId }
const two: ManagedIdentity = { tenantId, clientId: 'two', objectId: 'two-object', resourceId: `${resourceId}-two` }
const required = { 'api-version': '2018-02-01', resource: 'https://storage.azure.com/' }

describe('the emulator of a node’s metadata service', () => {
  let imds: Imds

  before(async () => {
    imds = await startImds(await createAccessTokens())
  })
  beforeEach(() => {
    for (const identity of [machine, one, two]) imds.unassign(identity)
    imds.recover()
  })
  after(() => imds?.stop())

  async function get(query: Record<string, string> = required, headers: Record<string, string> = { metadata: 'true' }) {
    const path = `${imds.url}/metadata/identity/oauth2/token?${new URLSearchParams(query)}`
    const answer = await fetch(path, { headers })
    return { status: answer.status, json: (await answer.json()) as Record<string, string> }
  }

  const chosen = async (query: Record<string, string> = {}) => {
    const { json } = await get({ ...required, ...query })
    return json['error_description'] ?? parseJwt(json['access_token'] ?? '')?.claims['oid']
  }

  it('gives a token, all of it in strings', async () => {
    imds.assign(machine)
    const { status, json } = await get()
    assert.equal(status, 200)
    assert.deepEqual(
      [json['token_type'], json['resource'], json['client_id']],
      ['Bearer', required.resource, machine.clientId],
    )
    assert.equal(json['expires_in'], '86400')
    assert.ok(Math.abs(Number(json['expires_on']) - Date.now() / 1000 - 86400) <= 2)
  })

  const refused: [name: string, query: Record<string, string>, headers: Record<string, string>, error: string][] = [
    ['a request without the header', required, {}, 'bad_request_102'],
    ['a forwarded request', required, { metadata: 'true', 'x-forwarded-for': '10.0.0.1' }, 'bad_request_101'],
    ['no version', { resource: required.resource }, { metadata: 'true' }, 'invalid_request'],
    ['another version', { ...required, 'api-version': '2017-09-01' }, { metadata: 'true' }, 'invalid_request'],
    ['no resource', { 'api-version': '2018-02-01' }, { metadata: 'true' }, 'invalid_request'],
    ['another resource', { ...required, resource: 'https://x' }, { metadata: 'true' }, 'invalid_resource'],
    [
      'two choices',
      { ...required, client_id: 'one', object_id: 'one-object' },
      { metadata: 'true' },
      'invalid_request',
    ],
  ]
  for (const [name, query, headers, error] of refused) {
    it(`refuses ${name.startsWith('a ') ? '' : 'a request with '}${name}`, async () => {
      imds.assign(one)
      const { status, json } = await get(query, headers)
      assert.deepEqual([status, json['error']], [400, error])
    })
  }

  it('chooses the identity', async () => {
    assert.equal(await chosen(), 'Identity not found')
    imds.assign(one)
    assert.equal(await chosen(), one.objectId)
    imds.assign(two)
    assert.match(String(await chosen()), /^Multiple user assigned identities exist/)
    assert.equal(await chosen({ client_id: 'ONE' }), one.objectId)
    assert.equal(await chosen({ object_id: two.objectId }), two.objectId)
    assert.equal(await chosen({ msi_res_id: `${resourceId}-two` }), two.objectId)
    assert.equal(await chosen({ mi_res_id: resourceId }), one.objectId)
    assert.equal(await chosen({ client_id: 'three' }), 'Identity not found')
    imds.assign(machine)
    assert.equal(await chosen(), machine.objectId)
  })

  it('works with the SDK, which takes its address from the environment', async () => {
    imds.assign(one)
    imds.setTokenLifetime(3600)
    process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = imds.url
    try {
      const credential = new ManagedIdentityCredential({ clientId: one.clientId, retryOptions: { maxRetries: 0 } })
      const { token, expiresOnTimestamp } = await credential.getToken('https://storage.azure.com/.default')
      assert.equal(parseJwt(token)?.claims['oid'], one.objectId)
      assert.ok(Math.abs(expiresOnTimestamp - Date.now() - 3_600_000) < 5000)
    } finally {
      delete process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST']
    }
  })
})
