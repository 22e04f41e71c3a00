import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { ClientAssertionCredential, ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity'
import {
  AnonymousCredential,
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  newPipeline,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { type AzureEnvironment, startAzureEnvironment } from './azure-environment.ts'
import { newAccountKey } from './azurite.ts'
import { storageError } from './blob-gateway.ts'
import type { EntraApp } from './entra.ts'

const audience = 'api://AzureADTokenExchange'
const scope = 'https://storage.azure.com/.default'
const minute = 60_000
const mismatch = { statusCode: 403, code: 'AuthorizationPermissionMismatch' }

// Skipped on an existing cluster, whose issuer may not be open to everyone.
describe('the emulator of Azure', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let azure: AzureEnvironment
  let app: EntraApp

  before(async () => {
    azure = await startAzureEnvironment({ controllers: false })
    app = {
      tenantId: 'aaaaaaaa-0000-0000-0000-000000000001',
      clientId: 'bbbbbbbb-0000-0000-0000-000000000001',
      objectId: 'cccccccc-0000-0000-0000-000000000001',
      secrets: [{ value: 'right' }],
      federatedCredentials: [
        { issuer: azure.controlPlane.issuer, subject: 'system:serviceaccount:default:reader', audience },
      ],
    }
    await azure.azurite.admin.createContainer('data')
    await azure.azurite.admin.createContainer('other')
  })
  beforeEach(() => {
    azure.entra.register(app)
    azure.storage.assign({ objectId: app.objectId, role: 'Storage Blob Data Contributor' })
  })
  afterEach(() => {
    azure.storage.unassign(app.objectId)
    azure.storage.recover()
    azure.entra.setTokenLifetime(3600)
  })
  after(() => azure?.stop())

  const trust = () => ({ tlsOptions: { ca: azure.caPem } })
  const authority = () => ({
    ...{ authorityHost: azure.entra.authorityHost, disableInstanceDiscovery: true },
    ...{ retryOptions: { maxRetries: 0 }, ...trust() },
  })
  const byAssertion = (serviceAccount = 'reader', tokenAudience = audience) =>
    new ClientAssertionCredential(app.tenantId, app.clientId, () => token(serviceAccount, tokenAudience), authority())
  const bySecret = (secret: string) => new ClientSecretCredential(app.tenantId, app.clientId, secret, authority())

  async function token(serviceAccount: string, tokenAudience: string): Promise<string> {
    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    await azure.controlPlane.request('POST', accounts, { metadata: { name: serviceAccount } })
    const spec = { audiences: [tokenAudience] }
    const answer = await azure.controlPlane.request('POST', `${accounts}/${serviceAccount}/token`, { spec })
    assert.equal(answer.status, 201, answer.text)
    return answer.json.status.token
  }

  function service(credential: Parameters<typeof newPipeline>[0], sas = ''): BlobServiceClient {
    const options = { retryOptions: { maxTries: 1 }, ...trust() }
    return new BlobServiceClient(azure.storage.endpoint + (sas && `?${sas}`), newPipeline(credential, options))
  }

  const upload = (client: BlobServiceClient, container = 'data') =>
    client.getContainerClient(container).getBlockBlobClient('a/b').upload('hello', 5)
  async function list(client: BlobServiceClient, container = 'data'): Promise<string[]> {
    const blobs = await Array.fromAsync(client.getContainerClient(container).listBlobsFlat())
    return blobs.map(({ name }) => name)
  }

  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * minute)

  async function sas(permissions: string, [from, until]: [number, number] = [-1, 5]): Promise<string> {
    const key = await service(byAssertion()).getUserDelegationKey(inMinutes(-1), inMinutes(5))
    const values = {
      containerName: 'data',
      permissions: ContainerSASPermissions.parse(permissions),
      startsOn: inMinutes(from),
      expiresOn: inMinutes(until),
    }
    return generateBlobSASQueryParameters(values, key, azure.azurite.accountName).toString()
  }
  const withSas = async (...values: Parameters<typeof sas>) => service(new AnonymousCredential(), await sas(...values))

  describe('tokens', () => {
    it('of a ServiceAccount become tokens for storage', async () => {
      const client = service(byAssertion())
      await upload(client)
      assert.deepEqual(await list(client), ['a/b'])
    })

    it('come for a secret and for a managed identity too', async () => {
      assert.deepEqual(await list(service(bySecret('right'))), ['a/b'])
      azure.imds.assign(app)
      process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST'] = azure.imds.url
      try {
        assert.deepEqual(await list(service(new ManagedIdentityCredential({ clientId: app.clientId }))), ['a/b'])
      } finally {
        delete process.env['AZURE_POD_IDENTITY_AUTHORITY_HOST']
      }
    })

    for (const [name, credential, code] of [
      ['another ServiceAccount', () => byAssertion('writer'), 700213],
      ['another audience', () => byAssertion('reader', 'somebody-else'), 700212],
      ['a wrong secret', () => bySecret('wrong'), 7000215],
    ] as const) {
      it(`are refused to ${name}`, async () => {
        await assert.rejects(credential().getToken(scope), { message: new RegExp(`AADSTS${code}:`) })
      })
    }

    it('are refused to an issuer that the application does not trust', async () => {
      azure.entra.register({ ...app, federatedCredentials: [{ issuer: 'https://other', subject: 'x', audience }] })
      await assert.rejects(byAssertion().getToken(scope), /AADSTS700211:/)
    })

    it('are refused by storage when they have expired', async () => {
      azure.entra.setTokenLifetime(-1)
      await assert.rejects(list(service(bySecret('right'))), { statusCode: 401, code: 'InvalidAuthenticationInfo' })
    })
  })

  describe('a user-delegation SAS', () => {
    it('works for its container and permissions', async () => {
      const client = await withSas('racwdl')
      await upload(client)
      assert.deepEqual(await list(client), ['a/b'])
    })

    const refused: [name: string, attempt: () => Promise<unknown>, code: string][] = [
      ['in another container', async () => list(await withSas('racwdl'), 'other'), 'AuthenticationFailed'],
      ['for what it does not permit', async () => upload(await withSas('rl')), 'AuthorizationPermissionMismatch'],
      ['after its end', async () => list(await withSas('rl', [-2, -1])), 'AuthenticationFailed'],
      ['before its start', async () => list(await withSas('rl', [1, 2])), 'AuthenticationFailed'],
      [
        'when somebody changes it',
        async () => list(service(new AnonymousCredential(), (await sas('rl')).replace('sp=rl', 'sp=rwl'))),
        'AuthenticationFailed',
      ],
    ]
    for (const [name, attempt, code] of refused) {
      it(`is refused ${name}`, () => assert.rejects(attempt(), { statusCode: 403, code }))
    }

    it('permits no more than the roles of its maker', async () => {
      const client = await withSas('racwdl')
      azure.storage.unassign(app.objectId)
      azure.storage.assign({ objectId: app.objectId, role: 'Storage Blob Data Reader', container: 'data' })
      assert.deepEqual(await list(client), ['a/b'])
      await assert.rejects(upload(client), mismatch)
    })

    it('deletes no version by the permission to delete', async () => {
      await upload(service(byAssertion()))
      const blob = (await withSas('racwdl')).getContainerClient('data').getBlobClient('a/b')
      await assert.rejects(blob.withVersion('2026-01-01T00:00:00.0000000Z').delete(), mismatch)
    })

    it('touches tags by a permission of their own, of the token and of its maker', async () => {
      const attempts = async (permissions: string) => {
        const container = (await withSas(permissions)).getContainerClient('data')
        return [
          () => container.getBlockBlobClient('a/b').upload('x', 1, { tags: { a: 'b' } }),
          () => container.getBlobClient('a/b').getTags(),
          () => Array.fromAsync(container.listBlobsFlat({ includeTags: true })),
        ]
      }
      for (const attempt of await attempts('racwdlt')) await assert.rejects(attempt(), mismatch)
      azure.storage.assign({ objectId: app.objectId, role: 'Storage Blob Data Owner' })
      for (const attempt of await attempts('racwdl')) await assert.rejects(attempt(), mismatch)
      for (const attempt of await attempts('racwdlt')) await attempt()
    })
  })

  describe('a copy', () => {
    const unverified = (statusCode: number) => ({ statusCode, code: 'CannotVerifyCopySource' })
    const blob = (client: BlobServiceClient, container: string, name: string) =>
      client.getContainerClient(container).getBlobClient(name)
    const copy = async (client: BlobServiceClient, source: string) => {
      await blob(client, 'data', 'copy').beginCopyFromURL(source)
      assert.equal(await azure.azurite.admin.readBlob('data', 'copy'), 'hello')
      await azure.azurite.admin.removeBlob('data', 'copy')
    }
    beforeEach(() => Promise.all(['data', 'other'].map(container => upload(service(byAssertion()), container))))

    it('reads its source with what the URL carries', async () => {
      const client = await withSas('racwdl')
      const { url } = blob(client, 'data', 'a/b')
      await copy(client, url)
      const others = blob(client, 'other', 'a/b').url
      for (const source of [
        others,
        others.replace(/\?.*/, ''),
        url.replace(/\?.*/, ''),
        url.replace('sig=', 'sig=x'),
      ]) {
        await assert.rejects(copy(client, source), unverified(403))
      }
      const unreadable = blob(await withSas('acwdl'), 'data', 'a/b').url
      await assert.rejects(copy(client, unreadable), unverified(403))
      await assert.rejects(copy(client, url.replace('a/b', 'absent')), unverified(404))
      await assert.rejects(copy(client, 'https://elsewhere.example/data/a/b'), unverified(404))
    })

    it('a copy without a SAS in the URL reads its source with the rights of the caller', async () => {
      const client = service(byAssertion())
      await copy(client, blob(client, 'other', 'a/b').url)
      azure.storage.unassign(app.objectId)
      azure.storage.assign({ objectId: app.objectId, role: 'Storage Blob Data Contributor', container: 'data' })
      await copy(client, blob(client, 'data', 'a/b').url)
      await assert.rejects(copy(client, blob(client, 'other', 'a/b').url), unverified(403))
    })

    it("is the key holder's to make", async () => {
      const { accountName, accountKey } = azure.azurite
      const client = service(new StorageSharedKeyCredential(accountName, accountKey))
      await copy(client, blob(client, 'other', 'a/b').url)
    })
  })

  describe('the account', () => {
    it('wants roles, on the container or the account', async () => {
      const client = service(byAssertion())
      azure.storage.unassign(app.objectId)
      await assert.rejects(list(client), mismatch)
      azure.storage.assign({ objectId: app.objectId, role: 'Storage Blob Data Contributor', container: 'data' })
      await upload(client)
      await assert.rejects(list(client, 'other'), mismatch)
      const key = () => client.getUserDelegationKey(new Date(), new Date(Date.now() + minute))
      await assert.rejects(key(), mismatch)
      azure.storage.assign({ objectId: app.objectId, role: 'Storage Blob Delegator' })
      assert.equal((await key()).signedObjectId, app.objectId)
      await assert.rejects(client.getContainerClient('new').create(), mismatch)
    })

    it('takes its key, and no other', async () => {
      const { accountName, accountKey } = azure.azurite
      assert.deepEqual(await list(service(new StorageSharedKeyCredential(accountName, accountKey))), ['a/b'])
      const wrong = service(new StorageSharedKeyCredential(accountName, newAccountKey()))
      await assert.rejects(list(wrong), { statusCode: 403, code: 'AuthenticationFailed' })
    })

    it('fails when it is told to', async () => {
      const client = service(bySecret('right'))
      azure.storage.fail(storageError(503, 'ServerBusy', 'The server is busy.', { 'retry-after': '3' }), 1)
      await assert.rejects(list(client), { statusCode: 503, code: 'ServerBusy' })
      assert.deepEqual(await list(client), ['a/b'])
      assert.match(azure.storage.requests.at(-1)?.url ?? '', /comp=list/)
    })
  })
})
