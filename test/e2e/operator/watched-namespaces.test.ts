/** The operator limited to some namespaces, with Roles there and no ClusterRole, on real parts with an audit log. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { CredentialsEntry } from '../../../src/api/credentials-entry.ts'
import { FINALIZER, STORE_NAMESPACE_LABEL } from '../../../src/api/names.ts'
import type { KubeObject } from '../../../src/api/object.ts'
import { ARTIFACT_STORES, NAMESPACES, SECRETS } from '../../../src/kube/resource.ts'
import { type AuditedRequest, type AuditLog, createAuditLog } from '../../cluster/audit.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { inNamespace, withOverlay } from '../../support/limited-installation.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { messageOf, Tenant, World } from '../../support/world.ts'
import { twoInstallations } from './two-installations.suite.ts'

const SYSTEM = 'ops'
const OPERATOR = 'artifact-store-operator'
const WATCHED = ['alpha', 'beta']
const LATE = 'late'
/** With one that is not there when the operator starts. */
const FLAG = `--watch-namespaces=${[...WATCHED, LATE]}`
const SELECTOR = { matchLabels: { team: 'x' } }

let audit: AuditLog
let world: World
let operator: OperatorProcess
let a: Tenant
let b: Tenant
let outside: Tenant

before(async () => {
  audit = createAuditLog()
  world = await World.bare({ apiserverFlags: audit.flags })
  ;[a, b, outside] = await Promise.all([world.tenant('alpha'), world.tenant('beta'), world.tenant('outside')])
  await withOverlay({ namespace: SYSTEM, watched: WATCHED }, folder => world.install(folder))
  for (const tenant of [a, b, outside]) await tenant.connector('minio', {}, { allowedNamespaces: { from: 'All' } })
  operator = await world.startOperator(['--leader-elect=true', FLAG], inNamespace(SYSTEM))
})
after(async () => {
  await world?.stop()
  audit.remove()
})

const entry = (names: string[]): CredentialsEntry => ({ name: 'step', formats: ['AwsProfile'], namespaces: { names } })
const spread = (names: string[]) => ({ credentials: [entry(names)], allowedNamespaces: { from: 'All' as const } })

const requests = () => audit.requestsOf(SYSTEM, OPERATOR)
/** Requests that the Roles of these namespaces do not cover. */
const beyond = (namespaces: readonly string[]): AuditedRequest[] =>
  requests().filter(({ namespace }) => namespace === undefined || !namespaces.includes(namespace))

const readMetric = (namespace: string) => operator.metric('artifactstore_watched_namespace_read', { namespace })

test('stores of watched namespaces are Ready, and send Secrets to each other without a label', async () => {
  await a.store('models', spread(['alpha', 'beta']))
  await b.store('borrowed', { connectorRef: { name: 'minio', namespace: 'alpha' } })
  await Promise.all([
    a.storeReady('models'),
    b.storeReady('borrowed'),
    until('a Secret', () => b.getSecret('borrowed-step')),
  ])
  const keys = await Promise.all([a, b].map(async where => (await where.credentials('models-step')).accessKeyId))
  assert.equal(new Set(keys).size, 2)
})

test('a namespace that is not there yet holds up neither readiness nor the others, and the log says so once', async () => {
  assert.match(await operator.get('/readyz'), /^ok/)
  assert.deepEqual([await readMetric('alpha'), await readMetric('beta'), await readMetric(LATE)], [1, 1, 0])
  const refusals = operator.logs.filter(({ msg }) => msg.includes('gives the operator no rights'))
  assert.deepEqual(
    refusals.map(({ namespace }) => namespace),
    [LATE],
  )
  assert.match(String(refusals[0]?.['cure']), /kubectl create namespace late/)
})

