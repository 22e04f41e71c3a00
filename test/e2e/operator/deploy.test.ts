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
import { SERVER_DRY_RUN, samples } from './samples.suite.ts'

const root = join(import.meta.dirname, '../../..')
const SYSTEM = 'artifact-store-system'
const OPERATOR = 'artifact-store-operator'
const TENANT = 'ml'
const ours = { 'app.kubernetes.io/managed-by': OPERATOR }

interface Deployment {
  template: { spec: { containers: { args?: string[] }[] } }
}

let controlPlane: ControlPlane
let anonymous: Caller
let operatorToken: string

const secrets = (name = '') => `/api/v1/namespaces/${TENANT}/secrets${name && `/${name}`}`
const accounts = (namespace: string) => `/api/v1/namespaces/${namespace}/serviceaccounts`
const secret = (name: string, labels: Record<string, string>, rest: object = {}) => ({
  metadata: { name, labels },
  ...rest,
})

/** As the administrator, who must not fail. */
async function admin(method: string, path: string, body?: object): Promise<Answer['json']> {
  const answer = await controlPlane.request(method, path, body)
  assert.ok(answer.status < 300, answer.text)
  return answer.json
}

function operator(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
  return anonymous.request(method, path, body, { authorization: `Bearer ${operatorToken}`, ...headers })
}

const patch = (name: string, body: object) =>
  operator('PATCH', secrets(name), body, { 'content-type': 'application/merge-patch+json' })

const askForToken = (namespace: string, account: string, spec: object, query = '') =>
  operator('POST', `${accounts(namespace)}/${account}/token${query}`, { spec })

before(async () => {
  controlPlane = await startControlPlane()
  anonymous = createCaller(controlPlane.server, { ca: controlPlane.caPem })
  await kubectl(controlPlane, ['apply', '-k', join(root, 'deploy')])
  await kubectl(controlPlane, ['wait', '--for=condition=Established', 'crd', '--all'])
  await admin('POST', '/api/v1/namespaces', { metadata: { name: TENANT } })
  await admin('POST', accounts(TENANT), { metadata: { name: 'runner' } })
  await admin('POST', secrets(), secret('theirs', {}))
  await admin('POST', secrets(), secret('ours', ours))
  operatorToken = (await admin('POST', `${accounts(SYSTEM)}/${OPERATOR}/token`, {})).status.token

  await until('the API server has taken up the policies', async () => {
    const unlabelled = await operator('POST', `${secrets()}?dryRun=All`, secret('any', {}))
    const unlisted = await askForToken(TENANT, 'runner', { audiences: ['other'] }, '?dryRun=All')
    return unlabelled.status === 403 && unlisted.status === 403
  })
})

after(async () => {
  anonymous?.close()
  await controlPlane?.stop()
})

describe('tokens that the operator asks for', () => {
  const cases: [name: string, namespace: string, account: string, spec: object, refusal?: RegExp][] = [
    ['for AWS', TENANT, 'runner', { audiences: ['sts.amazonaws.com'], expirationSeconds: 3600 }],
    ['for Azure', TENANT, 'runner', { audiences: ['api://AzureADTokenExchange'] }],
    [
      'for anybody else',
      TENANT,
      'runner',
      { audiences: ['vault'] },
      /not for \[vault\]: to allow another audience, add/,
    ],
    ['for the API server, by default', TENANT, 'runner', {}, /not for \[https:/],
    ['for AWS and another', TENANT, 'runner', { audiences: ['sts.amazonaws.com', 'vault'] }, /only, not for/],
    [
      'of kube-system',
      'kube-system',
      'default',
      { audiences: ['sts.amazonaws.com'] },
      /ServiceAccounts in kube-system/,
    ],
    ['of itself', SYSTEM, OPERATOR, { audiences: ['sts.amazonaws.com'] }, /ServiceAccounts in artifact-store-system/],
    ['for a day', TENANT, 'runner', { audiences: ['sts.amazonaws.com'], expirationSeconds: 86_400 }, /an hour at most/],
  ]
  for (const [name, namespace, account, spec, refusal] of cases) {
    test(`${name}: ${refusal ? 'refused' : 'given'}`, async () => {
      const { status, text, json } = await askForToken(namespace, account, spec)
      assert.equal(status, refusal ? 403 : 201, text)
      if (refusal) assert.match(json.message, refusal)
    })
  }
})

describe('Secrets that the operator writes', () => {
  const token = { type: 'kubernetes.io/service-account-token' }
  const tokenSecret = {
    metadata: { name: 'b', labels: ours, annotations: { 'kubernetes.io/service-account.name': 'runner' } },
  }
  const unlabel = { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } }
  const data = { data: { key: 'dmFsdWU=' } }
  const cases: [name: string, call: () => Promise<Answer>, refusal?: RegExp][] = [
    ['makes one with its label', () => operator('POST', secrets(), secret('a', ours))],
    ['makes one without it', () => operator('POST', secrets(), secret('b', {})), /must carry/],
    [
      "makes one with somebody else's",
      () => operator('POST', secrets(), secret('b', { 'app.kubernetes.io/managed-by': 'Helm' })),
      /must carry/,
    ],
    [
      'has the cluster fill one with a token',
      () => operator('POST', secrets(), { ...tokenSecret, ...token }),
      /Opaque/,
    ],
    ['changes its own', () => patch('ours', data)],
    ['gives its own away', () => patch('ours', unlabel), /must carry/],
    ['changes another', () => patch('theirs', data), /may not change/],
    ['takes another over', () => patch('theirs', { metadata: { labels: ours }, ...data }), /may not change/],
    ['deletes another', () => operator('DELETE', secrets('theirs')), /may not change/],
    ['deletes all', () => operator('DELETE', secrets()), /cannot deletecollection/],
    ['deletes its own', () => operator('DELETE', secrets('ours'))],
  ]
  for (const [name, call, refusal] of cases) {
    test(`${name}: ${refusal ? 'refused' : 'done'}`, async () => {
      const { status, text, json } = await call()
      if (!refusal) return assert.ok(status < 300, text)
      assert.equal(status, 403, text)
      assert.match(json.message, refusal)
    })
  }
})

