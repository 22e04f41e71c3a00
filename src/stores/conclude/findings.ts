/** Pure: the conditions of the steps in which a store is reconciled. */
import {
  ACCESS_VERIFIED,
  BUCKET_REACHABLE,
  CONNECTOR_READY,
  CREDENTIALS_PROJECTED,
  type Finding,
  type OwnType,
  USAGE_MEASURED,
} from '../../api/conditions.ts'
import { type Failure, isFailure } from '../../api/failures.ts'
import { rfc3339 } from '../../api/time.ts'
import type { Measured } from '../effects/measure.ts'
import type { Projection } from '../effects/projection.ts'
import type { Verification } from '../effects/verifications.ts'
import { blamesConnector } from '../plan/connection.ts'
import { cautionsOf, WITH_CAUTION } from '../plan/permissions.ts'
import type { Facts } from './facts.ts'
import { isolationFinding } from './isolation.ts'
import { type ConcludedPlan, type Observations, verificationOf } from './observations.ts'

/** The state of the store when its findings are made. */
export interface Circumstances {
  /** Why the store can't be as its spec wants it, whatever was observed. */
  specFailure?: Failure | undefined
  /** Whether Ready stays through trouble that may pass, and with it what was last seen. */
  keepsReady: boolean
  /** Whether credentials that were not refreshed in time are about to end. */
  expiresSoon: boolean
}

export function findingsOf(plan: ConcludedPlan, observed: Observations, circumstances: Circumstances): Finding[] {
  const { principal, access, usage } = observed
  const verification = verificationOf(observed)
  const connector: Finding = passed(CONNECTOR_READY, 'Authenticated', `acting as ${principal}`)
  const last = [
    projectedFinding(plan, observed, circumstances),
    ...isolationFinding(observed.projections),
    ...(usage ? [usageFinding(usage)] : []),
  ]
  if (isFailure(verification)) {
    const accessVerified = circumstances.keepsReady ? [] : [unknown(ACCESS_VERIFIED)]
    return [connector, failed(BUCKET_REACHABLE, verification), ...accessVerified, ...last]
  }
  return [
    connector,
    passed(BUCKET_REACHABLE, 'Reachable'),
    access ? failed(ACCESS_VERIFIED, access) : accessFinding(plan, verification),
    ...last,
  ]
}

function accessFinding(plan: ConcludedPlan, { probe }: Verification): Finding {
  const cautions = cautionsOf(plan, probe)
  if (cautions.length === 0) return passed(ACCESS_VERIFIED, 'PermissionsVerified')
  return passed(ACCESS_VERIFIED, WITH_CAUTION, `the required permissions are allowed; ${cautions.join('; ')}`)
}

/** What can be said of the steps when the first one failed. */
export function findingsUnobserved(
  failure: Failure,
  facts: Facts,
  { keepsReady, expiresSoon }: Circumstances,
): Finding[] {
  const connector = blamesConnector(failure) ? failed(CONNECTOR_READY, failure) : unknown(CONNECTOR_READY)
  const kept = expiresSoon && facts.expiresAt ? ending(facts.expiresAt, failure) : undefined
  if (keepsReady) return [...(blamesConnector(failure) ? [connector] : []), ...(kept ? [kept] : [])]
  return [connector, unknown(BUCKET_REACHABLE), unknown(ACCESS_VERIFIED), kept ?? keptFinding(facts)]
}

/** What can be said of the steps of a suspended store, which nobody looks at. */
export const findingsSuspended = (facts: Facts): Finding[] => [
  unknown(CONNECTOR_READY),
  unknown(BUCKET_REACHABLE),
  unknown(ACCESS_VERIFIED),
  keptFinding(facts),
]

