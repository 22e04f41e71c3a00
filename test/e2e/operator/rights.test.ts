/** The rights that deploy/ gives to the operator, on real parts: it uses every one, so without it something fails. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { RECIPIENT_LABEL, REQUESTED_AT_ANNOTATION } from '../../../src/api/names.ts'
import { ARTIFACT_STORES, CONFIG_MAPS, NAMESPACES, SERVICE_CONNECTORS } from '../../../src/kube/resource.ts'
import { leavesOwners } from '../../../src/kube/status-put.ts'
import { annotatesAt } from '../../support/at-request.ts'
import type { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { Tenant, World } from '../../support/world.ts'

const ROLES = join(import.meta.dirname, '../../../deploy/operator-role.yaml')

interface Role {
  kind: string
  rules?: { resources: string[]; verbs: string[] }[]
}

/** `verb resource` of each right. */
const rights = parseAllDocuments(readFileSync(ROLES, 'utf8'))
  .flatMap(document => (document.toJS() as Role).rules ?? [])
  .flatMap(({ resources, verbs }) => resources.flatMap(resource => verbs.map(verb => `${verb} ${resource}`)))

let world: World
before(async () => {
  world = await World.start()
})
after(() => world.stop())

/** `verb resource` of each request that the API server allowed. What is not there, or has changed, was allowed, too. */
async function allowed(operator: OperatorProcess): Promise<string[]> {
  const samples = (await operator.get('/metrics')).matchAll(
    /^artifactstore_kube_requests_total\{verb="(\w+)",resource="([^"]+)",code="(?:2\d\d|404|409)"\}/gm,
  )
  return [...samples].map(([, verb, resource]) => `${verb === 'apply' ? 'patch' : verb} ${resource}`)
}

test('the operator uses every right that it has', async () => {
  // A status whose object has changed is written by a patch.
  const objects = ['--all', '--namespace=home', 'artifactstores,serviceconnectors']
  const first = await world.startOperator(
    ['--leader-elect=true'],
    annotatesAt('PUT', '/namespaces/home/(artifactstores|serviceconnectors)/[^/]+/status', objects, world.controlPlane),
  )
  const home = await world.tenant('home')
  const away = new Tenant(world, 'away')
  const labels = { [RECIPIENT_LABEL]: 'true' }
  await world.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'away', labels } })
  await home.connector('minio')
  await home.store('models', {
    credentials: [{ name: 'step', formats: ['AwsProfile'], namespaces: { names: ['home', 'away'] } }],
    allowedNamespaces: { from: 'All' },
  })
  await home.storeReady('models')
  const before = await home.getSecret('models-step')
  await world.client.jsonPatch(SERVICE_CONNECTORS, { namespace: home.name, name: 'minio' }, [
    { op: 'add', path: '/metadata/annotations', value: { [REQUESTED_AT_ANNOTATION]: 'now' } },
  ])
  await until('credentials made anew', async () => {
    const now = await home.getSecret('models-step')
    return now?.metadata.resourceVersion !== before?.metadata.resourceVersion
  })
  // The caches don't have what lacks the label, and what is not there.
  await home.secret('unlabelled', { aws_access_key_id: 'a', aws_secret_access_key: 's' }, false)
  await home.keyConnector('unlabelled', 'unlabelled')
  await home.connectorCondition('unlabelled', 'Stalled', 'True', 'SecretNotLabelled')
  await home.create(CONFIG_MAPS, 'unlabelled', { data: {} })
  await home.connector('other-ca', { caBundle: { configMapKeyRef: { name: 'unlabelled' } } })
  await home.connectorCondition('other-ca', 'Stalled', 'True', 'ConfigMapNotLabelled')
  await home.connector('nobody', { auth: { webIdentity: { serviceAccountName: 'absent' } } })
  await home.connectorCondition('nobody', 'Ready', 'False', 'ServiceAccountNotFound')
  const used = await allowed(first)
  await first.stop()

  // The store is forced away, and the next operator removes what it left.
  await world.client.delete(ARTIFACT_STORES, home.name, 'models')
  await world.client.jsonPatch(ARTIFACT_STORES, { namespace: home.name, name: 'models' }, [
    { op: 'remove', path: '/metadata/finalizers' },
  ])
  const second = await world.startOperator(['--leader-elect=true'])
  await until('the Secret is gone', async () => (await away.getSecret('models-step')) === undefined)
  assert.ok(rights.length > 20)
  // Which way a status is written depends on the version of Kubernetes.
  const spare = (await leavesOwners(world.client))
    ? []
    : ['update serviceconnectors/status', 'update artifactstores/status']
  const unused = async () => {
    const all = new Set([...used, ...(await allowed(second))])
    return rights.filter(right => !all.has(right))
  }
  // An answer is counted after others can see what was done.
  await until('all others are used', async () => isDeepStrictEqual(await unused(), spare), { last: unused })
})