describe('stores that the operator patches', () => {
  const cases: [name: string, body: object, refusal?: RegExp][] = [
    ['its finalizer', { metadata: { finalizers: ['artifactstore.dev/finalizer'] } }],
    ['the spec', { spec: { suspend: true } }, /finalizers of an ArtifactStore only/],
    ['a label', { metadata: { labels: { team: 'a' } } }, /finalizers of an ArtifactStore only/],
    ['an annotation', { metadata: { annotations: { note: 'a' } } }, /finalizers of an ArtifactStore only/],
  ]
  const path = `/apis/artifactstore.dev/v1alpha1/namespaces/${TENANT}/artifactstores/prod`
  before(async () => {
    const spec = { path: 's3://bucket', connectorRef: { name: 'minio' } }
    const identity = { apiVersion: 'artifactstore.dev/v1alpha1', kind: 'ArtifactStore', metadata: { name: 'prod' } }
    await admin('POST', path.replace(/.prod$/, ''), { ...identity, spec })
  })
  for (const [name, body, refusal] of cases) {
    test(`${name}: ${refusal ? 'refused' : 'done'}`, async () => {
      const { status, text } = await operator('PATCH', path, body, { 'content-type': 'application/merge-patch+json' })
      assert.equal(status, refusal ? 403 : 200, text)
      if (refusal) assert.match(text, refusal)
    })
  }
})

test('the policies hold an operator in any namespace, whatever RBAC gives it', async () => {
  const elsewhere = `system:serviceaccount:elsewhere:${OPERATOR}`
  const headers = { 'impersonate-user': elsewhere, 'impersonate-group': 'system:masters' }
  const { status, json } = await controlPlane.request('POST', secrets(), secret('b', {}), headers)
  assert.equal(status, 403)
  assert.match(json.message, /artifact-store-operator-secrets.*must carry/)
})

describe('rights of the operator', () => {
  type Right = [verb: string, resource: string, namespace?: string]
  const check = async ([verb, resource, namespace]: Right): Promise<boolean> => {
    const [, group = '', plural, subresource] = /^(?:(.+)\/\/)?([^/]+)(?:\/(.+))?$/.exec(resource) ?? []
    const resourceAttributes = { verb, group, resource: plural, subresource, namespace }
    const review = { spec: { resourceAttributes } }
    const { json } = await operator('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review)
    return json.status.allowed
  }

  const needed: Right[] = [
    ...['artifactstore.dev//artifactstores', 'artifactstore.dev//serviceconnectors'].flatMap((kind): Right[] => [
      ...['get', 'list', 'watch'].map((verb): Right => [verb, kind]),
      ['patch', `${kind}/status`],
    ]),
    // Its finalizer.
    ['patch', 'artifactstore.dev//artifactstores'],
    ...['secrets', 'configmaps', 'serviceaccounts', 'namespaces'].flatMap(kind =>
      ['get', 'list', 'watch'].map((verb): Right => [verb, kind]),
    ),
    ...['create', 'patch', 'delete'].map((verb): Right => [verb, 'secrets']),
    ['create', 'serviceaccounts/token'],
    ['create', 'events.k8s.io//events'],
    ...['get', 'create', 'update'].map((verb): Right => [verb, 'coordination.k8s.io//leases', SYSTEM]),
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
    ['get', 'coordination.k8s.io//leases', 'kube-system'],
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

samples(() => controlPlane, TENANT)

describe('components', () => {
  /** What deploy/ is with a component. */
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
    const objects: { kind: string; metadata: object; spec: Deployment }[] = JSON.parse(applied).items
    const find = (kind: string) => objects.find(object => object.kind === kind)
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

  test('tenants has namespaces consent, and endpoints be on a list', async () => {
    const { args } = await withComponent('tenants')
    const { recipientLabels, allowedEndpoints, refusedAddresses } = parseConfig(args, {}, 'pod')
    assert.deepEqual(recipientLabels, { 'artifactstore.dev/recipient': 'true' })
    assert.deepEqual(allowedEndpoints, ['minio.minio.svc'])
    assert.ok(refusedAddresses.some(({ what }) => what.startsWith('a private address')))
  })
})

test('the bundle of the image runs with these rights, and leads', async t => {
  await promisify(execFile)(process.execPath, [join(root, 'scripts/bundle.ts')])
  const kubeconfig = controlPlane.writeKubeconfigForToken('bundle', operatorToken)
  const bundle = await OperatorProcess.start(kubeconfig, [], { main: 'dist/operator.js', nodeFlags: [] })
  t.after(() => bundle.kill())
  await until('it holds the Lease', async () => {
    const { items } = await admin('GET', `/apis/coordination.k8s.io/v1/namespaces/${SYSTEM}/leases`)
    return items.some((lease: { spec: { holderIdentity?: string } }) => lease.spec.holderIdentity)
  })
})
