/** Pure: whether the permissions of an identity suffice for a store. */
import { type Failure, stalled } from '../../api/failures.ts'
import type { Permission } from '../../providers/provider.ts'
import type { StorePlan } from './plan.ts'

/** What a detail says besides the denial itself: why it was denied, or that a KMS key was. */
function reasonIn(detail = '', denial: string): string[] {
  const reason = (detail.startsWith(denial) ? detail.slice(denial.length) : detail).trim()
  return reason ? [reason.startsWith('(') && reason.endsWith(')') ? reason.slice(1, -1) : reason] : []
}

/** A Failure that names every missing permission; undefined when none is missing. */
export function judgePermissions(
  plan: Pick<StorePlan, 'required' | 'location'>,
  permissions: Permission[],
  principal: string,
): Failure | undefined {
  const found = new Map(permissions.map(permission => [permission.action, permission]))
  const lacking = plan.required.filter(action => found.get(action)?.result !== 'Allowed')
  if (lacking.length === 0) return undefined
  const denied = lacking.filter(action => found.get(action)?.result === 'Denied')
  const where = `on ${plan.location.uri} for ${principal}`
  if (denied.length > 0) {
    const because = [
      ...new Set(denied.flatMap(action => reasonIn(found.get(action)?.detail, `${action} denied ${where}`))),
    ]
    const reasons = because.length > 0 ? ` (${because.join('; ')})` : ''
    const cures = new Set(denied.map(action => found.get(action)?.cure ?? 'allow it in the policy of that identity'))
    return stalled('PermissionDenied', `${denied.join(', ')} denied ${where}${reasons}: ${[...cures].join('; ')}`)
  }
  const why = (action: string) =>
    found.get(action)?.detail?.replace(`${action}: `, '') ?? 'the operator does not probe it'
  const details = lacking.map(action => `${action} (${why(action)})`)
  return stalled(
    'PermissionUnknown',
    `${details.join(', ')} can't be proven ${where}: make it provable, or leave it out of spec.verification.require`,
  )
}
