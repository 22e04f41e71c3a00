/** The Helm chart on a real API server: accepted, installed, upgraded from the version before it, and uninstalled. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts'
import { helm } from '../../cluster/helm.ts'
import { kubectl } from '../../cluster/kubectl.ts'
import { monitoringCrds } from '../../cluster/monitoring-crds.ts'
import { CHART, SYSTEM, template } from '../../support/manifests.ts'
import { EVERYTHING } from './chart-cases.ts'
import { SERVER_DRY_RUN } from './samples.suite.ts'

const root = join(import.meta.dirname, '../../..')
const run = promisify(execFile)
const OPERATOR = 'artifact-store-operator'
const TENANT = 'ml'
const MINE = ['serviceaccounts', 'deployments.apps', 'services', 'roles', 'poddisruptionbudgets', 'networkpolicies']
const OF_THE_CLUSTER = ['clusterroles', 'clusterrolebindings', 'priorityclasses', 'validatingadmissionpolicies']

/** Helm would take the objects of an existing cluster for its own, and delete them. */
const skip =
  process.env['USE_EXISTING_CLUSTER'] === 'true' ? 'the chart is not installed on an existing cluster' : false

let controlPlane: ControlPlane

before(async () => {
  if (skip) return
  controlPlane = await startControlPlane({ controllers: false, crds: await monitoringCrds() })
  // Those that EVERYTHING names.
  for (const name of [TENANT, 'a', 'b', 'leases']) await admin(['create', 'namespace', name])
})

after(() => controlPlane?.stop())

const admin = (args: readonly string[], stdin?: string) => kubectl(controlPlane, args, stdin)

/** Values as arguments of Helm. */
function withValues(values: object): string[] {
  const file = join(controlPlane.dir, 'values.json')
  writeFileSync(file, JSON.stringify(values))
  return ['--values', file]
}

/** The uids of objects, by kind and name. */
async function uids(kinds: readonly string[], args: readonly string[] = []): Promise<Record<string, string>> {
  const { items } = JSON.parse(await admin(['get', kinds.join(','), ...args, '-o', 'json']))
  return Object.fromEntries(
    items.map(({ kind, metadata: { name, uid } }: { kind: string; metadata: { name: string; uid: string } }) => [
      `${kind} ${name}`,
      uid,
    ]),
  )
}

const installed = async () => ({
  ...(await uids(MINE, ['--namespace', SYSTEM])),
  ...(await uids([...OF_THE_CLUSTER, 'customresourcedefinitions'], ['-l', `app.kubernetes.io/part-of=${OPERATOR}`])),
})

const tenantObjects = () => uids(['serviceconnectors', 'artifactstores'], ['--namespace', TENANT])

/** The chart of the commit before the last one that changed it; where there is none, of the last one. */
async function previousChart(): Promise<string> {
  const git = async (args: string[]) => (await run('git', ['-C', root, ...args])).stdout
  const commits = (await git(['log', '-2', '--format=%H', '--', 'deploy/helm'])).trim().split('\n')
  const commit = commits.at(-1)
  if (!commit) return CHART
  const [folder, archive] = [join(controlPlane.dir, 'previous'), join(controlPlane.dir, 'previous.tar')]
  mkdirSync(folder)
  await git(['archive', `--output=${archive}`, commit, 'deploy/helm'])
  await run('tar', ['-xf', archive, '-C', folder])
  return join(folder, 'deploy/helm')
}

const OBJECTS = [
  {
    ...{ apiVersion: 'artifactstore.dev/v1alpha1', kind: 'ServiceConnector' },
    metadata: { name: 'aws', namespace: TENANT },
    spec: { aws: { region: 'eu-west-1', auth: { webIdentity: { serviceAccountName: 'artifacts' } } } },
  },
  {
    ...{ apiVersion: 'artifactstore.dev/v1alpha1', kind: 'ArtifactStore' },
    metadata: { name: 'models', namespace: TENANT },
    spec: { path: 's3://models/team', connectorRef: { name: 'aws' } },
  },
]

