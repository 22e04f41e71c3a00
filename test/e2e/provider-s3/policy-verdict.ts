/** What a store says of an identity that may do what a printed policy allows, without a cluster. */
import type { ArtifactStore } from '../../../src/api/artifact-store.ts'
import { DEFAULT_ACCESS, FORMATS } from '../../../src/api/credentials-entry.ts'
import { isFailure } from '../../../src/api/failures.ts'
import { parseStoreUri } from '../../../src/api/uri.ts'
import type { Session } from '../../../src/providers/provider.ts'
import { VERSION_PERMISSIONS } from '../../../src/providers/s3/answers/version-permissions.ts'
import { requiredPermissions } from '../../../src/providers/s3/needs/required.ts'
import { preparations } from '../../../src/stores/plan/lifecycle-rule.ts'
import { locationOf } from '../../../src/stores/plan/location.ts'
import { cautionsOf, judgePermissions } from '../../../src/stores/plan/permissions.ts'
import { none } from './lab.ts'

export interface PolicyCase {
  what: string
  spec: Partial<ArtifactStore['spec']>
  /** Whether the bucket has versions already. */
  isVersioned?: boolean
}

const ACCESSES = ['ReadWrite', 'ReadOnly', 'WriteOnly'] as const

/** Each format with each access, in buckets with and without versions. */
export const CONSUMERS: PolicyCase[] = FORMATS.flatMap(format =>
  ACCESSES.flatMap(access =>
    [false, true].map(isVersioned => ({
      what: `${format} with ${access}, in a bucket with${isVersioned ? '' : 'out'} versions`,
      spec: { credentials: [{ name: 'step', access, formats: [format] }] },
      isVersioned,
    })),
  ),
)

const usesOf = ({ spec }: ArtifactStore) =>
  (spec.credentials ?? []).map(({ access = DEFAULT_ACCESS, formats }) => ({ access, formats }))

export interface Verdict {
  isReady: boolean
  /** What conditions would say beside that all is well. */
  said: string[]
  /** What `status.permissions` would have that is not Allowed, by its action. */
  denied: string[]
}

const failed = (message: string): Verdict => ({ isReady: false, said: [message], denied: [] })

/** A rule that is there already needs no right to write it. */
let rules = 0

/** Does what the operator does for a store, and collects what it says. */
export async function verdictOn(store: ArtifactStore, session: Session): Promise<Verdict> {
  const { spec } = store
  const uri = parseStoreUri(spec.path)
  if (isFailure(uri)) throw new Error(uri.message)
  const location = locationOf(uri)
  const said: string[] = []
  const { create = false, versioning, expirationDays } = spec.bucket ?? {}
  const wishes = { location, create, versioning, expirationDays, ruleId: `rule-${++rules}` }
  for (const request of preparations(wishes, undefined)) {
    const prepared = await session.prepare(request, none)
    if (isFailure(prepared)) return failed(prepared.message)
  }
  const encryption = spec.encryption ?? { type: 'None' as const }
  const required = spec.verification?.require ?? requiredPermissions(usesOf(store))
  const acl = spec.clientOptions?.acl
  const asked = { location, encryption, writeProbe: 'Multipart' as const, probeId: 'uid-1', required, acl }
  const probe = await session.probe(asked, none)
  if (isFailure(probe)) return failed(probe.message)
  const plan = {
    ...{ required, location },
    requiredByDefault: spec.verification?.require ? undefined : { withVersions: VERSION_PERMISSIONS },
  }
  const denied = judgePermissions(plan, probe, session.principal)
  if (denied) said.push(denied.message)
  said.push(...cautionsOf(plan, probe))
  const granted = denied ? [] : await grantsOf(store, session, asked)
  said.push(...granted)
  const { source } = spec.usage ?? {}
  if (source === 'List' || source === 'CloudWatch') {
    const usage = await session.measure({ location, source }, none)
    if (isFailure(usage) && usage.reason !== 'NoMetricsYet') said.push(usage.message)
  }
  const notAllowed = probe.permissions.filter(({ result }) => result !== 'Allowed').map(({ action }) => action)
  return { isReady: !denied && granted.length === 0, said, denied: notAllowed }
}

/** Failures to make credentials for consumers. */
async function grantsOf(
  store: ArtifactStore,
  session: Session,
  { location, encryption, acl, required }: Parameters<Session['probe']>[0],
): Promise<string[]> {
  const failures: string[] = []
  for (const { access } of usesOf(store)) {
    const request = { location, encryption, acl, required, access, durationMs: 900_000, sessionName: 'ml.prod.step' }
    const grant = await session.grant(request, none)
    if (isFailure(grant)) failures.push(grant.message)
  }
  return failures
}

interface Statement {
  Action: string[]
}

/** The same statements without one action. */
export const withoutAction = (statements: readonly object[], action: string): object[] =>
  (statements as Statement[])
    .map(statement => ({ ...statement, Action: statement.Action.filter(one => one !== action) }))
    .filter(({ Action }) => Action.length > 0)

export const actionsIn = (statements: readonly object[]): string[] => [
  ...new Set((statements as Statement[]).flatMap(({ Action }) => Action)),
]
