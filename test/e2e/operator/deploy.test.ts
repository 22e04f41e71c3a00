/** deploy/ on a real API server: it installs, and the operator may do what it needs and nothing more. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parseConfig } from '../../../src/config.ts'
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts'
import { type Answer, type Caller, createCaller } from '../../cluster/https.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { OperatorProcess } from '../../support/operator-process.ts'
import { until } from '../../support/until.ts'
import { admission, type Fenced } from './admission.suite.ts'
import { drift } from './drift.suite.ts'
import { SERVER_DRY_RUN, samples } from './samples.suite.ts'

const root = join(import.meta.dirname, '../../..')
const SYSTEM = 'artifact-store-system'
const OPERATOR = 'artifact-store-operator'
const TENANT = 'ml'

interface Applied {
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  spec: { template: { spec: { containers: { args?: string[] }[] } } }
}

let controlPlane: ControlPlane
let anonymous: Caller
let operatorToken: string

/** Sends a request as the administrator, which must succeed. */
async function admin(method: string, path: string, body?: object): Promise<Answer['json']> {
  const answer = await controlPlane.request(method, path, body)
  assert.ok(answer.status < 300, answer.text)
  return answer.json
}

const operator: Fenced['operator'] = (method, path, body, headers = {}) =>
  anonymous.request(method, path, body, { authorization: `Bearer ${operatorToken}`, ...headers })

before(async () => {
  controlPlane = await startControlPlane()
  anonymous = createCaller(controlPlane.server, { ca: controlPlane.caPem })
  await kubectl(controlPlane, ['apply', '--server-side', '-k', join(root, 'deploy')])
  await kubectl(controlPlane, ['wait', '--for=condition=Established', 'crd', '--all'])
  await admin('POST', '/api/v1/namespaces', { metadata: { name: TENANT } })
  const path = `/api/v1/namespaces/${SYSTEM}/serviceaccounts/${OPERATOR}/token`
  operatorToken = (await admin('POST', path, {})).status.token
})

after(async () => {
  anonymous?.close()
  await controlPlane?.stop()
})

