/** Two operators in one cluster, each limited to namespaces of its own: what one has, the other does not touch. */
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { CredentialsEntry } from '../../../src/api/credentials-entry.ts'
import { FINALIZER, SEAL_ANNOTATION, SEAL_SECRET, STORE_NAMESPACE_LABEL } from '../../../src/api/names.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import { ARTIFACT_STORES, LEASES, SECRETS } from '../../../src/kube/resource.ts'
import type { AuditLog } from '../../cluster/audit.ts'
import { inNamespace, withOverlay } from '../../support/limited-installation.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import type { Tenant, World } from '../../support/world.ts'

const OPERATOR = 'artifact-store-operator'
const ONE = { namespace: 'ops-one', watched: ['one', 'handed-over'] }
const TWO = { namespace: 'ops-two', watched: ['two', 'two-more'] }

const entry = (names: string[]): CredentialsEntry => ({ name: 'step', formats: ['AwsProfile'], namespaces: { names } })
const spread = (names: string[]) => ({ credentials: [entry(names)], allowedNamespaces: { from: 'All' as const } })

/** `parts`: a cluster without other operators at work, and the log of what its API server is asked. */
export function twoInstallations(parts: () => { world: World; audit: AuditLog }): void {
  let world: World
  let audit: AuditLog
  const operators = new Map<string, OperatorProcess>()
  const tenants = new Map<string, Tenant>()
  const operatorIn = (namespace: string) => operators.get(namespace) ?? assert.fail(namespace)
  const tenant = (name: string) => tenants.get(name) ?? assert.fail(name)
  const start = async ({ namespace, watched }: typeof ONE) => {
    const flags = ['--leader-elect=true', `--watch-namespaces=${watched}`]
    operators.set(namespace, await world.startOperator(flags, inNamespace(namespace)))
  }

  /** Namespaces in which an operator has asked for anything. */
  const touchedBy = (namespace: string): string[] =>
    [...new Set(audit.requestsOf(namespace, OPERATOR).map(request => request.namespace ?? 'the cluster'))].sort()

  before(async () => {
    ;({ world, audit } = parts())
    for (const name of [...ONE.watched, ...TWO.watched]) tenants.set(name, await world.tenant(name))
    for (const installation of [ONE, TWO]) await withOverlay(installation, folder => world.install(folder))
    for (const each of tenants.values()) await each.connector('minio')
    await Promise.all([ONE, TWO].map(start))
  })

  test('lead at the same time, each by a Lease and with a key of its own', async () => {
    await Promise.all([...operators.values()].map(operator => operator.leads()))
    const [leases, keys] = await Promise.all(
      [LEASES, SECRETS].map(resource =>
        Promise.all(
          [ONE, TWO].map(({ namespace }) =>
            world.client.get<KubeObject & { data?: { key: string } }>(
              ...([resource, namespace, resource === LEASES ? OPERATOR : SEAL_SECRET] as const),
            ),
          ),
        ),
      ),
    )
    assert.equal(leases?.length, 2)
    assert.equal(new Set(keys?.map(({ data }) => data?.key)).size, 2)
  })

  test('make Secrets, finalizers and events of their own stores only', async () => {
    await tenant('one').store('models', spread(['one', 'handed-over']))
    await tenant('two').store('models', spread(['two', 'two-more']))
    for (const name of ['one', 'two']) {
      const { metadata } = await tenant(name).storeReady('models')
      assert.deepEqual(metadata.finalizers, [FINALIZER])
    }
    // Only what is wrong with a store has an event.
    const selector = { matchLabels: { team: 'x' } }
    const credentials = [{ name: 'step', formats: ['Env' as const], namespaces: { selector } }]
    for (const name of ['one', 'two']) {
      await tenant(name).store('selecting', { credentials })
      await until('its event', async () => (await tenant(name).events('selecting')).length > 0)
    }
    assert.deepEqual(touchedBy(ONE.namespace), [...ONE.watched, ONE.namespace].sort())
    assert.deepEqual(touchedBy(TWO.namespace), [...TWO.watched, TWO.namespace].sort())
  })

  test('write nothing more once all is well, as two that share Secrets would', async () => {
    const secrets = async () => {
      const { items } = await world.client.list(SECRETS, undefined, { labelSelector: STORE_NAMESPACE_LABEL })
      return items
        .filter(({ metadata }) => tenants.has(metadata.namespace ?? ''))
        .map(({ metadata: { namespace, name, resourceVersion } }) => [namespace, name, resourceVersion])
    }
    const before = await secrets()
    assert.equal(before.length, 4)
    // Each looks at its stores again when it starts.
    for (const installation of [ONE, TWO]) {
      await operatorIn(installation.namespace).stop()
      await start(installation)
      await operatorIn(installation.namespace).leads()
    }
    for (const name of ['one', 'two']) {
      await tenant(name).store('next')
      await tenant(name).storeReady('next')
    }
    assert.deepEqual(
      (await secrets()).filter(([, name]) => name === 'models-step'),
      before,
    )
  })

  test('leave alone what the other has left in a namespace that is handed over', async () => {
    const [from, to] = [
      { ...ONE, watched: ['one'] },
      { ...TWO, watched: [...TWO.watched, 'handed-over'] },
    ]
    const left = await tenant('handed-over').getSecret('models-step')
    assert.ok(left?.metadata.annotations?.[SEAL_ANNOTATION])
    // A store of the second one is forced away, so that it has an orphan to collect beside the Secret of the first one.
    await operatorIn(TWO.namespace).stop()
    await world.client.delete(ARTIFACT_STORES, 'two', 'models')
    await world.client.jsonPatch(ARTIFACT_STORES, { namespace: 'two', name: 'models' }, [
      { op: 'remove', path: '/metadata/finalizers' },
    ])
    await operatorIn(ONE.namespace).stop()
    for (const installation of [from, to]) {
      await withOverlay(installation, folder => world.install(folder))
      await start(installation)
    }
    await until('the orphan is collected', async () => !(await tenant('two-more').getSecret('models-step')))
    await tenant('handed-over').store('new')
    await tenant('handed-over').storeReady('new')
    const now = await tenant('handed-over').getSecret('models-step')
    assert.deepEqual(
      [now?.metadata.uid, now?.metadata.resourceVersion],
      [left.metadata.uid, left.metadata.resourceVersion],
    )
  })

  test('ask for nothing in a namespace that is the other’s now', async () => {
    const known = audit.requestsOf(ONE.namespace, OPERATOR).length
    await tenant('one').store('last')
    await tenant('one').storeReady('last')
    const since = audit.requestsOf(ONE.namespace, OPERATOR).slice(known)
    assert.deepEqual(
      since.filter(({ namespace }) => namespace === 'handed-over'),
      [],
    )
    assert.deepEqual(
      audit.requestsOf(TWO.namespace, OPERATOR).filter(({ namespace }) => namespace === 'one'),
      [],
    )
  })
}
