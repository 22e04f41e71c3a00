import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  BlobSASPermissions,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob'
import { ACCOUNT_KEY } from '../../../test/support/azure.ts'
import { type SasRequest, type Signer, signPath, signSas } from './sas.ts'

const delegation: UserDelegationKey = {
  signedObjectId: 'object-1',
  signedTenantId: 'tenant-1',
  signedStartsOn: new Date('2030-01-01T00:00:00Z'),
  signedExpiresOn: new Date('2030-01-02T00:00:00Z'),
  signedService: 'b',
  signedVersion: '2026-04-06',
  value: ACCOUNT_KEY,
}
const signers: Signer[] = [
  { kind: 'accountKey', accountName: 'acme', key: ACCOUNT_KEY },
  { kind: 'delegation', accountName: 'acme', key: delegation },
]
const request: SasRequest = {
  container: 'data',
  permissions: 'racwdl',
  startsOn: new Date('2030-01-01T11:45:00.123Z'),
  expiresOn: new Date('2030-01-01T13:00:00Z'),
  http: false,
}
const sorted = (text: string) => [...new URLSearchParams(text)].sort()

/** The parameters as the SDK signs them, in the version that it uses by default. */
function bySdk(signer: Signer, values: Pick<SasRequest, 'startsOn' | 'expiresOn'> & { blobName?: string }): string {
  const all = {
    containerName: 'data',
    permissions: values.blobName ? BlobSASPermissions.parse('racwd') : ContainerSASPermissions.parse('racwdl'),
    protocol: SASProtocol.Https,
    ...values,
  }
  return signer.kind === 'accountKey'
    ? generateBlobSASQueryParameters(all, new StorageSharedKeyCredential('acme', signer.key)).toString()
    : generateBlobSASQueryParameters(all, signer.key, 'acme').toString()
}

describe('SAS tokens', () => {
  const { startsOn, expiresOn } = request
  for (const signer of signers) {
    test(`to a container, by ${signer.kind}, are the SDK's`, () => {
      assert.deepEqual(sorted(signSas(signer, request)), sorted(bySdk(signer, { startsOn, expiresOn })))
    })

    test(`to a path, by ${signer.kind}, are signed as the SDK signs them`, () => {
      const path = 'team/a b/run'
      const ours = signPath(signer, { ...request, permissions: 'racwd' }, path, { sr: 'b' })
      assert.deepEqual(sorted(ours), sorted(bySdk(signer, { startsOn, expiresOn, blobName: path })))
    })

    test(`to a directory, by ${signer.kind}, have its depth and another signature`, () => {
      const [narrow, wide] = [{ ...request, directory: 'team/run' }, request].map(
        request => new URLSearchParams(signSas(signer, request)),
      )
      assert.deepEqual([narrow?.get('sr'), narrow?.get('sdd'), narrow?.get('sp')], ['d', '2', 'racwdl'])
      assert.notEqual(narrow?.get('sig'), wide?.get('sig'))
    })
  }

  test('are taken over https only, unless the endpoint is http', () => {
    const [signer] = signers as [Signer]
    for (const directory of [undefined, 'team']) {
      const protocolOf = (http: boolean) =>
        new URLSearchParams(signSas(signer, { ...request, directory, http })).get('spr')
      assert.deepEqual([protocolOf(false), protocolOf(true)], ['https', 'https,http'])
    }
  })
})
