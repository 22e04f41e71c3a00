/** Suite: projected SAS tokens work for what they are meant for, and everything else is tried and refused. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { BlobServiceClient } from '@azure/storage-blob'
import type { AzureTenant } from '../../support/azure-world.ts'
import { messageOf } from '../../support/namespace.ts'
import type { SharedAzureWorld } from '../operator/shared-azure-world.ts'
import { entriesOf, PREFIXES, ROLES, surprises } from './attempts.ts'
import { attempts, outcomeOf } from './azure-attempts.ts'

const BODY = 'theirs'
/** Blobs that are in the container before the attempts. */
const BLOBS = ['top', 'team/a', 'team/runs/a', 'team/runs/today/a', 'teams/a']

/** Connectors by the kind of the SAS tokens that they sign. */
const CONNECTORS = [
  { kind: 'user-delegation', container: 'narrow-delegation' },
  { kind: 'service', container: 'narrow-key' },
]

export function access(world: () => SharedAzureWorld): void {
  for (const { kind, container } of CONNECTORS) {
    describe(`projected ${kind} SAS tokens`, () => {
      const otherContainer = `${container}-other`
      let tenant: AzureTenant
      before(async () => {
        tenant = await world().tenant(container)
        const { storage, azurite } = world().azure
        const { admin } = azurite
        // The signing identity may do everything everywhere, so that each refusal is due to the token alone.
        storage.assign({ objectId: tenant.app.objectId, role: 'Storage Blob Data Owner' })
        await admin.createContainer(otherContainer)
        for (const key of BLOBS) await admin.putBlob(container, key, BODY)
        for (const prefix of PREFIXES) await admin.putBlob(otherContainer, `${prefix}a`, BODY)
        await tenant.connector('azure', kind === 'service' ? await world().byAccountKey(tenant) : {})
        await tenant.store('store', { path: `az://${container}/team`, credentials: entriesOf('Env') })
        await tenant.storeReady('store')
      })

      for (const { name, access, prefix } of ROLES) {
        test(`do what ${access} of ${prefix} is for, and nothing else`, async () => {
          const sas = await tenant.sas(`store-${name}`)
          assert.equal(sas.has('skoid'), kind === 'user-delegation')
          const { endpoint } = world().azure.storage
          const service = new BlobServiceClient(`${endpoint}?${sas}`, undefined, {
            retryOptions: { maxTries: 1 },
            ...world().trust,
          })
          const all = attempts({
            ...{ container, otherContainer, prefix, body: BODY },
            outside: BLOBS.filter(key => !key.startsWith(prefix)),
          })
          assert.deepEqual(await surprises(all, access, service, outcomeOf), [])
          assert.ok(all.length > 60)
        })
      }

      test('reach the rest of the container, which people are told', async () => {
        const message = messageOf(await tenant.getStore('store'), 'CredentialsProjected')
        for (const prefix of PREFIXES) {
          const uri = `az://${container}/${prefix}`
          assert.ok(message.includes(`credentials for ${uri} reach the whole container "${container}"`), message)
        }
      })

      test('have changed nothing of others', async () => {
        const { admin } = world().azure.azurite
        const left = await admin.listBlobs(container)
        assert.deepEqual(left.filter(key => !/(^|\/)mine/.test(key)).sort(), [...BLOBS].sort())
        const others = PREFIXES.map(prefix => `${prefix}a`)
        assert.deepEqual((await admin.listBlobs(otherContainer)).sort(), others.sort())
        for (const key of BLOBS) assert.equal(await admin.readBlob(container, key), BODY)
        for (const key of others) assert.equal(await admin.readBlob(otherContainer, key), BODY)
        const here = admin.service().getContainerClient(container)
        const { blobPublicAccess, signedIdentifiers } = await here.getAccessPolicy()
        assert.deepEqual([blobPublicAccess, signedIdentifiers], [undefined, []])
        assert.ok(!(await admin.listContainers()).includes(`${container}-mine`))
      })
    })
  }
}
