/**
 * Rotations of 15-minute sessions in fast time: consumers never read credentials that have ended or are torn. Then an
 * STS that fails for the whole life of credentials. `npm run soak` makes a thousand rotations of many more Secrets, half
 * an hour in the time of this machine, with connectors that have no key.
 */
import assert from 'node:assert/strict'
import https from 'node:https'
import { after, before, describe, test } from 'node:test'
import { S3 } from '@aws-sdk/client-s3'
import type { CredentialsEntry } from '../../../src/api/artifact-store.ts'
import { findCondition } from '../../../src/api/conditions.ts'
import { type FaultProxy, isOfSts, startFaultProxy } from '../../cluster/fault-proxy.ts'
import { FastTime } from '../../support/fast-time.ts'
import { until } from '../../support/until.ts'
import { messageOf, type Tenant, World } from '../../support/world.ts'
import { type Found, PollingConsumer } from './polling-consumer.ts'
import { settingsOf } from './world.ts'

const SPEED = Number(process.env['ROTATION_SPEED'] ?? 20)
const SOAK = SPEED === 1
const MINUTE = 60_000
/** The shortest life that STS gives, in ms of fast time. */
const LIFE_MS = 15 * MINUTE
/** Stores, and Secrets of each. */
const COUNT = SOAK ? 16 : 4
const ROTATIONS_OF_EACH = 2
const ROTATIONS = SOAK ? 1_000 : COUNT ** 2 * ROTATIONS_OF_EACH
const ENTRIES: CredentialsEntry[] = Array.from({ length: COUNT }, (_, index) => ({
  ...{ name: `step-${index}`, duration: '15m', formats: ['AwsProfile', 'Keys', 'ArgoWorkflows'] },
  ...{ keys: { key: 'accessKeyId', secret: 'secretAccessKey', session: 'sessionToken' } },
}))
/** A deadline of one life in this machine's time, and as much again in case the machine is busy. */
const ONE_LIFE = { ms: (2 * LIFE_MS) / SPEED }

describe('credentials that live for 15 minutes', { concurrency: 2 }, () => {
  const time = new FastTime(SPEED)
  let world: World
  const proxies: FaultProxy[] = []
  before(async () => {
    world = await World.start()
    await world.startOperator(['--leader-elect=false'], time.program())
  })
  after(async () => {
    for (const proxy of proxies) await proxy.close()
    await world?.stop()
  })

  /** A tenant with the connector `minio`, whose STS gives sessions that live as long in fast time. */
  async function tenantOf(name: string): Promise<{ tenant: Tenant; proxy: FaultProxy }> {
    const [tenant, proxy] = await Promise.all([world.tenant(name), startFaultProxy(world.minio)])
    proxies.push(proxy)
    proxy.editSts = answer =>
      answer.replace(/(?<=<Expiration>)[^<]+/g, text => time.endOf(new Date(text)).toISOString())
    await tenant.user('user', 'readwrite')
    await tenant.connector('minio', { auth: { accessKey: { secretName: 'user' } }, endpoint: proxy.endpoint })
    return { tenant, proxy }
  }

  test('are replaced again and again, and never read as ended, torn or useless', async t => {
    const name = 'rotated'
    const { tenant } = SOAK ? { tenant: await world.tenant(name) } : await tenantOf(name)
    if (SOAK) await tenant.connector('minio', {}, { sessionDuration: '15m' })
    const agent = new https.Agent({ ca: world.minio.caPem, keepAlive: true })
    const use = async (secret: string, credentials: Found) => {
      const s3 = new S3({ ...settingsOf(world.minio, agent, credentials), forcePathStyle: true })
      await s3.listObjectsV2({ Bucket: name, Prefix: `${secret.replace(/-step-\d+$/, '')}/` })
    }
    // One after the other, so that their refreshes are not all due at once.
    const stores = Array.from({ length: COUNT }, (_, index) => `store-${index}`)
    await using consumer = new PollingConsumer(tenant, { time, use })
    for (const store of stores) {
      await tenant.store(store, { credentials: ENTRIES })
      await tenant.storeReady(store)
    }
    const ready = await Promise.all(stores.map(store => tenant.getStore(store)))

    const rotated = () => consumer.rotations >= ROTATIONS && consumer.fewest >= ROTATIONS_OF_EACH
    await until('enough rotations', () => consumer.errors.length > 0 || rotated(), {
      ms: 10 * ONE_LIFE.ms,
      last: () => ({ rotations: consumer.rotations, fewest: consumer.fewest }),
    })
    assert.deepEqual(consumer.errors, [])
    const minutesLeft = (consumer.leastLeft / MINUTE).toFixed(1)
    t.diagnostic(`${consumer.rotations} rotations, ${consumer.polls} polls, at least ${minutesLeft} min left`)

    const since = (store: (typeof ready)[number]) => findCondition(store.status?.conditions, 'Ready')
    const now = await Promise.all(stores.map(store => tenant.getStore(store)))
    assert.deepEqual(now.map(since), ready.map(since), 'Ready never flaps')
    const events = await tenant.events()
    assert.deepEqual(
      events.filter(({ type }) => type === 'Warning').map(({ note }) => note),
      [],
    )
    agent.destroy()
  })

  test('stay until they end when their refresh fails; people are warned in time, and again told at the end', {
    skip: SOAK,
  }, async () => {
    const { tenant, proxy } = await tenantOf('failing')
    await tenant.store('models', { credentials: [{ name: 'step', duration: '15m', formats: ['AwsProfile'] }] })
    await tenant.storeReady('models')
    const { accessKeyId, expiration } = await tenant.credentials('models-step')
    proxy.fault = request => (isOfSts(request) ? { status: 503, code: 'ServiceUnavailable' } : undefined)

    const projected = (reason: string) => async () => {
      const store = await tenant.getStore('models')
      return findCondition(store.status?.conditions, 'CredentialsProjected')?.reason === reason && store
    }
    const failing = await until('the refresh fails', projected('RefreshFailing'), ONE_LIFE)
    assert.equal(findCondition(failing.status?.conditions, 'Ready')?.status, 'True')
    const ending = await until('people are warned', projected('CredentialsEnding'), ONE_LIFE)
    assert.ok(time.now() < expiration.getTime(), 'before it is too late')
    assert.equal(findCondition(ending.status?.conditions, 'Ready')?.status, 'True')
    assert.match(messageOf(ending, 'CredentialsProjected'), /their refresh fails/)
    assert.equal((await tenant.credentials('models-step')).accessKeyId, accessKeyId, 'the old ones stay')

    const ended = await until(
      'the store is not Ready',
      async () => {
        const store = await tenant.getStore('models')
        return findCondition(store.status?.conditions, 'Ready')?.status === 'False' && store
      },
      ONE_LIFE,
    )
    assert.ok(time.now() >= expiration.getTime(), 'not before they end')
    assert.deepEqual(ended.status?.credentials ?? [], [])
    const warnings = (await tenant.events('models')).filter(({ type }) => type === 'Warning')
    assert.ok(warnings.some(({ reason }) => reason === 'CredentialsEnding'))

    proxy.fault = () => undefined
    await until('new ones', async () => (await tenant.credentials('models-step')).accessKeyId !== accessKeyId, ONE_LIFE)
    await tenant.storeReady('models')
  })
})
