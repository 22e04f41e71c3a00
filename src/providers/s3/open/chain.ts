/** Chain from the credentials that a connector names to those that it acts with, role after role. */
import { type Failure, isFailure } from '../../../api/failures.ts'
import type { Transports } from '../../network/transports.ts'
import type { Caller } from '../../provider.ts'
import { handlerOptions, openSts } from '../calls/clients.ts'
import type { AccessKey, WebIdentityAuth } from '../identity/auth.ts'
import type { S3Identity } from '../identity/identity.ts'
import { sessionName } from '../identity/session-name.ts'
import { signerOf } from '../identity/signer.ts'
import { implicitKey } from './implicit.ts'
import { refusesToIssue } from './issue-proof.ts'
import { proveKey } from './proof.ts'

/** Credentials that a session acts with. */
export interface Credentials {
  /** The given identity, in the region that the service says it is in. */
  identity: S3Identity
  key: AccessKey
  /** Key that signs requests for consumers: the one before the last role, which they are given by assuming it, too. */
  issuingKey: AccessKey
  caller: Caller
  /** The earliest end of all steps; undefined when no step ends. */
  expiresAt: Date | undefined
  /** Why it is not sure that the service knows the key. */
  unproven?: string
}

export interface ChainOptions {
  transports: Transports
  now: () => Date
}

/** Duration of a session: every role allows it, and a role that a role assumes allows no more. */
const SESSION_MS = 60 * 60_000

type Base = Omit<Credentials, 'issuingKey'>

export async function obtainCredentials(
  options: ChainOptions,
  identity: S3Identity,
  signal: AbortSignal,
): Promise<Credentials | Failure> {
  const { auth } = identity
  const base =
    auth.kind === 'webIdentity'
      ? await assumeWebIdentity(options, identity, auth, signal)
      : await ownKey(options, identity, signal)
  if (isFailure(base)) return base
  const refused = await refusesToIssue(options.transports, base.identity, base.key, signal)
  return refused ?? assumeRoles(options, base, signal)
}

async function assumeWebIdentity(
  { transports }: ChainOptions,
  identity: S3Identity,
  auth: WebIdentityAuth,
  signal: AbortSignal,
): Promise<Base | Failure> {
  const sts = openSts(transports, identity)
  try {
    const assumed = await sts.calls.withWebIdentity(auth, assumption(identity), signal)
    return isFailure(assumed) ? assumed : { ...assumed, identity }
  } finally {
    sts.release()
  }
}

async function ownKey(options: ChainOptions, identity: S3Identity, signal: AbortSignal): Promise<Base | Failure> {
  const { auth } = identity
  const found =
    auth.kind === 'accessKey' ? { key: auth.key(), expiresAt: undefined } : await operatorKey(options, signal)
  if (isFailure(found)) return found
  const proven = await proveKey(options.transports, identity, found.key, signal)
  return isFailure(proven) ? proven : { ...found, ...proven }
}

async function operatorKey({ transports, now }: ChainOptions, signal: AbortSignal) {
  const transport = transports.acquire({ endpoint: 'STS of the operator' })
  try {
    return await implicitKey({ now, handlerOptions: handlerOptions(transport) }, signal)
  } finally {
    transport.release()
  }
}

async function assumeRoles(
  { transports }: ChainOptions,
  base: Base,
  signal: AbortSignal,
): Promise<Credentials | Failure> {
  const { identity } = base
  let reached: Credentials = { ...base, issuingKey: base.key }
  for (const step of identity.assumeRoles?.keys() ?? []) {
    const issuingKey = reached.key
    const sts = openSts(transports, identity, issuingKey, signerOf(identity, step))
    try {
      const assumed = await sts.calls.assumeRole(step, assumption(identity), signal)
      if (isFailure(assumed)) return assumed
      reached = { ...assumed, identity, issuingKey, expiresAt: earliest(reached.expiresAt, assumed.expiresAt) }
    } finally {
      sts.release()
    }
  }
  return reached
}

const assumption = ({ connector }: S3Identity) => ({ sessionName: sessionName(connector), durationMs: SESSION_MS })

const earliest = (one: Date | undefined, other: Date): Date => (one && one < other ? one : other)
