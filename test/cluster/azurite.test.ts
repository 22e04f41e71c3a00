import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { type Azurite, newAccountKey, startAzurite } from './azurite.ts'

describe('Azurite', () => {
  let azurite: Azurite

  before(async () => {
    azurite = await startAzurite()
    await azurite.admin.createContainer('data')
  })
  after(() => azurite?.stop())

  it('holds blobs', async () => {
    const { admin } = azurite
    await admin.putBlob('data', 'a/b', 'héllo')
    await admin.putBlob('data', 'c', '')
    assert.equal(await admin.readBlob('data', 'a/b'), 'héllo')
    assert.deepEqual(await admin.listBlobs('data'), ['a/b', 'c'])
    assert.deepEqual(await admin.listBlobs('data', 'a/'), ['a/b'])
    await admin.removeBlob('data', 'c')
    assert.deepEqual(await admin.listBlobs('data'), ['a/b'])
    await admin.createContainer('more')
    assert.deepEqual(await admin.listContainers(), ['data', 'more'])
    await admin.removeContainer('more')
    assert.deepEqual(await admin.listContainers(), ['data'])
  })

  it('shows blocks that were never committed', async () => {
    const { admin } = azurite
    const blob = admin.service().getContainerClient('data').getBlockBlobClient('staged/x')
    await blob.stageBlock(Buffer.from('1').toString('base64'), 'block', 5)
    assert.deepEqual(await admin.listUncommitted('data'), ['staged/x'])
    assert.deepEqual(await admin.listUncommitted('data', 'a/'), [])
    assert.deepEqual(await admin.listBlobs('data', 'staged/'), [])
  })

  it('keeps its data while it is down, and takes another key', async () => {
    const { admin, endpoint, accountKey } = azurite
    await azurite.halt()
    await assert.rejects(admin.listContainers(), { code: 'ECONNREFUSED' })
    await azurite.start({ accountKey: newAccountKey() })
    assert.notEqual(azurite.accountKey, accountKey)
    assert.deepEqual([azurite.endpoint, await admin.readBlob('data', 'a/b')], [endpoint, 'héllo'])
    await assert.rejects(azurite.start(), /runs already/)
  })

  it('is another account each time, and leaves nothing', async () => {
    const other = await startAzurite()
    await other.stop()
    assert.notEqual(other.accountName, azurite.accountName)
    assert.notEqual(other.accountKey, azurite.accountKey)
    assert.equal(existsSync(other.dir), false)
  })
})
