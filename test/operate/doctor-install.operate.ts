/** `doctor --install`: an installation that lacks a part; the printed command brings it back. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { NAMESPACES, type Resource } from '../../src/kube/resource.ts'
import { kubectl } from '../cluster/kubectl.ts'
import { documented, ended } from '../e2e/cli/parts.ts'
import { CommandLine } from '../support/command-line.ts'
import type { OperatorProcess } from '../support/operator-process.ts'
import { startShell } from '../support/printed-command.ts'
import { project } from '../support/project.ts'
import { until } from '../support/until.ts'
import { type Tenant, World } from '../support/world.ts'

const OPERATOR = 'artifact-store-operator'
const CRD = 'artifactstores.artifactstore.dev'
const CRDS: Resource = {
  ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions' },
  namespaced: false,
}
const DEPLOYMENTS: Resource = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true }

let world: World
let tenant: Tenant
let operator: OperatorProcess
let cli: CommandLine
let shell: Awaited<ReturnType<typeof startShell>>
before(async () => {
  world = await World.start()
  cli = await CommandLine.bundle(world.controlPlane.kubeconfig)
  shell = await startShell(cli, world.controlPlane)
  operator = await world.startOperator(['--leader-elect=true'])
  tenant = await world.tenant('team')
  await tenant.connector('minio')
  await tenant.store('models')
  await tenant.storeReady('models')
  // There are no nodes: the operator is a process, and its Deployment has no Pods.
  const status = [{ op: 'add' as const, path: '/status/availableReplicas', value: 1 }]
  const name = { namespace: 'artifact-store-system', name: OPERATOR }
  await world.client.jsonPatch(
    DEPLOYMENTS,
    name,
    [
      ...status,
      { op: 'add', path: '/status/readyReplicas', value: 1 },
      { op: 'add', path: '/status/replicas', value: 1 },
    ],
    { subresource: 'status' },
  )
})
after(async () => {
  await cli?.remove()
  await world?.stop()
})

interface Report {
  findings: { name: string; reason: string; message: string; cures: { commands: string[] }[] }[]
}
const diagnosed = async (): Promise<Report['findings']> => {
  const { findings } = documented('doctor', await cli.run('doctor --install -o json')) as Report
  return findings
}
const admin = (line: string) => kubectl(world.controlPlane, line.split(' '))

interface Broken {
  what: string
  reason: string
  names: string
  arrange(): Promise<unknown>
  /** It works without: the exit code is 0. */
  isCaution?: true
}

const BROKEN: Broken[] = [
  {
    what: 'a binding of an admission policy is missing',
    reason: 'PolicyMissing',
    names: `ValidatingAdmissionPolicy ${OPERATOR}-tokens`,
    arrange: () => admin(`delete validatingadmissionpolicybinding ${OPERATOR}-tokens`),
  },
  {
    what: 'a policy that guards deletions is missing',
    reason: 'PolicyMissing',
    names: `ValidatingAdmissionPolicy ${OPERATOR}-store-deletion`,
    arrange: () => admin(`delete validatingadmissionpolicy ${OPERATOR}-store-deletion`),
    isCaution: true,
  },
  {
    what: "the operator's ServiceAccount has lost its rights",
    reason: 'RightsMissing',
    names: `ServiceAccount ${OPERATOR}`,
    arrange: () => admin(`delete clusterrolebinding ${OPERATOR}`),
  },
  {
    what: 'a CRD is older than the program',
    reason: 'CrdTooOld',
    names: `CRD ${CRD}`,
    arrange: () =>
      world.client.jsonPatch(CRDS, { name: CRD }, [
        {
          op: 'remove',
          path: '/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/credentialsOmitted',
        },
      ]),
  },
  {
    what: 'a namespace that a store names does not consent',
    reason: 'NamespaceNotRecipient',
    names: 'namespace jobs',
    async arrange() {
      await world.client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'jobs' } })
      const credentials = [{ name: 'step', formats: ['AwsProfile' as const], namespaces: { names: ['jobs'] } }]
      await tenant.store('lent', { credentials, allowedNamespaces: { from: 'All' } })
    },
  },
]

describe('an installation', () => {
  test('that is well has exit code 0', async () => {
    const { out } = ended(await cli.run('doctor --install'), 0)
    assert.equal(out, 'Nothing is wrong with the installation.\n')
  })

  for (const { what, reason, names, arrange, isCaution } of BROKEN) {
    test(`${what}: the printed command cures it`, async () => {
      await arrange()
      const found = await until('it is found', async () =>
        (await diagnosed()).find(finding => finding.reason === reason),
      )
      assert.equal(found.name, names)
      ended(await cli.run('doctor --install'), isCaution ? 0 : 1)
      for (const command of found.cures[0]?.commands ?? []) {
        const done = await shell(command, project('.'))
        assert.equal(done.code, 0, `${command}\n${done.out}${done.err}`)
      }
      await until('nothing is wrong', async () => (await diagnosed()).length === 0)
    })
  }

  test('whose last leader has ended has no leader', async () => {
    await operator.stop()
    const [finding, ...others] = await diagnosed()
    assert.deepEqual([finding?.reason, others], ['NoLeader', []])
    assert.match(finding?.message ?? '', /its last leader has ended/)
  })
})
