/** Pure: facts about an installation -> what is wrong with it, in the order to mend it. */
import manifest from '../../../package.json' with { type: 'json' }
import { crdCommand, crdOf } from '../../api/crd-names.ts'
import { OPERATOR } from '../../api/names.ts'
import type { Shell } from '../text/kubectl.ts'
import { kubectl } from '../text/kubectl.ts'
import { type Cure, type Finding, outside, type Subject } from './finding.ts'
import { consent } from './recipient-cures.ts'

export interface Operator {
  namespace: string
  name: string
  replicas: number
  available: number
  /** Whether its replicas elect a leader. */
  elects: boolean
  /** Namespaces to which it is limited; absent: it is not. */
  watched?: string[]
  /** Labels by which a namespace consents to Secrets of stores elsewhere. */
  recipientLabels: Record<string, string>
}

/** Facts that could not be read are absent. */
export interface Installation {
  /** What CRDs lack of what this program knows, by kind; undefined: it is not installed. */
  crds?: Readonly<Record<string, readonly string[] | undefined>>
  policies?: { name: string; state: 'well' | 'missing' | 'not denying' }[]
  operators?: Operator[]
  /** Rights that the operator's ServiceAccount lacks, in words. */
  denied?: { namespace: string; account: string; rights: string[] }[]
  /** `changed`: whether it was written while it was looked at. */
  leases?: { namespace: string; isThere: boolean; holder: string; isRenewed: boolean }[]
  /** Namespaces that entries of stores name, and that do not consent. */
  closed?: { namespace: string; stores: Subject[]; labels: Record<string, string> }[]
  /** Differences to the clock of the API server in ms; positive: ahead of it. */
  clocks?: { whose: string; aheadMs: number }[]
}

/** Rules that need no right clocks bear half a minute. */
const CLOCK_MS = 30_000
/** Fields that a message names. */
const FIELDS_MAX = 5

const FILES = `with the files of version ${manifest.version}`

export function installationFindings(facts: Installation, shell: Shell): Finding[] {
  return [
    ...crdFindings(facts.crds ?? {}, shell),
    ...rightFindings(facts.denied ?? [], shell),
    ...policyFindings(facts.policies ?? [], shell),
    ...operatorFindings(facts, shell),
    ...leaseFindings(facts.leases ?? [], shell),
    ...closedFindings(facts.closed ?? [], shell),
    ...clockFindings(facts.clocks ?? []),
  ]
}

/** A finding about a part of the installation. */
const part = (
  { namespace = '', name, isCaution = false }: { namespace?: string; name: string; isCaution?: boolean },
  reason: string,
  message: string,
  cures: Cure[],
): Finding => ({ kind: 'installation', namespace, name, reason, message, isCaution, explains: [], cures })

const run = (words: string, ...commands: string[]): Cure => ({ place: 'cluster', words, commands, needs: [] })

/** The words of a plain command, as kubectl at the person's cluster. */
const at = (shell: Shell, command: string): string => kubectl(shell, command.split(' ').slice(1))

function crdFindings(crds: NonNullable<Installation['crds']>, shell: Shell): Finding[] {
  return Object.entries(crds).flatMap(([kind, fields]) => {
    if (fields?.length === 0) return []
    const cure = run(`apply the CRD ${FILES}`, at(shell, crdCommand(kind)))
    const name = `CRD ${crdOf(kind)}`
    if (!fields) return [part({ name }, 'CrdMissing', 'it is not installed', [cure])]
    const more = fields.length > FIELDS_MAX ? ` and ${fields.length - FIELDS_MAX} more` : ''
    const lacks = `it lacks ${fields.slice(0, FIELDS_MAX).join(', ')}${more}, which version ${manifest.version} knows`
    return [part({ name }, 'CrdTooOld', `${lacks}: the API server drops or refuses them`, [cure])]
  })
}

const rightFindings = (denied: NonNullable<Installation['denied']>, shell: Shell): Finding[] =>
  denied.map(({ namespace, account, rights }) => {
    // Of its Roles, some have no namespace of their own in that file.
    const command = `kubectl apply --server-side -n ${namespace} -f deploy/operator-role.yaml`
    return part({ namespace, name: `ServiceAccount ${account}` }, 'RightsMissing', `it may not ${rights.join('; ')}`, [
      run(`apply its Roles ${FILES}, or your overlay of them`, at(shell, command)),
    ])
  })