describe('what needs labels of namespaces is refused by its field', () => {
  test('the namespaces of an entry', async () => {
    await a.store('selecting', {
      credentials: [{ name: 'step', formats: ['AwsProfile'], namespaces: { selector: SELECTOR } }],
    })
    const store = await a.storeCondition('selecting', 'Stalled', 'True', 'SelectorNotSupported')
    assert.match(messageOf(store), /^spec\.credentials\[step\]\.namespaces\.selector: .*--watch-namespaces: list them/)
  })

  test('the namespaces that a store allows', async () => {
    const allowedNamespaces = { from: 'Selector' as const, selector: SELECTOR }
    await a.store('allowing', { ...spread(['beta']), allowedNamespaces })
    const store = await a.storeCondition('allowing', 'Stalled', 'True', 'SelectorNotSupported')
    assert.match(messageOf(store), /^spec\.allowedNamespaces: .* use from: All/)
  })

  test('the namespaces that a connector allows', async () => {
    await a.connector('lending', {}, { allowedNamespaces: { from: 'Selector', selector: SELECTOR } })
    const connector = await a.connectorCondition('lending', 'Stalled', 'True', 'SelectorNotSupported')
    assert.match(messageOf(connector), /^spec\.allowedNamespaces: /)
    await b.store('borrowing', { connectorRef: { name: 'lending', namespace: 'alpha' } })
    await b.storeCondition('borrowing', 'Ready', 'False', 'ConnectorNotAllowed')
  })
})

test('a namespace that is not watched gets no Secret, and its connectors are not used', async () => {
  await a.store('leaving', spread(['alpha', 'outside']))
  const leaving = await a.storeCondition('leaving', 'CredentialsProjected', 'False', 'NamespaceNotWatched')
  assert.match(messageOf(leaving, 'CredentialsProjected'), /names: "outside": .*add it to --watch-namespaces/)
  await until('its own Secret', () => a.getSecret('leaving-step'))
  await a.store('elsewhere', { connectorRef: { name: 'minio', namespace: 'outside' } })
  await a.storeCondition('elsewhere', 'Ready', 'False', 'ConnectorNotAllowed')
})

test('a store of another namespace is untouched', async () => {
  await outside.store('models')
  // The operator has taken up what came later.
  await a.store('after')
  await a.storeReady('after')
  const { status, metadata } = await outside.getStore('models')
  // As the API server makes it.
  assert.deepEqual([status, metadata.finalizers], [{ observedGeneration: -1 }, undefined])
  const { items } = await world.client.list(SECRETS, 'outside')
  assert.deepEqual(items, [])
})

test('Secrets of a store that is deleted go from all watched namespaces', async () => {
  await a.store('short', spread(['alpha', 'beta']))
  await a.storeReady('short')
  await world.client.delete(ARTIFACT_STORES, 'alpha', 'short')
  await until('the Secret of the other namespace is gone', async () => !(await b.getSecret('short-step')))
  await until('the store is gone', () =>
    a.getStore('short').then(
      () => false,
      () => true,
    ),
  )
})

test('of all requests, none is for the cluster or another namespace, and none but of the absent one was refused', () => {
  assert.ok(requests().length > 50)
  assert.deepEqual(beyond([...WATCHED, LATE, SYSTEM]), [])
  assert.deepEqual(
    requests().filter(({ namespace, code }) => code === 403 && namespace !== LATE),
    [],
  )
  const told = operator.raw.filter(line => /\b403\b|forbidden/i.test(line) && !line.includes(`"namespace":"${LATE}"`))
  assert.deepEqual(told, [])
  const ofSystem = requests().filter(({ namespace }) => namespace === SYSTEM)
  assert.deepEqual([...new Set(ofSystem.map(({ resource }) => resource))].sort(), ['leases', 'secrets'])
  assert.deepEqual(
    [...new Set(ofSystem.flatMap(({ resource, name }) => (resource === 'secrets' ? (name ?? []) : [])))],
    ['artifact-store-operator-seal'],
  )
})

test('a namespace that comes later is taken in with its Roles, and gets the Secrets that wait for it', async () => {
  await a.store('waiting', spread(['alpha', LATE]))
  await a.storeCondition('waiting', 'CredentialsProjected', 'False', 'NamespaceNotFound')
  const late = await world.tenant(LATE)
  await withOverlay({ namespace: SYSTEM, watched: [...WATCHED, LATE] }, folder => world.install(folder))
  await late.connector('minio')
  await late.store('models')
  await until('the namespace is read', async () => (await readMetric(LATE)) === 1, { ms: 60_000 })
  await late.storeReady('models')
  await a.storeReady('waiting')
  await until('the Secret', () => late.getSecret('waiting-step'))
})