/** What can be said of Secrets that nobody refreshes. */
function keptFinding({ credentials = [], expiresAt }: Facts): Finding {
  if (credentials.length === 0) {
    const message = 'no Secret holds credentials that work'
    return { type: CREDENTIALS_PROJECTED, status: 'False', reason: 'NotProjected', message }
  }
  const until = expiresAt ? ` until ${expiresAt}` : ''
  return passed(CREDENTIALS_PROJECTED, 'NotRefreshed', `credentials work${until}, and are not refreshed`)
}

/** Reason of credentials that still work, but should have been refreshed long ago. */
export const ENDING = 'CredentialsEnding'

const ending = (expiresAt: string, { message }: Failure): Finding =>
  passed(CREDENTIALS_PROJECTED, ENDING, `credentials end at ${expiresAt}, and their refresh fails: ${message}`)

function projectedFinding(
  { unmatched, identity: { cautions } }: ConcludedPlan,
  { projections }: Observations,
  { specFailure, expiresSoon }: Circumstances,
): Finding {
  if (projections.length + unmatched.length === 0) {
    return passed(CREDENTIALS_PROJECTED, 'NoneRequested', 'spec.credentials is empty')
  }
  const missing = projections.filter(({ served }) => !served)
  const failing = (missing.length > 0 ? missing : projections).filter(projection => projection.failure)
  const failure = failing[0]?.failure
  if (missing.length > 0) {
    return failure
      ? failed(CREDENTIALS_PROJECTED, counted(failure, missing, projections))
      : withheld(missing, specFailure)
  }
  if (failure) {
    const [first] = failing.flatMap(({ expiresAt }) => expiresAt ?? []).sort((one, other) => +one - +other)
    if (expiresSoon && first) return ending(rfc3339(first), failure)
    const message = `credentials still work, but their refresh fails: ${failure.message}`
    return passed(CREDENTIALS_PROJECTED, 'RefreshFailing', message)
  }
  const idle = unmatched.map(role => `spec.credentials[${role}].namespaces selects none that is allowed`)
  const all = new Set([...cautions, ...projections.flatMap(({ caution }) => caution ?? [])])
  const warnings = new Set(projections.flatMap(projection => projection.warnings))
  const secrets = projections.flatMap(({ target }) => target.secretNames).length
  return passed(
    CREDENTIALS_PROJECTED,
    all.size > 0 ? 'ProjectedWithCaution' : 'Projected',
    [`${secrets} ${secrets === 1 ? 'Secret' : 'Secrets'} up to date`, ...idle, ...all, ...warnings].join('; '),
  )
}

/** One failure stands for all; the number of targets tells how far it reaches. */
const counted = (failure: Failure, missing: Projection[], all: Projection[]): Failure =>
  missing.length === 1
    ? failure
    : { ...failure, message: `${failure.message} (${missing.length} of ${all.length} have no credentials)` }

function withheld(missing: Projection[], specFailure: Failure | undefined): Finding {
  const names = [...new Set(missing.map(({ target }) => target.role))].join(', ')
  const [reason, until] = specFailure
    ? [specFailure.reason, 'while the store is not as it should be']
    : ['NotVerified', 'before access is verified']
  return { type: CREDENTIALS_PROJECTED, status: 'False', reason, message: `no credentials for ${names} ${until}` }
}

function usageFinding({ usage, failure }: Measured): Finding {
  if (failure) return failed(USAGE_MEASURED, failure)
  if (usage) return passed(USAGE_MEASURED, 'Measured', 'status.usage holds the last complete measurement')
  const message = 'the first measurement is not complete yet'
  return { type: USAGE_MEASURED, status: 'Unknown', reason: 'Measuring', message }
}

/** Without a message where the reason says it all: each store has it in etcd, on its watches and in caches. */
const passed = (type: OwnType, reason: string, message = ''): Finding => ({ type, status: 'True', reason, message })
const failed = (type: OwnType, { reason, message }: Failure): Finding => ({ type, status: 'False', reason, message })

const unknown = (type: OwnType): Finding => ({
  type,
  status: 'Unknown',
  reason: 'NotObserved',
  message: 'nothing is known before the steps ahead of it work',
})
