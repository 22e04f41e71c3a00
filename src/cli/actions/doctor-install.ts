/** `doctor --install`: reads what tells whether the operator is installed well. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { OPERATOR, RECIPIENT_LABEL } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import { ARTIFACT_STORES, NAMESPACES } from '../../kube/resource.ts'
import { type Cluster, onCluster } from '../cluster/connect.ts'
import { type LeaseFacts, readCrds, readDenied, readLease, readPolicies } from '../cluster/installation.ts'
import { operatorDeployments, SYSTEM_NAMESPACE } from '../cluster/operators.ts'
import { ifAllowed, listPages } from '../cluster/read.ts'
import { closedNamespaces } from '../doctor/closed-namespaces.ts'
import { type Installation, installationFindings } from '../doctor/installation.ts'
import { operatorOf, type RunBy } from '../doctor/operator-of.ts'
import { askedOf, rightWords } from '../doctor/operator-rights.ts'
import type { Answer, Invocation } from '../frame/command.ts'
import type { Shell } from '../text/kubectl.ts'
import { answerOf } from './diagnosis.ts'

/** What is known of an installation whose Deployment can't be seen. */
const USUAL: RunBy = {
  ...{ namespace: SYSTEM_NAMESPACE, name: OPERATOR, account: OPERATOR, replicas: 1, available: 1, elects: true },
  recipientLabels: { [RECIPIENT_LABEL]: 'true' },
}

export async function doctorInstall({ globals, progress, signal }: Invocation, shell: Shell): Promise<Answer> {
  const notes: string[] = []
  const noting = <T extends { note?: string }>(found: T): T => {
    if (found.note !== undefined) notes.push(found.note)
    return found
  }
  return onCluster(globals, async cluster => {
    progress(`reading the installation of ${cluster.where}`)
    const crds = await readCrds(cluster, signal)
    const { deployments } = noting(await operatorDeployments(cluster, signal))
    const { policies } = noting(await readPolicies(cluster, signal))
    const seen = deployments?.map(operatorOf)
    const operators = seen && seen.length > 0 ? seen : [USUAL]
    const denied: NonNullable<Installation['denied']> = []
    const leases: LeaseFacts[] = []
    for (const one of operators) {
      const rights = noting(await readRights(cluster, one, signal))
      if (rights.missing) denied.push(...rights.missing)
      progress(`waiting for the leader to renew its Lease in namespace "${one.namespace}"`)
      const { lease } = one.elects ? noting(await readLease(cluster, one.namespace, signal)) : {}
      if (lease) leases.push(lease)
    }
    const closed = Object.values(crds).every(Boolean)
      ? noting(await readClosed(cluster, operators, signal)).closed
      : undefined
    const facts: Installation = {
      ...{ crds, denied, leases, clocks: clocksOf(cluster, leases) },
      ...(policies ? { policies } : {}),
      ...(seen ? { operators: seen } : {}),
      ...(closed ? { closed } : {}),
    }
    const part = notes.length > 0 ? 'what you may see of the installation' : 'the installation'
    return answerOf(installationFindings(facts, shell), { well: `Nothing is wrong with ${part}.`, notes })
  })
}

async function readRights(
  cluster: Cluster,
  { namespace, account, watched }: RunBy,
  signal: AbortSignal,
): Promise<{ missing?: NonNullable<Installation['denied']>; note?: string }> {
  const user = `system:serviceaccount:${namespace}:${account}`
  const { denied, note } = await readDenied(cluster, user, askedOf(namespace, watched), signal)
  if (!denied) return note === undefined ? {} : { note }
  const rights = denied.filter(({ isOptional }) => !isOptional).map(rightWords)
  const optional = denied.filter(({ isOptional }) => isOptional).map(rightWords)
  return {
    missing: rights.length > 0 ? [{ namespace, account, rights }] : [],
    ...(optional.length > 0
      ? { note: `the operator may not ${optional.join('; ')}: some Role must give it for each ServiceAccount by name` }
      : {}),
  }
}

async function readClosed(
  cluster: Cluster,
  [operator = USUAL, ...others]: RunBy[],
  signal: AbortSignal,
): Promise<{ closed?: Installation['closed']; note?: string }> {
  // Who lists a namespace in --watch-namespaces consents for it.
  if (others.length > 0 || operator.watched) return {}
  const read = async () => ({
    stores: await listPages<ArtifactStore>(cluster, ARTIFACT_STORES, undefined, { signal }),
    namespaces: await listPages<KubeObject>(cluster, NAMESPACES, undefined, { signal, metadataOnly: true }),
  })
  const { value, note } = await ifAllowed({ verb: 'list', resource: NAMESPACES, namespace: undefined }, read)
  if (!value) return { note: `which namespaces accept Secrets is not known: ${note}` }
  return { closed: closedNamespaces(value.stores, value.namespaces, operator.recipientLabels) }
}

/** This machine's clock, and those of leaders as they tell them in their Leases. */
function clocksOf(cluster: Cluster, leases: LeaseFacts[]): NonNullable<Installation['clocks']> {
  const aheadMs = cluster.aheadMs()
  if (aheadMs === undefined) return []
  // A Lease that was seen to be renewed is as old as the time between two looks.
  const serverMs = Date.now() - aheadMs
  const leaders = leases.flatMap(({ namespace, holder, renewedMs }) =>
    renewedMs === undefined || Number.isNaN(renewedMs)
      ? []
      : [{ whose: `the operator "${holder}" in namespace ${namespace}`, aheadMs: renewedMs - serverMs }],
  )
  return [{ whose: 'this machine', aheadMs }, ...leaders]
}
