/** Proof that a service other than AWS has the call by which `spec.aws.issue` makes credentials: not every one has. */
import { type Failure, isFailure } from '../../../api/failures.ts'
import type { Transports } from '../../network/transports.ts'
import { openSts } from '../calls/clients.ts'
import type { Sts } from '../calls/sts.ts'
import type { AccessKey } from '../identity/auth.ts'
import { isAws, type S3Identity } from '../identity/identity.ts'
import { sessionName } from '../identity/session-name.ts'
import { signerOf } from '../identity/signer.ts'
import { wayToIssue } from '../identity/ways-to-issue.ts'

/** The shortest that STS takes. */
const DURATION_MS = 15 * 60_000

/** Credentials that open nothing, and are thrown away. */
const NOTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: ['s3:*'], Resource: ['arn:aws:s3:::*'] }],
})

/** A Failure where the way that the spec asks for is none here. Stores would all meet it. */
export async function refusesToIssue(
  transports: Transports,
  identity: S3Identity,
  key: AccessKey,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const way = wayToIssue(identity)
  if (!identity.issue || isAws(identity) || isFailure(way) || way === 'Static') return undefined
  // A chain, or a web identity, has shown by now that it works.
  if (identity.assumeRoles?.length || identity.auth.kind !== 'accessKey') return undefined
  const sts = openSts(transports, identity, key, signerOf(identity))
  try {
    const issued = await issueNothing(sts.calls, way, sessionName(identity.connector), signal)
    // What passes is left to those who ask for credentials.
    return isFailure(issued) && issued.intent === 'stalled' ? issued : undefined
  } finally {
    sts.release()
  }
}

function issueNothing(calls: Sts, way: string, name: string, signal: AbortSignal) {
  if (way === 'GetSessionToken') return calls.sessionToken(DURATION_MS, signal)
  const assumption = { sessionName: name, durationMs: DURATION_MS, policy: NOTHING }
  return way === 'GetFederationToken'
    ? calls.federationToken({ ...assumption, sessionName: name.slice(0, 32) }, signal)
    : calls.assumeRole(undefined, assumption, signal)
}