describe('rights of the operator', () => {
  type Right = [verb: string, resource: string, namespace?: string, name?: string]
  const check = async ([verb, resource, namespace, name]: Right): Promise<boolean> => {
    const [, group = '', plural, subresource] = /^(?:(.+)\/\/)?([^/]+)(?:\/(.+))?$/.exec(resource) ?? []
    const resourceAttributes = { verb, group, resource: plural, subresource, namespace, name }
    const review = { spec: { resourceAttributes } }
    const { json } = await operator('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)
    return json.status.allowed
  }

  const needed: Right[] = [
    ...['artifactstore.dev//artifactstores', 'artifactstore.dev//serviceconnectors'].flatMap((kind): Right[] => [
      ...['list', 'watch'].map((verb): Right => [verb, kind]),
      ['update', `${kind}/status`],
      // Before Kubernetes 1.36, and where something else than its conditions has changed since.
      ['patch', `${kind}/status`],
    ]),
    ['get', 'artifactstore.dev//artifactstores'],
    // Its finalizer.
    ['patch', 'artifactstore.dev//artifactstores'],
    ['list', 'namespaces'],
    ['watch', 'namespaces'],
    ...['secrets', 'configmaps', 'serviceaccounts'].flatMap(kind =>
      ['get', 'list', 'watch'].map((verb): Right => [verb, kind]),
    ),
    ...['create', 'patch', 'delete'].map((verb): Right => [verb, 'secrets']),
    ['create', 'serviceaccounts/token'],
    ['create', 'events.k8s.io//events'],
    ['create', 'coordination.k8s.io//leases', SYSTEM],
    ...['get', 'update'].map((verb): Right => [verb, 'coordination.k8s.io//leases', SYSTEM, OPERATOR]),
  ]
  for (const right of needed) test(`has: ${right.join(' ')}`, async () => assert.equal(await check(right), true))

  const absent: Right[] = [
    ['list', 'pods'],
    ['create', 'pods', SYSTEM],
    ['create', 'pods/exec'],
    ['get', 'nodes'],
    ['update', 'secrets'],
    ['deletecollection', 'secrets'],
    ['create', 'configmaps'],
    ['patch', 'serviceaccounts'],
    ['impersonate', 'serviceaccounts'],
    ['impersonate', 'users'],
    ['patch', 'artifactstore.dev//serviceconnectors'],
    ['delete', 'artifactstore.dev//artifactstores'],
    ['create', 'artifactstore.dev//serviceconnectors'],
    ['get', 'artifactstore.dev//serviceconnectors'],
    ['get', 'namespaces'],
    ['get', 'coordination.k8s.io//leases', 'kube-system'],
    ['get', 'coordination.k8s.io//leases', SYSTEM, 'another'],
    ['update', 'coordination.k8s.io//leases', SYSTEM, 'another'],
    ['create', 'rbac.authorization.k8s.io//clusterrolebindings'],
    ['bind', 'rbac.authorization.k8s.io//clusterroles'],
    ['escalate', 'rbac.authorization.k8s.io//clusterroles'],
    ['patch', 'admissionregistration.k8s.io//validatingadmissionpolicies'],
    ['delete', 'admissionregistration.k8s.io//validatingadmissionpolicybindings'],
    ['patch', 'apiextensions.k8s.io//customresourcedefinitions'],
    ['patch', 'apps//deployments', SYSTEM],
  ]
  for (const right of absent) test(`lacks: ${right.join(' ')}`, async () => assert.equal(await check(right), false))
})

admission({ admin, operator, controlPlane: () => controlPlane })

samples(() => controlPlane, TENANT)

drift(
  () => controlPlane,
  () => controlPlane.writeKubeconfigForToken('drift', operatorToken),
)

describe('components', () => {
  /** The objects of deploy/ with a component. */
  async function withComponent(name: string) {
    const overlay = join(controlPlane.dir, `overlay-${name}`)
    const [deploy, component] = ['deploy', `deploy/components/${name}`].map(path => relative(overlay, join(root, path)))
    mkdirSync(overlay)
    const kustomization = {
      ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' },
      ...{ resources: [deploy], components: [component] },
    }
    writeFileSync(join(overlay, 'kustomization.yaml'), JSON.stringify(kustomization))
    const applied = await kubectl(controlPlane, [...SERVER_DRY_RUN, '-o', 'json', '-k', overlay])
    const objects: Applied[] = JSON.parse(applied).items
    const find = (kind: string, name = OPERATOR) =>
      objects.find(object => object.kind === kind && object.metadata.name === name)
    return { find, args: find('Deployment')?.spec.template.spec.containers[0]?.args ?? [] }
  }

  test('implicit-auth gives the operator its flags and its role', async () => {
    const { find, args } = await withComponent('implicit-auth')
    const { implicitAuthNamespaces, implicitAuthClientIds, implicitAuthEndpoints } = parseConfig(args, {}, 'pod')
    assert.deepEqual(implicitAuthNamespaces, ['ml'])
    assert.deepEqual(implicitAuthEndpoints, [])
    assert.deepEqual(implicitAuthClientIds, [{ id: 'default' }])
    assert.match(JSON.stringify(find('ServiceAccount')?.metadata), /eks.amazonaws.com\/role-arn/)
  })

  test('no-tenant-editors takes the right to write from the roles of the cluster, not that to read', async () => {
    const { find } = await withComponent('no-tenant-editors')
    const aggregations = (role: string) =>
      Object.keys(find('ClusterRole', role)?.metadata.labels ?? {}).filter(label => label.includes('aggregate-to'))
    assert.deepEqual(aggregations('artifact-store-editor'), [])
    assert.equal(aggregations('artifact-store-viewer').length, 3)
  })

  test('listed-service-accounts has the operator act as no ServiceAccount but those of its Roles', async () => {
    const { find } = await withComponent('listed-service-accounts')
    const name = `${OPERATOR}-tokens`
    assert.equal(find('ClusterRoleBinding', name), undefined)
    assert.ok(find('ClusterRoleBinding'))
    assert.match(JSON.stringify(find('Role', name)), /"resourceNames":\["artifacts"\]/)
    assert.ok(find('RoleBinding', name))
  })

  test('metrics-network-policy is for the pods of the operator, and for those who come to them', async () => {
    const { find } = await withComponent('metrics-network-policy')
    const { labels } = JSON.parse(JSON.stringify(find('Deployment')?.spec.template)).metadata
    const { spec } = JSON.parse(JSON.stringify(find('NetworkPolicy')))
    for (const [label, value] of Object.entries(spec.podSelector.matchLabels)) assert.equal(labels[label], value)
    assert.deepEqual(spec.policyTypes, ['Ingress'])
    assert.deepEqual(spec.ingress[0].from[0].namespaceSelector.matchLabels, { 'artifactstore.dev/metrics': 'true' })
  })

  test('tenants has namespaces consent, and endpoints be on a list', async () => {
    const { args } = await withComponent('tenants')
    const { recipientLabels, allowedEndpoints, refusedAddresses } = parseConfig(args, {}, 'pod')
    assert.deepEqual(recipientLabels, { 'artifactstore.dev/recipient': 'true' })
    assert.deepEqual(allowedEndpoints, ['minio.minio.svc'])
    assert.ok(refusedAddresses.some(({ what }) => what.startsWith('a private address')))
  })
})

test('the bundle of the image runs with these rights, and leads', async t => {
  // Not dist/, which others may run. Out of the project, no package is found that the bundle lacks.
  const folder = join(controlPlane.dir, 'bundle')
  await promisify(execFile)(process.execPath, [join(root, 'scripts/bundle.ts'), folder])
  const kubeconfig = controlPlane.writeKubeconfigForToken('bundle', operatorToken)
  const bundle = await OperatorProcess.start(kubeconfig, [], {
    ...{ main: join(folder, 'operator.mjs'), nodeFlags: [] },
  })
  t.after(() => bundle.kill())
  await until('it holds the Lease', async () => {
    const { items } = await admin('GET', `/apis/coordination.k8s.io/v1/namespaces/${SYSTEM}/leases`)
    return items.some((lease: { spec: { holderIdentity?: string } }) => lease.spec.holderIdentity)
  })
})
