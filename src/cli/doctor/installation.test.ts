import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { store } from '../../../test/support/objects.ts'
import { closedNamespaces } from './closed-namespaces.ts'
import { subjectWords } from './finding.ts'
import { type Installation, installationFindings, type Operator } from './installation.ts'
import { operatorOf } from './operator-of.ts'

const operator: Operator = {
  ...{ namespace: 'system', name: 'artifact-store-operator', replicas: 2, available: 2, elects: true },
  recipientLabels: { 'artifactstore.dev/recipient': 'true' },
}
const lease = { namespace: 'system', isThere: true, holder: 'pod-1', isRenewed: true }
const WELL: Installation = {
  crds: { ServiceConnector: [], ArtifactStore: [] },
  policies: [{ name: 'artifact-store-operator-secrets', state: 'well' }],
  operators: [operator],
  denied: [],
  leases: [lease],
  closed: [],
  clocks: [{ whose: 'this machine', aheadMs: 29_000 }],
}
const CRD = 'kubectl apply --server-side --force-conflicts -f crds/artifactstore.dev_artifactstores.yaml'
const LOGS = 'kubectl logs -n system -l app.kubernetes.io/name=artifact-store-operator --tail=50 --prefix'

interface Row {
  what: string
  facts: Partial<Installation>
  reason: string
  says: RegExp
  command?: string
  isCaution?: true
}

const ROWS: Row[] = [
  {
    what: 'a CRD is missing',
    facts: { crds: { ArtifactStore: undefined } },
    reason: 'CrdMissing',
    says: /not installed/,
    command: CRD,
  },
  {
    what: 'a CRD is older',
    facts: { crds: { ArtifactStore: ['a', 'b', 'c', 'd', 'e', 'f'] } },
    reason: 'CrdTooOld',
    says: /lacks a, b, c, d, e and 1 more/,
    command: CRD,
  },
  {
    what: 'rights are missing',
    facts: { denied: [{ namespace: 'system', account: 'op', rights: ['patch x', 'list y'] }] },
    reason: 'RightsMissing',
    says: /may not patch x; list y/,
    command: 'kubectl apply --server-side -n system -f deploy/operator-role.yaml',
  },
  {
    what: 'a policy is missing',
    facts: { policies: [{ name: 'artifact-store-operator-tokens', state: 'missing' }] },
    reason: 'PolicyMissing',
    says: /missing/,
    command: 'kubectl apply --server-side --force-conflicts -f deploy/admission-tokens.yaml',
  },
  {
    what: 'a policy only warns',
    facts: { policies: [{ name: 'artifact-store-operator-stores', state: 'not denying' }] },
    reason: 'PolicyMissing',
    says: /denies nothing/,
    command: 'kubectl apply --server-side --force-conflicts -f deploy/admission-stores.yaml',
  },
  {
    what: 'a policy that guards deletions is missing',
    facts: { policies: [{ name: 'artifact-store-operator-store-deletion', state: 'missing' }] },
    reason: 'PolicyMissing',
    says: /a store that needs a confirmation waits for it in Terminating/,
    command: 'kubectl apply --server-side --force-conflicts -f deploy/admission-store-deletion.yaml',
    isCaution: true,
  },
  {
    what: 'there is no operator',
    facts: { operators: [], leases: [] },
    reason: 'OperatorMissing',
    says: /no Deployment/,
  },
  {
    what: 'the operator is stopped',
    facts: { operators: [{ ...operator, replicas: 0, available: 0 }] },
    reason: 'OperatorStopped',
    says: /no replicas/,
    command: 'kubectl scale deployment artifact-store-operator -n system --replicas=2',
  },
  {
    what: 'no replica is ready',
    facts: { operators: [{ ...operator, available: 0 }] },
    reason: 'OperatorNotAvailable',
    says: /of 2 replicas none/,
    command: 'kubectl get pods -n system -l app.kubernetes.io/name=artifact-store-operator',
  },
  {
    what: 'a leader has died',
    facts: { leases: [{ ...lease, isRenewed: false }] },
    reason: 'NoLeader',
    says: /"pod-1" was the last/,
    command: LOGS,
  },
  {
    what: 'a leader has ended',
    facts: { leases: [{ ...lease, isRenewed: false, holder: '' }] },
    reason: 'NoLeader',
    says: /has ended/,
    command: LOGS,
  },
  {
    what: 'there never was a leader',
    facts: { leases: [{ ...lease, isRenewed: false, isThere: false }] },
    reason: 'NoLeader',
    says: /no Lease/,
    command: LOGS,
  },
  {
    what: 'a namespace does not consent',
    facts: { closed: [{ namespace: 'jobs', stores: [], labels: { a: 'b' } }] },
    reason: 'NamespaceNotRecipient',
    says: /does not accept/,
    command: 'kubectl label namespace jobs --overwrite a=b',
  },
  {
    what: 'a clock is ahead',
    facts: { clocks: [{ whose: 'this machine', aheadMs: 61_000 }] },
    reason: 'ClockSkewed',
    says: /61 s ahead of/,
  },
  {
    what: 'a clock is behind',
    facts: { clocks: [{ whose: 'this machine', aheadMs: -61_000 }] },
    reason: 'ClockSkewed',
    says: /61 s behind/,
  },
]

