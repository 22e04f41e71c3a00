/** Suite: services of Azure that fail, hang, or change their keys. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { findCondition, READY } from '../../../src/api/conditions.ts'
import { ARTIFACT_STORES, NAMESPACES, SECRETS } from '../../../src/kube/resource.ts'
import { newAccountKey } from '../../cluster/azurite.ts'
import { storageError } from '../../cluster/blob-gateway.ts'
import { messageOf } from '../../support/namespace.ts'
import { until } from '../../support/until.ts'
import type { SharedAzureWorld } from './shared-azure-world.ts'

/** More stores than are reconciled at a time if all of them wait for the same endpoint. */
const SICK = 32

export function outages(world: () => SharedAzureWorld): void {
  test('says what trouble a storage account has, and Ready holds', async () => {
    const { storage } = world().azure
    const tenant = await world().tenant('outage')
    await tenant.connector('azure')
    await tenant.store('models')
    await tenant.storeReady('models')
    storage.fail(storageError(503, 'ServerBusy', 'The server is busy.'))
    try {
      await world().lookAgain(ARTIFACT_STORES, tenant, 'models')
      const store = await tenant.storeCondition('models', 'Reconciling', 'True')
      assert.equal(findCondition(store.status?.conditions, READY)?.status, 'True')
      assert.match(messageOf(store, 'Reconciling'), /asks for fewer requests \(ServerBusy\)/)
    } finally {
      storage.recover()
    }
    await until('the store is calm', async () => {
      const { status } = await tenant.getStore('models')
      return !findCondition(status?.conditions, 'Reconciling')
    })
  })

  test('says that the account key is another, until the Secret has it', async () => {
    const { azurite } = world().azure
    const tenant = await world().tenant('rekeyed')
    const secret = { account_name: azurite.accountName, account_key: azurite.accountKey }
    await world().secret(tenant, 'account', secret)
    await tenant.connector('azure', { auth: { accountKey: { secretName: 'account' } } })
    await tenant.store('models')
    await tenant.storeReady('models')
    const before = await world().adlfs(tenant, 'models-step')
    assert.deepEqual(await before.ask('put rekeyed/a hello'), { ok: 'written' })
    // From now on nothing but the refusal wakes the connector.
    await until('it has counted its store', async () => (await tenant.getConnector('azure')).status?.stores === 1)

    const accountKey = newAccountKey()
    world().secrets.add(accountKey)
    await azurite.halt()
    await azurite.start({ accountKey })
    assert.deepEqual(await before.ask('get rekeyed/a'), { refused: 'AuthenticationFailed' })
    await world().lookAgain(ARTIFACT_STORES, tenant, 'models')
    const rejected = await tenant.connectorCondition('azure', 'Ready', 'False', 'CredentialsRejected')
    assert.match(
      messageOf(rejected),
      /the account key in Secret "rekeyed\/account": check that it is a key of the account/,
    )

    await world().client.jsonPatch(SECRETS, { namespace: 'rekeyed', name: 'account' }, [
      { op: 'replace', path: '/data/account_key', value: Buffer.from(accountKey).toString('base64') },
    ])
    await tenant.connectorReady('azure')
    await tenant.storeReady('models')
    const after = await world().adlfs(tenant, 'models-step')
    assert.deepEqual(await after.ask('get rekeyed/a'), { ok: 'hello' })
  })

  test('serves other stores of the account while an Entra never answers', async () => {
    const [sick, well] = [await world().tenant('sick'), await world().tenant('well')]
    const hole = await startHole()
    try {
      const numbers = Array.from({ length: SICK }, (_, index) => index)
      const sicken = async (n: number) => {
        await sick.connector(`azure-${n}`, { authorityHost: hole.url })
        await sick.store(`store-${n}`, { connectorRef: { name: `azure-${n}` } })
      }
      await Promise.all(numbers.map(sicken))
      const waiting = () => world().operator.metric('artifactstore_workqueue_depth', { controller: 'artifactstore' })
      await until('as many stores are held as may', async () => hole.calls.length >= SICK / 2 && (await waiting()) > 0)
      await well.connector('azure')
      await well.store('models')
      await well.storeReady('models')
      const ended = hole.calls.filter(({ destroyed }) => destroyed)
      assert.deepEqual(ended, [], 'it waited for calls that hang')
    } finally {
      await hole.close()
      await world().client.delete(NAMESPACES, undefined, 'sick')
    }
  })
}

/** Starts a server that accepts connections and never answers. */
async function startHole(): Promise<{ url: string; calls: readonly Socket[]; close(): Promise<void> }> {
  const calls: Socket[] = []
  const server = createServer(socket => calls.push(socket.on('error', () => undefined).resume()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const call of calls) call.destroy()
      await closed
    },
  }
}