const REMAINING = 'NamespaceFinalizersRemaining'

interface Terminating extends KubeObject {
  status?: { conditions?: { type: string; status: string }[] }
}

/** Lets a store go as docs/namespaced-install.md has it. */
async function letGo(namespace: string, name: string): Promise<void> {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/namespaced-install.md'), 'utf8')
  const [, patch = ''] = /^ {4}kubectl patch artifactstore models -n ml --type=json -p '(.*)'$/m.exec(guide) ?? []
  const args = ['patch', 'artifactstore', name, '-n', namespace, '--type=json', '-p', patch]
  // The operator may have let it go meanwhile.
  await kubectl(world.controlPlane, args).catch(error => assert.match(`${error}`, /\(NotFound\)/))
}

test('a namespace that is deleted holds up no other, and goes when an administrator lets its stores go', async () => {
  const doomed = new Tenant(world, LATE)
  await doomed.store('spread', spread([LATE, 'alpha']))
  assert.deepEqual((await doomed.storeReady('spread')).metadata.finalizers, [FINALIZER])
  const before = await a.getSecret('models-step')
  await world.client.delete(NAMESPACES, undefined, LATE)
  const deletion = async () => {
    const query = { fieldSelector: `metadata.name=${LATE}` }
    const { items } = await world.client.list<Terminating>(NAMESPACES, undefined, query)
    const waits = items[0]?.status?.conditions?.some(({ type, status }) => type === REMAINING && status === 'True')
    return items.length === 0 ? 'gone' : waits && 'stuck'
  }
  // The controller of namespaces looks again after some seconds, and each time waits longer.
  if ((await until('the namespace is gone or stuck', deletion, { ms: 120_000 })) === 'stuck')
    await letGo(LATE, 'spread')
  await until('the namespace is gone', async () => (await deletion()) === 'gone', { ms: 120_000 })
  await world.client.delete(SECRETS, 'alpha', 'models-step')
  await until('a Secret of another namespace is made anew', async () => {
    const now = await a.getSecret('models-step')
    return now && now.metadata.uid !== before?.metadata.uid
  })
  assert.match(await operator.get('/readyz'), /^ok/)
  assert.deepEqual(beyond([...WATCHED, LATE, SYSTEM]), [])
})

test('Secrets of stores in a namespace that is watched no longer stay, and nothing asks for those stores', async () => {
  await b.store('gone')
  await b.storeReady('gone')
  const secretsOfA = async () => {
    const { items } = await world.client.list(SECRETS, 'beta')
    const made = items.filter(({ metadata }) => metadata.labels?.[STORE_NAMESPACE_LABEL] === 'alpha')
    return made.map(({ metadata: { name, resourceVersion } }) => `${name} ${resourceVersion}`)
  }
  await operator.stop()
  // An orphan that the next operator must collect, at the same time as it would collect the others.
  await world.client.jsonPatch(SECRETS, { namespace: 'beta', name: 'gone-step' }, [
    { op: 'remove', path: '/metadata/ownerReferences' },
  ])
  await world.client.delete(ARTIFACT_STORES, 'beta', 'gone')
  const [before, known] = [await secretsOfA(), requests().length]
  assert.ok(before.length > 0)
  operator = await world.startOperator(['--leader-elect=true', '--watch-namespaces=beta'], inNamespace(SYSTEM))
  await until('the orphan is collected', async () => !(await b.getSecret('gone-step')))
  assert.deepEqual(await secretsOfA(), before)
  assert.deepEqual(
    requests()
      .slice(known)
      .filter(({ namespace }) => namespace !== 'beta' && namespace !== SYSTEM),
    [],
  )
})

describe('two operators in one cluster', () => {
  before(() => operator.stop())
  twoInstallations(() => ({ world, audit }))
})
