/** The commands of docs/install.md, docs/upgrade.md and docs/air-gap.md on a real control plane, from nothing to nothing. */
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { RECIPIENT_LABEL } from '../../src/api/names.ts'
import {
  ARTIFACT_STORES,
  CONFIG_MAPS,
  NAMESPACES,
  SERVICE_ACCOUNTS,
  SERVICE_CONNECTORS,
} from '../../src/kube/resource.ts'
import { type Environment, startEnvironment } from '../cluster/environment.ts'
import { helm } from '../cluster/helm.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { Guide } from '../guides.ts'
import { createShell, type Shell } from '../support/guide-commands.ts'
import { Installation } from '../support/installation.ts'
import { Namespace } from '../support/namespace.ts'
import type { OperatorProcess } from '../support/operator-process.ts'
import { connectionsLogged } from '../support/preload.ts'
import { project } from '../support/project.ts'
import { until } from '../support/until.ts'

const install = new Guide('install.md')
const upgrade = new Guide('upgrade.md')
const airGap = new Guide('air-gap.md')
const SYSTEM = 'artifact-store-system'
const OPERATOR = 'artifact-store-operator'
const RECORDED = { main: 'src/main.ts', nodeFlags: connectionsLogged() }

/** The objects of an existing cluster would be deleted. */
const skip = process.env['USE_EXISTING_CLUSTER'] === 'true' ? 'nothing is uninstalled from an existing cluster' : false

let environment: Environment
let installation: Installation
let shell: Shell
let dir: string

before(async () => {
  if (skip) return
  environment = await startEnvironment()
  installation = new Installation(environment.controlPlane)
  dir = join(environment.controlPlane.dir, 'guides')
  for (const folder of ['deploy', 'crds']) {
    cpSync(project(folder), join(dir, OPERATOR, folder), { recursive: true })
  }
  shell = await createShell(environment.controlPlane, dir, { helm: true })
  writeOverlay(install)
})
after(async () => {
  await installation?.stop()
  await environment?.stop()
})

/** Writes the overlay that a guide shows. */
function writeOverlay(guide: Guide): void {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(guide.section('overlay')) ?? []
  mkdirSync(join(dir, 'my-operator'), { recursive: true })
  writeFileSync(join(dir, 'my-operator/kustomization.yaml'), yaml)
}

const admin = (...args: string[]) => kubectl(environment.controlPlane, args)
const imageOf = (): Promise<string> =>
  admin('get', 'deployment', OPERATOR, '-n', SYSTEM, '-o', 'jsonpath={.spec.template.spec.containers[0].image}')

/** A namespace with a connector that is at MinIO by web identity. */
async function tenant(name: string): Promise<Namespace> {
  const { minio } = environment
  const namespace = new Namespace(installation, name)
  await namespace.createNamespace()
  await minio.admin.createBucket(name)
  await namespace.create(SERVICE_ACCOUNTS, 'runner', {})
  await namespace.create(CONFIG_MAPS, 'minio-ca', { data: { 'ca.crt': minio.caPem } }, true)
  const auth = { webIdentity: { serviceAccountName: 'runner', roleArn: minio.roleArn } }
  const caBundle = { configMapKeyRef: { name: 'minio-ca' } }
  await namespace.create(SERVICE_CONNECTORS, 'minio', { spec: { aws: { endpoint: minio.endpoint, caBundle, auth } } })
  return namespace
}

const store = (namespace: Namespace, name: string, spec: object = {}) =>
  namespace.create(ARTIFACT_STORES, name, {
    spec: {
      ...{ path: `s3://${namespace.name}/${name}`, connectorRef: { name: 'minio' } },
      ...{ credentials: [{ name: 'step', formats: ['AwsProfile'] }], ...spec },
    },
  })

/** Gives a second namespace a Secret, which no owner reference takes along. */
const into = (...names: string[]) => ({
  allowedNamespaces: { from: 'All' },
  credentials: [{ name: 'step', formats: ['AwsProfile'], namespaces: { names } }],
})

async function recipient(name: string): Promise<Namespace> {
  const labels = { [RECIPIENT_LABEL]: 'true' }
  await installation.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
  return new Namespace(installation, name)
}

