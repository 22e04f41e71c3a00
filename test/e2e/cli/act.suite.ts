/** Commands that change something, and wait for what comes of it. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { ARTIFACT_STORES } from '../../../src/kube/resource.ts'
import { until } from '../../support/until.ts'
import type { Tenant } from '../../support/world.ts'
import { documented, ended, type Parts } from './parts.ts'

const NAME = 'act'

export function testActing({ world, cli }: Parts): void {
  describe('commands that act', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await world().tenant(NAME)
      await tenant.connector('minio')
      await tenant.store('one', { default: true })
      await tenant.store('two')
      await tenant.store('broken', { path: 's3://act-absent' })
      await tenant.storeReady('one')
      await tenant.storeReady('two')
    })
    const run = (line: string) => cli().run(`${line} -n ${NAME}`)
    const isDefault = async (name: string) => (await tenant.getStore(name)).spec.default ?? false

    test('verify waits for the answer, also where nothing has changed', async () => {
      const report = documented('verify', ended(await run('verify one -o json'), 0))
      assert.equal(report.results[0].result, 'Done')
      const { metadata, status } = await tenant.getStore('one')
      assert.equal(status?.lastHandledRequest, metadata.annotations?.['artifactstore.dev/requested-at'])
      const managers = (metadata as { managedFields?: { manager: string }[] }).managedFields ?? []
      assert.ok(managers.some(({ manager }) => manager === 'kubectl-artifactstore'))
      const { out } = ended(await run('verify store/one'), 0)
      assert.equal(
        out,
        'store act/one: verification asked for: Ready is True: Verified: bucket verified, credentials projected\n',
      )
      const again = await tenant.getStore('one')
      assert.notEqual(again.status?.lastHandledRequest, status?.lastHandledRequest)
    })

    test('verify of a connector waits for its answer', async () => {
      const { out } = ended(await run('verify connector/minio'), 0)
      assert.match(out, /^connector act\/minio: verification asked for: Ready is True: Authenticated: /)
    })

    test('verify says what is wrong, with exit code 1', async () => {
      const { out } = ended(await run('verify broken'), 1)
      assert.match(out, /^store act\/broken: verification asked for: Ready is False: BucketNotFound: /)
    })

    test('verify of a suspended store says how to resume it', async () => {
      await tenant.store('lonely', { path: `s3://${NAME}/lonely`, suspend: true })
      const { err } = ended(await run('verify lonely'), 2)
      assert.match(
        err,
        /ArtifactStore "act\/lonely" is suspended.*: run "kubectl artifactstore resume lonely -n act" first/,
      )
    })

    test('refresh issues new credentials for all stores of the connector, and waits for them', async () => {
      const before = await Promise.all(['one-step', 'two-step'].map(name => tenant.credentials(name)))
      const report = documented('refresh', ended(await run('refresh one --timeout 60s -o json'), 1))
      const results = Object.fromEntries(report.results.map(({ name, result }: never) => [name, result]))
      assert.deepEqual(results, { minio: 'Done', one: 'Done', two: 'Done', broken: 'Failed' })
      const said = report.results.find(({ name }: { name: string }) => name === 'broken').done
      assert.equal(said, 'no new credentials')
      for (const [at, name] of ['one-step', 'two-step'].entries()) {
        assert.notEqual((await tenant.credentials(name)).accessKeyId, before[at]?.accessKeyId)
      }
    })

    test('refresh issues new credentials each time, however soon it comes again', async () => {
      const keys = new Set<string | undefined>()
      for (const _ of [1, 2, 3]) {
        const { results } = documented('refresh', ended(await run('refresh one --timeout 20s -o json'), 1))
        assert.equal(results.find(({ name }: { name: string }) => name === 'one').result, 'Done')
        keys.add((await tenant.credentials('one-step')).accessKeyId)
      }
      assert.equal(keys.size, 3)
    })

    test('suspend and resume wait for the operator, and may be repeated', async () => {
      assert.match(ended(await run('suspend two'), 0).out, /^store act\/two: suspended: Ready is Unknown: Suspended: /)
      assert.match(ended(await run('suspend two'), 0).out, /^store act\/two: already suspended: /)
      assert.equal((await tenant.getStore('two')).spec.suspend, true)
      documented('resume', ended(await run('resume two -o json'), 0))
      assert.equal((await tenant.getStore('two')).spec.suspend, undefined)
      assert.match(ended(await run('resume two'), 0).out, /already resumed: Ready is True/)
      ended(await run('suspend connector/minio'), 0)
      ended(await run('resume connector/minio'), 0)
    })

    test('--no-wait does not wait', async () => {
      const report = documented('suspend', ended(await run('suspend two --no-wait -o json'), 0))
      assert.equal(report.results[0].result, 'NotAwaited')
      ended(await run('resume two'), 0)
    })

    test('make-default moves the default, and there are never two', async () => {
      const controller = new AbortController()
      const most = watchDefaults(tenant, controller.signal)
      const { out } = ended(await run('make-default two'), 0)
      assert.match(out, /^store act\/two: the default store of its namespace in place of one: Ready is True/)
      assert.deepEqual([await isDefault('one'), await isDefault('two')], [false, true])
      await until('the watch has seen it', async () => (await most()).has('two'))
      controller.abort()
      ended(await run('make-default one'), 0)
      assert.deepEqual([await isDefault('one'), await isDefault('two')], [true, false])
    })

    test('confirm-delete lets go what is refused a deletion, and says how to delete it', async () => {
      await tenant.store('kept', { path: `s3://${NAME}/kept`, deletionProtection: true })
      await tenant.storeReady('kept')
      const remove = () => world().client.delete(ARTIFACT_STORES, NAME, 'kept')
      await until('it is refused', () =>
        remove().then(
          () => false,
          error => /deletionProtection is set/.test(error.message),
        ),
      )
      const { out } = ended(await run('confirm-delete kept'), 0)
      const [, command = ''] = /^store act\/kept: deletion confirmed\n {2}(kubectl .*)\n$/.exec(out) ?? []
      assert.match(command, / delete artifactstore kept -n act$/)
      await remove()
    })

    test('confirm-delete waits for what was deleted already', async () => {
      await tenant.store('guarded', { path: `s3://${NAME}/guarded`, deletionProtection: true })
      await tenant.storeReady('guarded')
      await tenant.collect(ARTIFACT_STORES, 'guarded')
      const report = documented('confirm-delete', ended(await run('confirm-delete guarded -o json'), 0))
      assert.equal(report.results[0].detail, 'it is gone')
    })

    test('confirm-delete takes a connector, too', async () => {
      await tenant.connector('doomed')
      const { out } = ended(await run('confirm-delete connector/doomed'), 0)
      assert.equal(out, 'connector act/doomed: deletion confirmed\n  kubectl delete serviceconnector doomed -n act\n')
      const { metadata } = await tenant.getConnector('doomed')
      assert.equal(metadata.annotations?.['artifactstore.dev/confirm-delete'], 'doomed')
    })

    test('a wait ends with exit code 1 when its time is up', async () => {
      // The operator waits up to five minutes for what clouds make visible late, before the store is Stalled.
      const { out } = ended(await run('resume broken --timeout 1s'), 1)
      assert.match(out, /^store act\/broken: already resumed: (no result in time: |Ready is False: BucketNotFound)/)
    })
  })
}

/** Watches which stores are the default, and fails when two are. Returns those that have been. */
function watchDefaults(tenant: Tenant, signal: AbortSignal): () => Promise<Set<string>> {
  const seen = new Set<string>()
  const now = new Map<string, boolean>()
  let failed: unknown
  const watch = async () => {
    const { items, resourceVersion } = await tenant.world.client.list(ARTIFACT_STORES, tenant.name)
    for (const item of items)
      now.set(item.metadata.name, (item as { spec?: { default?: boolean } }).spec?.default === true)
    const options = { resourceVersion, timeoutSeconds: 60, idleTimeoutMs: 60_000, signal }
    for await (const { type, object } of tenant.world.client.watch(ARTIFACT_STORES, tenant.name, options)) {
      if (type === 'BOOKMARK') continue
      now.set(object.metadata.name, (object as { spec?: { default?: boolean } }).spec?.default === true)
      const defaults = [...now].filter(([, is]) => is).map(([name]) => name)
      assert.ok(defaults.length <= 1, `two defaults: ${defaults}`)
      for (const name of defaults) seen.add(name)
    }
  }
  watch().catch(error => {
    if (!signal.aborted) failed = error
  })
  return async () => {
    if (failed) throw failed
    return seen
  }
}
