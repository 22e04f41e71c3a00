/** The whole operator at Azure: from a connector to SAS tokens that adlfs works with. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ARTIFACT_STORES, SECRETS } from '../../../src/kube/resource.ts'
import type { SecretObject } from '../../support/namespace.ts'
import { clockOff } from '../../support/preload.ts'
import { until } from '../../support/until.ts'
import { identities } from './azure-identities.suite.ts'
import { outages } from './azure-outages.suite.ts'
import { recoveries } from './azure-recoveries.suite.ts'
import { stores } from './azure-stores.suite.ts'
import { SharedAzureWorld } from './shared-azure-world.ts'

const MINUTE = 60_000

// Skipped on an existing cluster, whose issuer may not be open to everyone.
describe('the operator at Azure', { skip: process.env['USE_EXISTING_CLUSTER'] === 'true' }, () => {
  let world: SharedAzureWorld
  before(async () => {
    world = await SharedAzureWorld.start()
  })
  after(() => world?.stop())

  identities(() => world)
  stores(() => world)
  recoveries(() => world)
  outages(() => world)

  test('replaces what ends in time, and at a restart nothing else', async () => {
    const tenant = await world.tenant('restarts')
    await tenant.connector('azure')
    await tenant.store('models', {
      credentials: [
        { name: 'step', formats: ['Env'] },
        { name: 'short', formats: ['Env'], duration: '15m' },
      ],
    })
    await tenant.storeReady('models')
    const signature = async (name: string) => (await tenant.sas(`models-${name}`)).get('sig')
    const [step, short] = [await signature('step'), await signature('short')]
    const grants = () => world.operator.metric('artifactstore_secret_writes_total')

    await world.restartOperator()
    await until('the store was looked at', () => world.operator.metric('artifactstore_reconcile_total'))
    await tenant.storeReady('models')
    assert.equal(await grants(), 0)
    assert.deepEqual([await signature('step'), await signature('short')], [step, short])

    // The time is more than half of 15 minutes and less than half of an hour.
    await world.restartOperator(clockOff(9 * MINUTE))
    await until('the short one is replaced', async () => (await signature('short')) !== short)
    assert.equal(await signature('step'), step)
    const adlfs = await world.adlfs(tenant, 'models-short')
    assert.deepEqual(await adlfs.ask('put restarts/models/a hello'), { ok: 'written' })
    await tenant.storeReady('models')
  })

  test('replaces Entra tokens that end soon while they work', async () => {
    const { entra } = world.azure
    const tenant = await world.tenant('tokens')
    const { clientId } = tenant.app
    const tokens = () => entra.requests.filter(({ form }) => form.get('client_id') === clientId).length
    entra.setTokenLifetime(60)
    try {
      await tenant.connector('azure')
      await tenant.store('models')
      await tenant.storeReady('models')
      await until('a fourth token is asked for', async () => {
        await world.lookAgain(ARTIFACT_STORES, tenant, 'models')
        return tokens() >= 4
      })
      await tenant.storeReady('models')
    } finally {
      entra.setTokenLifetime(3600)
    }
    const warnings = (await tenant.events('models')).filter(({ type }) => type === 'Warning')
    // SAS tokens open the whole container of this account.
    assert.deepEqual(
      warnings.map(({ reason }) => reason),
      ['NotIsolated'],
    )
  })

  test('has shown no secret in status, events, logs or metrics', async () => {
    const { items } = await world.client.list<SecretObject>(SECRETS, undefined, {
      labelSelector: 'app.kubernetes.io/managed-by=artifact-store-operator',
    })
    const signatures = items.flatMap(({ data }) => {
      const sas = Buffer.from(data['AZURE_STORAGE_SAS_TOKEN'] ?? '', 'base64').toString()
      return new URLSearchParams(sas).get('sig') ?? []
    })
    assert.ok(signatures.length > 10 && world.secrets.size >= 8)
    const all = [...world.secrets, ...signatures]
    const forms = all.flatMap(secret => [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
    const lines = await world.readable()
    // These known texts prove that the right lines are searched.
    for (const known of ['FederatedCredentialMismatch', 'artifactstore_secret_writes_total', '"msg":"started"']) {
      assert.ok(
        lines.some(line => line.includes(known)),
        known,
      )
    }
    for (const line of lines) {
      assert.equal(
        forms.find(form => line.includes(form)),
        undefined,
        line,
      )
      assert.doesNotMatch(line, /eyJ[A-Za-z0-9_-]{20,}|\bsig=(?!\[REDACTED\])/)
    }
  })
})
