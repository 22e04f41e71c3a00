/** deploy/ in overlays of administrators: in another namespace, with its components together, and in those of Argo CD. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { type Command, kubectlBinary } from '../../cluster/tools.ts'

interface Built {
  kind: string
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> }
  data?: Record<string, string>
  subjects?: { namespace: string }[]
}

const root = join(import.meta.dirname, '../../..')
const SYSTEM = 'artifact-store-system'
const MINE = 'my-operators'
const TOKENS = 'artifact-store-operator-tokens'
const COMPONENTS = [
  'another-namespace',
  'implicit-auth',
  'listed-service-accounts',
  'metrics-network-policy',
  'no-tenant-editors',
  'tenants',
  'watched-namespaces',
]

let kubectl: Command
let dir: string

before(async () => {
  kubectl = await kubectlBinary()
  dir = mkdtempSync(join(tmpdir(), 'overlays-'))
  for (const folder of ['deploy', 'crds']) cpSync(join(root, folder), join(dir, folder), { recursive: true })
  // The namespaces of a second team, as the component says to copy it.
  const copy = join(dir, 'of-another-team')
  cpSync(join(dir, 'deploy/components/listed-service-accounts'), copy, { recursive: true })
  const file = join(copy, 'ml.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^ {2}namespace: ml$/gm, '  namespace: another-team'))
})

after(() => rmSync(dir, { recursive: true, force: true }))

/** Writes an overlay into a folder beside deploy/, and returns what it builds, as text and as objects. */
async function build(name: string, overlay: { resources?: string[]; components?: string[]; namespace?: string }) {
  const header = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization' }
  mkdirSync(join(dir, name))
  const kustomization = { ...header, resources: ['../deploy'], ...overlay }
  writeFileSync(join(dir, name, 'kustomization.yaml'), JSON.stringify(kustomization))
  const { stdout } = await promisify(execFile)(kubectl.command, [...kubectl.args, 'kustomize', join(dir, name)], {
    maxBuffer: 16 * 2 ** 20,
  })
  const objects: Built[] = parseAllDocuments(stdout).map(document => document.toJS())
  const namespacesOf = (kind: string, object: string) =>
    objects.flatMap(({ kind: found, metadata }) =>
      found === kind && metadata.name === object ? [metadata.namespace] : [],
    )
  return { text: stdout, objects, namespacesOf }
}

const component = (name: string) => `../deploy/components/${name}`
const allBut = (absent: string) => COMPONENTS.filter(name => name !== absent).map(component)
const OF_ANOTHER_TEAM = '../of-another-team'

/** Every subject is the operator where it is installed. */
function assertSubjects(objects: Built[], namespace: string): void {
  const subjects = objects.flatMap(object => object.subjects ?? [])
  assert.ok(subjects.length >= 3, `${subjects.length}`)
  for (const subject of subjects) assert.equal(subject.namespace, namespace)
}

describe('an overlay in another namespace', () => {
  test('leaves the old namespace nowhere', async () => {
    const { text, objects, namespacesOf } = await build('moved', { namespace: MINE })
    assert.equal(text.includes(SYSTEM), false)
    assert.deepEqual(namespacesOf('Deployment', 'artifact-store-operator'), [MINE])
    assert.equal(objects.filter(({ kind, metadata }) => kind === 'Namespace' && metadata.name === MINE).length, 1)
    assertSubjects(objects, MINE)
  })

  test('takes the components along, with which it is named', async () => {
    const components = allBut('another-namespace').filter(path => !path.endsWith('listed-service-accounts'))
    const { text, objects } = await build('moved-with-components', { namespace: MINE, components })
    assert.equal(text.includes(SYSTEM), false)
    assertSubjects(objects, MINE)
  })

  test('may be the resource of another one with components', async () => {
    await build('moved-first', { namespace: MINE })
    const components = [...allBut('another-namespace'), OF_ANOTHER_TEAM]
    const { text, objects, namespacesOf } = await build('on-top', { resources: ['../moved-first'], components })
    assert.equal(text.includes(SYSTEM), false)
    assertSubjects(objects, MINE)
    assert.deepEqual(namespacesOf('RoleBinding', TOKENS).sort(), ['another-team', 'ml'])
  })

  test('can be made by the component another-namespace, which comes before all others', async () => {
    const components = [...COMPONENTS.map(component), OF_ANOTHER_TEAM]
    const { text, objects, namespacesOf } = await build('by-component', { components })
    assert.equal(text.includes(SYSTEM), false)
    assertSubjects(objects, MINE)
    assert.deepEqual(namespacesOf('Deployment', 'artifact-store-operator'), [MINE])
    assert.deepEqual(namespacesOf('NetworkPolicy', 'artifact-store-operator'), [MINE])
    assert.deepEqual(namespacesOf('RoleBinding', TOKENS).sort(), ['another-team', 'ml'])
  })
})

