/** `spec.aws`: S3 and services that speak its protocol. */
import { DEFAULT_AWS_REGION } from '../../api/aws-connector.ts'
import { type Failure, isFailure } from '../../api/failures.ts'
import type { OnRequest } from '../gate.ts'
import type { Access, Identity, Provider, Session } from '../provider.ts'
import { isOk } from './answer.ts'
import { openS3, openSts } from './clients.ts'
import { failureOf } from './failures.ts'
import { type AccessKeyAuth, identity, references, type S3Identity, type WebIdentityAuth } from './identity.ts'
import { isAws, S3Session } from './session.ts'
import { sessionName } from './session-name.ts'
import { Transports } from './transports.ts'

export interface S3ProviderOptions {
  clock: () => Date
  onRequest?: OnRequest
}

/** The operator's own sessions: as long as every role allows. */
const SESSION_MS = 60 * 60_000

/** What ZenML and most other consumers call for. */
const REQUIRED: Record<Access, string[]> = {
  ReadWrite: [
    's3:ListBucket',
    's3:GetObject',
    's3:PutObject',
    's3:DeleteObject',
    's3:GetBucketVersioning',
    's3:ListBucketVersions',
    's3:DeleteObjectVersion',
  ],
  ReadOnly: ['s3:ListBucket', 's3:GetObject'],
  WriteOnly: ['s3:PutObject'],
}

export function createS3Provider({ clock, onRequest }: S3ProviderOptions): Provider & { close(): void } {
  const transports = new Transports({ clock, onRequest })

  return {
    name: 'aws',
    references,
    identity,
    open(identity, signal) {
      const who = ours(identity)
      const { auth } = who
      return auth.kind === 'webIdentity' ? openWebIdentity(who, auth, signal) : openAccessKey(who, auth, signal)
    },
    requiredPermissions: accesses => [
      ...new Set((accesses.length > 0 ? accesses : (['ReadWrite'] as const)).flatMap(access => REQUIRED[access])),
    ],
    group: spec => spec.aws?.endpoint ?? `aws ${spec.aws?.region ?? DEFAULT_AWS_REGION}`,
    close: () => transports.close(),
  }

  async function openWebIdentity(
    identity: S3Identity,
    auth: WebIdentityAuth,
    signal: AbortSignal,
  ): Promise<Session | Failure> {
    const sts = openSts(transports, identity)
    let opened: Session | undefined
    try {
      const assumption = { sessionName: sessionName(identity.connector), durationMs: SESSION_MS }
      const assumed = await sts.calls.withWebIdentity(auth, assumption, signal)
      if (isFailure(assumed)) return assumed
      const { caller, expiresAt, key } = assumed
      opened = new S3Session({ identity, caller, expiresAt, clock, sts, s3: openS3(transports, identity, key) })
      return opened
    } finally {
      if (!opened) sts.release()
    }
  }

  /** A key says nothing by itself: the service is asked whether it knows it. */
  async function openAccessKey(
    identity: S3Identity,
    auth: AccessKeyAuth,
    signal: AbortSignal,
  ): Promise<Session | Failure> {
    const key = auth.key()
    const s3 = openS3(transports, identity, key)
    const sts = openSts(transports, identity, key)
    let opened: Session | undefined
    try {
      const [who, buckets] = await Promise.all([
        sts.calls.whoAmI(signal),
        isAws(identity) ? undefined : s3.calls.listBuckets(signal),
      ])
      const unknown = failureOf(who, { endpoint: identity.sts, identity })
      // Not every S3-compatible service has GetCallerIdentity, but all refuse to list buckets for a wrong key.
      const failure = buckets ? failureOf(buckets, { endpoint: identity.s3, identity }) : unknown
      if (failure) return failure
      // Who we are must not change with the weather: one that lacks the call says so.
      if (unknown?.intent === 'transient') return unknown
      const caller = isOk(who) ? (who.value ?? {}) : {}
      opened = new S3Session({ identity, caller, expiresAt: undefined, clock, sts, s3 })
      return opened
    } finally {
      if (!opened) {
        s3.release()
        sts.release()
      }
    }
  }
}

/** Identities are opaque outside; the session cache hands ours back. */
function ours(identity: Identity): S3Identity {
  if (identity.provider !== 'aws') throw new Error(`an identity of provider ${identity.provider}`)
  return identity as S3Identity
}
