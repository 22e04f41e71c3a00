/** Reads facts about the installation of the operator that are no objects of its API. */
import { setTimeout as delay } from 'node:timers/promises'
import { lackingFields } from '../../api/crd-fields.ts'
import { OPERATOR } from '../../api/names.ts'
import type { KubeObject } from '../../api/object.ts'
import { inTurns } from '../../async/in-turns.ts'
import { orNothing } from '../../kube/errors.ts'
import { NotYetPublished, publishedDocument } from '../../kube/published-crds.ts'
import { LEASES, type Resource } from '../../kube/resource.ts'
import { noAccess } from '../frame/failures.ts'
import type { Cluster } from './connect.ts'
import { guarded, ifAllowed } from './read.ts'

const AT_ONCE = 6
const ADMISSION = 'admissionregistration.k8s.io/v1'

const policy = (kind: string, plural: string): Resource => ({ apiVersion: ADMISSION, kind, plural, namespaced: false })
const POLICIES = policy('ValidatingAdmissionPolicy', 'validatingadmissionpolicies')
const BINDINGS = policy('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings')

const REVIEWS: Resource = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
}

/** Names of the policies of deploy/admission-*.yaml, and of their bindings. */
const POLICY_NAMES = ['secrets', 'stores', 'tokens', 'connector-deletion', 'store-deletion'].map(
  what => `${OPERATOR}-${what}`,
)

/** What the installed CRDs lack of what this program knows, by kind. */
export async function readCrds(cluster: Cluster, signal: AbortSignal): Promise<ReturnType<typeof lackingFields>> {
  const right = { verb: 'get' as const, resource: { apiVersion: 'v1', plural: 'openapi', namespaced: false } }
  return guarded(cluster, { ...right, namespace: undefined }, async () => {
    try {
      return lackingFields((await publishedDocument(cluster.client, { signal })) ?? {})
    } catch (error) {
      if (!(error instanceof NotYetPublished)) throw error
      const what = `the API server does not publish the CRDs yet: ${cluster.where}`
      throw noAccess(what, 'run the command again in a minute', error)
    }
  })
}

type State = 'well' | 'missing' | 'not denying'

export async function readPolicies(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ policies?: { name: string; state: State }[]; note?: string }> {
  const { value, note } = await ifAllowed({ verb: 'get', resource: POLICIES, namespace: undefined }, () =>
    inTurns(POLICY_NAMES, AT_ONCE, async name => {
      const [policy, binding] = await Promise.all(
        [POLICIES, BINDINGS].map(resource =>
          cluster.client.get(resource, undefined, name, { signal }).catch(orNothing),
        ),
      )
      const { policyName, validationActions = [] } =
        (binding as { spec?: { policyName?: string; validationActions?: string[] } } | undefined)?.spec ?? {}
      const state: State =
        !policy || policyName !== name ? 'missing' : validationActions.includes('Deny') ? 'well' : 'not denying'
      return { name, state }
    }),
  )
  return value ? { policies: value } : { note: `the admission policies are not known: ${note}` }
}

/** Which of the questions about a user the API server answers with no. */
export async function readDenied<Q extends { attributes: object }>(
  cluster: Cluster,
  user: string,
  questions: readonly Q[],
  signal: AbortSignal,
): Promise<{ denied?: Q[]; note?: string }> {
  const { value, note } = await ifAllowed({ verb: 'create', resource: REVIEWS, namespace: undefined }, () =>
    inTurns(questions, AT_ONCE, async question => {
      const { apiVersion, kind } = REVIEWS
      const spec = { user, groups: groupsOf(user), resourceAttributes: question.attributes }
      const review = { apiVersion, kind, metadata: {}, spec }
      const { status } = await cluster.client.create<KubeObject & { status?: { allowed?: boolean } }>(REVIEWS, review, {
        signal,
      })
      return { question, isAllowed: status?.allowed === true }
    }),
  )
  if (!value) return { note: `the operator's rights are not known: ${note}` }
  return { denied: value.filter(({ isAllowed }) => !isAllowed).map(({ question }) => question) }
}

/** Groups that each ServiceAccount is in. */
const groupsOf = (user: string): string[] => [
  'system:serviceaccounts',
  `system:serviceaccounts:${user.split(':')[2]}`,
  'system:authenticated',
]

/** How often a Lease is read while it is looked at. */
const LOOK_MS = 1_000
/** How long at least: leaders renew it every 2 s. */
const LEAST_MS = 6_000

export interface LeaseFacts {
  namespace: string
  isThere: boolean
  holder: string
  isRenewed: boolean
  /** When its leader says that it has renewed it, by its own clock, in ms; known where it was seen to be renewed. */
  renewedMs?: number
}

type Lease = KubeObject & { spec?: { holderIdentity?: string; renewTime?: string; leaseDurationSeconds?: number } }

/** Looks at the Lease until it is renewed, or has not been for as long as it lasts: no clocks are compared. */
export async function readLease(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<{ lease?: LeaseFacts; note?: string }> {
  const read = () =>
    ifAllowed({ verb: 'get', resource: LEASES, namespace }, async () => ({
      lease: await cluster.client.get<Lease>(LEASES, namespace, OPERATOR, { signal }).catch(orNothing),
    }))
  const { value: first, note } = await read()
  if (!first) return { note: `the leader is not known: ${note}` }
  if (!first.lease) return { lease: { namespace, isThere: false, holder: '', isRenewed: false } }
  const { holderIdentity: holder = '', leaseDurationSeconds = 15, renewTime } = first.lease.spec ?? {}
  const end = performance.now() + Math.min(Math.max(LEAST_MS, leaseDurationSeconds * 1000), 60_000)
  while (performance.now() < end) {
    await delay(LOOK_MS, undefined, { signal })
    const now = (await read()).value?.lease?.spec
    if (!now?.renewTime || now.renewTime === renewTime) continue
    const { holderIdentity: holder = '' } = now
    if (holder !== '') {
      return { lease: { namespace, isThere: true, holder, isRenewed: true, renewedMs: Date.parse(now.renewTime) } }
    }
  }
  return { lease: { namespace, isThere: true, holder, isRenewed: false } }
}