const release = (args: readonly string[]) =>
  helm(controlPlane.dir, [...args, '--namespace', SYSTEM], controlPlane.kubeconfig)

// Without --reset-values, those of the last time count where none are given.
const upgrade = (values: object) => release(['upgrade', OPERATOR, CHART, '--reset-values', ...withValues(values)])

describe('a release', { skip }, () => {
  let made: Record<string, string>
  let ofTenant: Record<string, string>

  before(async () => {
    await release(['install', OPERATOR, await previousChart(), '--create-namespace'])
    await admin(['wait', '--for=condition=Established', 'crd', '--all'])
    await admin(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OBJECTS }))
    made = await installed()
    ofTenant = await tenantObjects()
    assert.equal(Object.keys(ofTenant).length, OBJECTS.length)
    assert.ok(made['Deployment artifact-store-operator'])
  })

  test('of the version before is upgraded in place, with other values', async () => {
    await upgrade(EVERYTHING)
    const now = await installed()
    const gone = Object.keys(made).filter(name => !(name in now))
    // These values list ServiceAccounts and namespaces, name a class of the cluster, and have the Lease in another namespace.
    assert.deepEqual(gone.sort(), [
      'ClusterRole artifact-store-operator',
      'ClusterRole artifact-store-operator-tokens',
      'ClusterRoleBinding artifact-store-operator',
      'ClusterRoleBinding artifact-store-operator-tokens',
      'PriorityClass artifact-store-operator',
      'Role artifact-store-operator',
    ])
    for (const name of Object.keys(made)) if (name in now) assert.equal(now[name], made[name], name)
    assert.ok(now['NetworkPolicy artifact-store-operator'])
    assert.deepEqual(await tenantObjects(), ofTenant)
  })

  test('goes back to the default values', async () => {
    await upgrade({})
    assert.deepEqual(Object.keys(await installed()).sort(), Object.keys(made).sort())
  })

  test('leaves CRDs, connectors and stores when it has no CRDs any more', async () => {
    await upgrade({ crds: { enabled: false } })
    assert.deepEqual(await tenantObjects(), ofTenant)
  })

  test('leaves CRDs, connectors and stores when it is uninstalled, and nothing else', async () => {
    await upgrade({})
    await release(['uninstall', OPERATOR])
    const left = Object.keys(await installed()).map(name => name.split(' ')[0])
    assert.deepEqual(left, ['CustomResourceDefinition', 'CustomResourceDefinition'])
    assert.deepEqual(await tenantObjects(), ofTenant)
  })

  test('takes over what kubectl has installed', async () => {
    await admin(['apply', '--server-side', '--force-conflicts', '-k', join(root, 'deploy')])
    const before = await installed()
    await release(['install', OPERATOR, CHART, '--take-ownership', '--force-conflicts'])
    assert.deepEqual(await installed(), before)
    assert.deepEqual(await tenantObjects(), ofTenant)
  })

  test('takes CRDs, connectors and stores along where crds.keep is false', async () => {
    await upgrade({ crds: { keep: false } })
    await release(['uninstall', OPERATOR])
    await admin(['wait', '--for=delete', '--timeout=60s', 'crd/artifactstores.artifactstore.dev'])
    await admin(['wait', '--for=delete', '--timeout=60s', 'crd/serviceconnectors.artifactstore.dev'])
    assert.deepEqual(await installed(), {})
  })
})

describe('the API server accepts', { skip }, () => {
  test('deploy/', async () => {
    await admin([...SERVER_DRY_RUN, '--warnings-as-errors', '-k', join(root, 'deploy')])
  })

  for (const [name, values] of Object.entries({ 'default values': {}, 'all that values can change': EVERYTHING })) {
    test(`the chart with ${name}`, async () => {
      const items = Object.values(await template(join(controlPlane.dir, 'template'), values))
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
      await admin([...SERVER_DRY_RUN, '--warnings-as-errors', '-f', '-'], list)
    })
  }
})
