/** Pure: whether the permissions of an identity suffice for a store. */
import { type Failure, stalled } from '../../api/failures.ts'
import type { Location, Permission, Probe } from '../../providers/provider.ts'
import type { StorePlan } from './plan.ts'

/** How the detail of a denied permission begins. */
export const denialOf = (action: string, { uri }: Pick<Location, 'uri'>, principal: string): string =>
  `${action} denied on ${uri} for ${principal}`

/** What a detail says besides one of these beginnings: why it was denied, or that a KMS key was. */
export function reasonIn(detail = '', ...beginnings: string[]): string | undefined {
  const known = beginnings.find(beginning => detail.startsWith(beginning)) ?? ''
  const reason = detail.slice(known.length).replace(/^:/, '').trim()
  return (reason.startsWith('(') && reason.endsWith(')') ? reason.slice(1, -1) : reason) || undefined
}

/** Reason of access that is verified, with something to say besides. */
export const WITH_CAUTION = 'VerifiedWithCaution'

type Requiring = Pick<StorePlan, 'required' | 'requiredByDefault' | 'location'>
type Found = Pick<Probe, 'permissions' | 'leftBehind'> & { bucket: Pick<Probe['bucket'], 'versioning'> }

/** A Failure that names every missing permission; undefined when none is missing. */
export function judgePermissions(plan: Requiring, probe: Found, principal: string): Failure | undefined {
  const failure = missing(plan, probe, principal)
  if (!failure || probe.leftBehind === undefined) return failure
  return { ...failure, message: `${failure.message}; ${probe.leftBehind}` }
}

function missing(plan: Requiring, probe: Found, principal: string): Failure | undefined {
  const found = new Map(probe.permissions.map(permission => [permission.action, permission]))
  const lacking = lackingIn(plan, probe).filter(action => !isTolerated(plan, found.get(action)))
  if (lacking.length === 0) return undefined
  const denied = lacking.filter(action => found.get(action)?.result === 'Denied')
  const where = `on ${plan.location.uri} for ${principal}`
  if (denied.length > 0) {
    const reasonOf = (action: string) =>
      reasonIn(found.get(action)?.detail, denialOf(action, plan.location, principal)) ?? []
    const because = [...new Set(denied.flatMap(reasonOf))]
    const reasons = because.length > 0 ? ` (${because.join('; ')})` : ''
    const cures = new Set(denied.map(action => found.get(action)?.cure ?? 'allow it in the policy of that identity'))
    return stalled('PermissionDenied', `${denied.join(', ')} denied ${where}${reasons}: ${[...cures].join('; ')}`)
  }
  const why = (action: string) => reasonIn(found.get(action)?.detail, `${action}:`) ?? 'the operator does not probe it'
  const details = lacking.map(action => `${action} (${why(action)})`)
  const cures = new Set(lacking.map(action => cureOf(action, found.get(action))))
  const rest = plan.required.filter(action => !lacking.includes(action))
  const omit = lacking.some(action => found.has(action)) ? ', or leave it out of spec.verification.require' : ''
  const list = rest.length > 0 ? `, or require only what can be: spec.verification.require: [${rest.join(', ')}]` : omit
  return stalled('PermissionUnknown', `${details.join(', ')} can't be proven ${where}: ${[...cures].join('; ')}${list}`)
}

const cureOf = (action: string, found: Permission | undefined): string =>
  found ? (found.cure ?? 'make it provable') : `leave ${action} out of spec.verification.require`

/** Required permissions that are not known to be allowed, without those that mean nothing in this bucket. */
function lackingIn({ required, requiredByDefault }: Requiring, { permissions, bucket }: Found): string[] {
  const allowed = new Set(permissions.filter(({ result }) => result === 'Allowed').map(({ action }) => action))
  const needless = bucket.versioning === 'Disabled' ? (requiredByDefault?.withVersions ?? []) : []
  return required.filter(action => !allowed.has(action) && !needless.includes(action))
}

/** Whether the store can do without the proof: it did not ask for it by name, and the proof would leave a trace. */
const isTolerated = ({ requiredByDefault }: Requiring, found: Permission | undefined): boolean =>
  requiredByDefault !== undefined && found?.wouldLeaveTrace === true

/** What status says besides that access is verified: what works otherwise than asked, and what was not proven. */
export function cautionsOf(plan: Requiring, probe: Probe): string[] {
  const unproven = probe.permissions.filter(
    permission => plan.required.includes(permission.action) && isTolerated(plan, permission),
  )
  return [
    ...(probe.cautions ?? []),
    ...(probe.leftBehind === undefined ? [] : [probe.leftBehind]),
    ...unproven.flatMap(({ detail = '', cure }) => (cure ? `${detail}: ${cure}` : detail)),
  ]
}