describe('with kustomize', { skip }, () => {
  let team: Namespace
  let dev: Namespace
  let operator: OperatorProcess

  test('the overlay installs the operator from its own image', async () => {
    await shell.run(install, 'apply')
    assert.equal(await imageOf(), 'registry.example.com/artifact-store-operator:0.1.0')
    assert.match(await admin('get', 'networkpolicy', '-n', SYSTEM, '-o', 'name'), /artifact-store-operator/)
  })

  test('the operator makes a first store Ready, and calls nobody but the API server and the store', async () => {
    operator = await installation.startOperator(['--leader-elect=false'], RECORDED)
    ;[team, dev] = [await tenant('team'), await recipient('team-dev')]
    await store(team, 'models', into('team', 'team-dev'))
    await team.storeReady('models')
    const connections = operator.logs.filter(({ msg }) => msg === 'connection')
    const called = new Set(connections.map(({ host, port }) => `${host}:${port}`))
    const servers = [environment.controlPlane.server, environment.minio.endpoint].map(url => new URL(url).host)
    assert.deepEqual([...called].sort(), servers.sort())
  })

  test('an upgrade to the same version changes nothing', async () => {
    const { metadata } = await team.getStore('models')
    assert.equal(await shell.run(upgrade, 'diff'), '')
    await shell.run(upgrade, 'apply')
    assert.match(await shell.run(upgrade, 'look'), /^team\/models Verified$/m)
    const now = await team.getStore('models')
    assert.deepEqual([now.metadata.uid, now.metadata.generation], [metadata.uid, metadata.generation])
  })

  test('what is uninstalled leaves the cluster as it was, and no Secret of a store', async () => {
    await shell.run(install, 'delete-stores')
    assert.equal(await dev.getSecret('models-step'), undefined)
    // The collector looks for new kinds every 30 s.
    const collected = async () => !(await team.getSecret('models-step'))
    await until('the garbage collector has the Secret', collected, { ms: 120_000 })
    await operator.stop()
    await shell.run(install, 'delete-operator')
    assert.equal(await admin('get', 'namespace', SYSTEM, '--ignore-not-found'), '')
    const left =
      'crd,clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding,priorityclass'
    assert.equal(await admin('get', left, '-l', 'app.kubernetes.io/part-of=artifact-store-operator', '-o', 'name'), '')
    await admin('delete', 'namespace', 'team', 'team-dev', '--timeout=60s')
  })

  test('stores whose operator went first are deleted by hand, and their Secrets elsewhere are found', async () => {
    await shell.run(install, 'apply')
    operator = await installation.startOperator()
    ;[team, dev] = [await tenant('late'), await recipient('late-dev')]
    await store(team, 'models', into('late', 'late-dev'))
    await store(team, 'protected', { deletionProtection: true })
    for (const name of ['models', 'protected']) await team.storeReady(name)
    await until('the Secret elsewhere', () => dev.getSecret('models-step'))
    await operator.kill()
    await admin('annotate', 'artifactstore', 'protected', '-n', 'late', 'artifactstore.dev/confirm-delete=protected')
    await admin('delete', 'artifactstores', '--all', '-n', 'late', '--wait=false')
    await shell.run(install, 'stuck')
    assert.equal(await admin('get', 'artifactstores', '-A', '-o', 'name'), '')
    assert.ok(await dev.getSecret('models-step'))
    await shell.run(install, 'left')
    assert.equal(await dev.getSecret('models-step'), undefined)
    await shell.run(install, 'delete-operator')
  })
})

describe('with Helm', { skip }, () => {
  const release = (...args: string[]) =>
    helm(environment.controlPlane.dir, [...args, '--namespace', SYSTEM], environment.controlPlane.kubeconfig)

  test('the chart is installed and upgraded with its values', async () => {
    await shell.run(install, 'helm')
    assert.equal(await imageOf(), 'registry.example.com/artifact-store-operator:0.1.0')
    await shell.run(upgrade, 'helm')
    assert.equal(await imageOf(), 'registry.example.com/artifact-store-operator:0.1.0')
  })

  test('the chart and an overlay run an image by its digest', async () => {
    await release('uninstall', OPERATOR)
    await shell.run(airGap, 'helm')
    const digest = `registry.example.com/artifact-store-operator@sha256:${'0'.repeat(64)}`
    assert.equal(await imageOf(), digest)
    writeOverlay(airGap)
    assert.match(await admin('kustomize', join(dir, 'my-operator')), new RegExp(`image: ${digest}$`, 'm'))
  })
})