const UNFENCED = 'nothing holds a stolen token of the operator to what the operator does'
const UNGUARDED =
  'a connector in use is deleted without a question, and a store that needs a confirmation waits for it in Terminating'

function policyFindings(policies: NonNullable<Installation['policies']>, shell: Shell): Finding[] {
  return policies.flatMap(({ name, state }) => {
    if (state === 'well') return []
    const file = `deploy/admission-${name.slice(OPERATOR.length + 1)}.yaml`
    // What guards deletions is of use to people, and no fence.
    const isCaution = name.endsWith('-deletion')
    const what = state === 'missing' ? 'the policy or its binding is missing' : 'its binding denies nothing'
    const message = `${what}: ${isCaution ? UNGUARDED : UNFENCED}`
    const cure = run(
      `apply it ${FILES}, or your overlay of it`,
      at(shell, `kubectl apply --server-side --force-conflicts -f ${file}`),
    )
    return [part({ name: `ValidatingAdmissionPolicy ${name}`, isCaution }, 'PolicyMissing', message, [cure])]
  })
}

function operatorFindings({ operators, leases }: Installation, shell: Shell): Finding[] {
  if (!operators) return []
  if (operators.length === 0) {
    const isLed = leases?.some(({ isRenewed }) => isRenewed)
    const message = `no Deployment has the label app.kubernetes.io/name=${OPERATOR}`
    const where = { name: OPERATOR, isCaution: isLed === true }
    return [part(where, 'OperatorMissing', message, [outside('install the operator: docs/install.md')])]
  }
  return operators.flatMap(({ namespace, name, replicas, available }) => {
    if (replicas > 0 && available > 0) return []
    const subject = { namespace, name: `Deployment ${name}` }
    const on = ['deployment', name, '-n', namespace]
    if (replicas === 0) {
      const cure = run('start it', kubectl(shell, ['scale', ...on, '--replicas=2']))
      return [part(subject, 'OperatorStopped', 'it is scaled to no replicas: nobody looks at stores', [cure])]
    }
    const cure: Cure = {
      ...outside('see why its Pods do not become ready'),
      commands: [
        kubectl(shell, ['get', 'pods', '-n', namespace, '-l', `app.kubernetes.io/name=${OPERATOR}`]),
        kubectl(shell, ['logs', `deployment/${name}`, '-n', namespace, '--tail=50']),
      ],
    }
    return [part(subject, 'OperatorNotAvailable', `of ${replicas} replicas none is ready`, [cure])]
  })
}

const leaseFindings = (leases: NonNullable<Installation['leases']>, shell: Shell): Finding[] =>
  leases.flatMap(({ namespace, isThere, holder, isRenewed }) => {
    if (isRenewed) return []
    const what = !isThere
      ? 'there is no Lease: no replica has ever led'
      : holder === ''
        ? 'its last leader has ended, and no replica has taken over'
        : `"${holder}" was the last leader, and does not renew it`
    const cure: Cure = {
      ...outside('see what its replicas say'),
      commands: [
        kubectl(shell, ['logs', '-n', namespace, '-l', `app.kubernetes.io/name=${OPERATOR}`, '--tail=50', '--prefix']),
      ],
    }
    return [part({ namespace, name: `Lease ${OPERATOR}` }, 'NoLeader', what, [cure])]
  })

const closedFindings = (closed: NonNullable<Installation['closed']>, shell: Shell): Finding[] =>
  closed.map(({ namespace, stores, labels }) => ({
    ...part(
      { name: `namespace ${namespace}` },
      'NamespaceNotRecipient',
      'stores elsewhere have Secrets for it, and it does not accept them',
      [consent([namespace], labels, shell)],
    ),
    explains: stores,
  }))

const clockFindings = (clocks: NonNullable<Installation['clocks']>): Finding[] =>
  clocks.flatMap(({ whose, aheadMs }) => {
    if (Math.abs(aheadMs) <= CLOCK_MS) return []
    const by = `${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? 'ahead of' : 'behind'}`
    const message = `it is ${by} the clock of the API server: clouds refuse requests and tokens whose times are wrong`
    return [part({ name: `clock of ${whose}` }, 'ClockSkewed', message, [outside('synchronize the clocks (NTP)')])]
  })