test('all components combine in the namespace that deploy/ names', async () => {
  const components = [...allBut('another-namespace'), OF_ANOTHER_TEAM]
  const { objects, namespacesOf } = await build('together', { components })
  assertSubjects(objects, SYSTEM)
  assert.deepEqual(namespacesOf('RoleBinding', TOKENS).sort(), ['another-team', 'ml'])
  assert.deepEqual(namespacesOf('ClusterRoleBinding', TOKENS), [])
})

for (const { name, components, namespace } of [
  { name: 'that deploy/ names', components: [], namespace: SYSTEM },
  { name: 'of another component', components: [component('another-namespace')], namespace: MINE },
]) {
  test(`monitoring is in the namespace ${name}`, async () => {
    const monitoring = '../deploy/monitoring'
    const { namespacesOf } = await build(`monitoring-${namespace}`, { components: [...components, monitoring] })
    assert.deepEqual(namespacesOf('PodMonitor', 'artifact-store-operator'), [namespace])
    assert.deepEqual(namespacesOf('PrometheusRule', 'artifact-store-operator'), [namespace])
    assert.deepEqual(namespacesOf('ConfigMap', 'artifact-store-operator-dashboard'), [namespace])
  })
}

describe('the component watched-namespaces', () => {
  interface Ruled {
    kind: string
    metadata: { name: string }
    rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[]
  }
  const rightsOf = (objects: Ruled[], kind: string) =>
    objects
      .filter(object => object.kind === kind && !object.metadata.name.match(/-(viewer|editor|seal)$/))
      .flatMap(({ rules = [] }) => rules)
      .flatMap(({ apiGroups, resources, verbs }) =>
        resources.flatMap(resource => verbs.map(verb => `${verb} ${apiGroups}/${resource}`)),
      )
      .sort()

  test('gives in Roles what deploy/ gives in ClusterRoles, but for namespaces, and leaves no ClusterRole', async () => {
    const inAll = await build('in-all', {})
    const inSome = await build('in-some', { components: [component('watched-namespaces')] })
    const ofLease = /coordination/
    assert.deepEqual(
      rightsOf(inSome.objects, 'Role').filter(right => !ofLease.test(right)),
      rightsOf(inAll.objects, 'ClusterRole').filter(right => !/namespaces$/.test(right)),
    )
    assert.deepEqual(rightsOf(inSome.objects, 'ClusterRole'), [])
    assert.equal(inSome.objects.filter(({ kind }) => kind === 'ClusterRoleBinding').length, 0)
  })
})

test('these are all components that there are', () => {
  assert.deepEqual(readdirSync(join(root, 'deploy/components')).sort(), COMPONENTS)
})

describe('Argo CD', () => {
  test('gets its settings by the component deploy/argocd, and keeps those that it has', async () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm' }, data: { url: 'mine' } }
    mkdirSync(join(dir, 'argocd'))
    writeFileSync(join(dir, 'argocd/argocd-cm.json'), JSON.stringify(configMap))
    writeFileSync(join(dir, 'argocd/kustomization.yaml'), JSON.stringify({ resources: ['argocd-cm.json'] }))
    const { objects } = await build('of-argocd', {
      ...{ resources: ['../argocd'], components: ['../deploy/argocd'] },
      namespace: 'argocd',
    })
    assert.deepEqual(
      objects.map(({ data = {} }) => Object.keys(data).sort()),
      [
        [
          ...['actions', 'health'].flatMap(setting =>
            ['ArtifactStore', 'ServiceConnector'].map(
              kind => `resource.customizations.${setting}.artifactstore.dev_${kind}`,
            ),
          ),
          'url',
        ],
      ],
    )
  })

  test('applies connectors before stores, and stores before consumers', async () => {
    const { objects } = await build('waves', { resources: ['../deploy/samples/argocd/ml'] })
    const waves = objects.map(({ kind, metadata: { annotations } }) => [
      kind,
      Number(annotations?.['argocd.argoproj.io/sync-wave'] ?? 0),
    ])
    assert.deepEqual(Object.fromEntries(waves), {
      ...{ Namespace: 0, ServiceAccount: 0, Service: 0 },
      ...{ ServiceConnector: 1, ArtifactStore: 2, Deployment: 3 },
    })
  })
})
