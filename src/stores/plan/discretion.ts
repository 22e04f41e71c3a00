/**
 * Pure: what borrowers of a connector are told of its troubles. Whom the connector acts as, with what and where, is its
 * owner's business: a message about the borrower's bucket has that taken out, and any other is not shown (docs/adr/0022).
 */
import { type Failure, isFailure } from '../../api/failures.ts'
import type { ObjectKey } from '../../api/object.ts'
import { withoutSaid } from '../../foreign/said.ts'
import type { Grant, Identity, Permission, Probe, Session } from '../../providers/provider.ts'

/**
 * Reasons of failures that are about the store: its bucket, its path and what it asks for. A reason that is not listed
 * counts as the connector's own, so that a new one shows nothing before somebody has thought about it.
 */
const ABOUT_STORE: ReadonlySet<string> = new Set([
  ...['BucketNotFound', 'BucketNotReady', 'BucketBusy', 'BucketNameTaken', 'BucketQuotaExceeded'],
  ...[
    'BucketChangeRefused',
    'EncryptionRefused',
    'InvalidBucketName',
    'InvalidRegion',
    'RegionDisabled',
    'WrongRegion',
  ],
  ...['ContainerNotFound', 'ContainerBeingDeleted', 'ContainerDisabled', 'ContainerNotCreated', 'InvalidContainerName'],
  ...['LifecycleConflict', 'LifecycleFull', 'LifecycleUnreadable'],
  ...['PermissionDenied', 'NotLent', 'DurationTooLong', 'PolicyTooLong', 'UnsupportedPrefix'],
  ...['NoMetricsYet', 'CloudWatchUnavailable', 'CloudWatchFailed', 'ListingFailed'],
  ...['AccountMismatch', 'Throttled', 'ServiceUnavailable', 'RequestRefused'],
])

/** ARNs of identities; those of KMS keys and buckets are the store's own. */
const IDENTITY_ARN = /arn:[\w-]{1,32}:(?:iam|sts):[\w:/+=,.@-]{0,512}/g

export interface Discretion {
  /** Whom the session acts as, in the borrower's words. */
  principal: string
  failure(failure: Failure): Failure
  probe(probe: Probe): Probe
  grant(grant: Grant): Grant
}

export function discretionOf(
  identity: Pick<Identity, 'connector' | 'confidential'>,
  { principal, caller }: Pick<Session, 'principal' | 'caller'>,
): Discretion {
  const who = `ServiceConnector "${identity.connector}"`
  const secrets: [text: string, instead: string][] = [
    [principal, who],
    ...Object.values(caller).map((text): [string, string] => [text, 'its identity']),
    ...(identity.confidential?.() ?? []),
  ]
  // A longer text may contain a shorter one.
  const hidden = secrets.filter(([text]) => text.length > 0).sort(([a], [b]) => b.length - a.length)
  const rules = hidden.map(([secret, instead]) => [wholly(secret), instead] as const)
  // What a service says may name anything of the lender's.
  const hide = (text: string): string =>
    rules
      .reduce((told, [secret, instead]) => told.replace(secret, () => instead), withoutSaid(text))
      .replace(IDENTITY_ARN, 'its identity')
  return {
    principal: who,
    failure: failure =>
      ABOUT_STORE.has(failure.reason)
        ? { ...failure, message: hide(failure.message) }
        : { ...failure, message: hiddenFailure(identity.connector, failure.reason) },
    probe: probe => ({
      ...probe,
      permissions: probe.permissions.map(permission => discreet(permission, hide)),
      ...(probe.cautions ? { cautions: probe.cautions.map(hide) } : {}),
    }),
    grant: grant => ({ ...grant, ...(grant.cautions ? { cautions: grant.cautions.map(hide) } : {}) }),
  }
}

/** Matches a text that stands alone: a host "s3" is no part of "s3://bucket" and "s3:GetObject". */
function wholly(text: string): RegExp {
  const literal = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(`(?<![\\w-])${literal}(?![\\w-]|\\.\\w|:[/A-Z])`, 'g')
}

function discreet(permission: Permission, hide: (text: string) => string): Permission {
  const { detail } = permission
  return {
    ...permission,
    ...(detail === undefined ? {} : { detail: hide(detail) }),
    ...(permission.result === 'Denied' ? { cure: 'have its owner allow it to that identity' } : {}),
  }
}

/** All that borrowers are told of a failure of the connector itself. */
export const hiddenFailure = (connector: ObjectKey, reason: string): string =>
  `ServiceConnector "${connector}": ${reason}: its owner can see why`

/** The same of whatever a session returns. */
export const discreetly = <T>(
  result: T | Failure,
  { failure }: Discretion,
  told = (value: T): T => value,
): T | Failure => (isFailure(result) ? failure(result) : told(result))