describe('what is wrong with an installation', () => {
  test('nothing, where all is well or not known', () => {
    assert.deepEqual(installationFindings(WELL, {}), [])
    assert.deepEqual(installationFindings({}, {}), [])
  })

  for (const { what, facts, reason, says, command, isCaution = false } of ROWS) {
    test(`${what}: ${reason}`, () => {
      const [finding, ...others] = installationFindings({ ...WELL, ...facts }, {})
      assert.deepEqual([finding?.reason, finding?.isCaution, others], [reason, isCaution, []])
      assert.match(finding?.message ?? '', says)
      assert.equal(finding?.cures[0]?.commands[0], command)
    })
  }

  test('an operator that leads without a Deployment is only a caution', () => {
    const [finding] = installationFindings({ ...WELL, operators: [] }, {})
    assert.deepEqual([finding?.reason, finding?.isCaution], ['OperatorMissing', true])
  })

  test("commands name the person's context", () => {
    const [finding] = installationFindings({ crds: { ArtifactStore: undefined } }, { context: 'prod' })
    assert.equal(finding?.cures[0]?.commands[0], CRD.replace('kubectl', 'kubectl --context prod'))
    assert.equal(finding && subjectWords(finding), 'installation CRD artifactstores.artifactstore.dev')
  })
})

describe('what a Deployment says of its operator', () => {
  const deployment = (args?: string[], more: object = {}) => ({
    ...{
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { ...store().metadata, name: 'op', namespace: 'system' },
    },
    spec: { replicas: 2, template: { spec: { containers: [{ name: 'proxy' }, { name: 'operator', args, ...more }] } } },
    status: { availableReplicas: 1 },
  })
  const usual = {
    ...{ namespace: 'system', name: 'op', account: 'artifact-store-operator', replicas: 2, available: 1, elects: true },
    recipientLabels: { 'artifactstore.dev/recipient': 'true' },
  }
  for (const [what, given, want] of [
    ['no flags', deployment(), {}],
    ['no election', deployment(['--leader-elect=false']), { elects: false }],
    ['a flag twice', deployment(['--leader-elect=false', '--leader-elect=true']), {}],
    ['some namespaces', deployment(['--watch-namespaces=ml, data']), { watched: ['ml', 'data'] }],
    [
      'some namespaces by a variable',
      deployment([], { env: [{ name: 'WATCH_NAMESPACES', value: 'ml' }] }),
      { watched: ['ml'] },
    ],
    ['other labels', deployment(['--recipient-labels=a=b,c=']), { recipientLabels: { a: 'b', c: '' } }],
    ['no labels', deployment(['--recipient-labels=']), { recipientLabels: {} }],
  ] as const) {
    test(what, () => assert.deepEqual(operatorOf(given), { ...usual, ...want }))
  }
})

test('namespaces that are named, are there, and do not consent are closed', () => {
  const labels = { 'artifactstore.dev/recipient': 'true' }
  const namespace = (name: string, own: Record<string, string> = {}) => ({
    ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { ...store().metadata, name, labels: own } },
  })
  const names = ['ml', 'open', 'closed', 'absent']
  const one = store({ credentials: [{ name: 'step', formats: ['Env'], namespaces: { names } }] })
  const found = closedNamespaces(
    [one, one, store()],
    ['ml', 'open', 'closed', 'other'].map(name => namespace(name, name === 'open' ? labels : {})),
    labels,
  )
  assert.deepEqual(found, [{ namespace: 'closed', stores: [{ kind: 'store', namespace: 'ml', name: 'prod' }], labels }])
})
