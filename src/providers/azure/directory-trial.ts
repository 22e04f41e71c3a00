/**
 * Whether an account enforces SAS tokens to a directory (sr=d). Accounts with a hierarchical namespace do, and newer
 * services also do for prefixes. One such token is tried: the service must take it below its directory, and refuse it
 * beside that. Nothing is written.
 */
import { randomUUID } from 'node:crypto'
import type { Failure } from '../../api/failures.ts'
import type { Answer } from '../network/answer.ts'
import { SKEW_MS } from './account-memory.ts'
import type { BlobCalls } from './calls.ts'
import { type Asked, failureOf } from './failures.ts'
import { isHttp } from './identity.ts'
import { type Signer, signSas } from './sas.ts'

const TRIAL_MS = 10 * 60_000

export interface DirectoryTrial {
  calls: Pick<BlobCalls, 'headBlobWith'>
  signer: Signer
  container: string
  asked: Asked
  now: Date
  signal: AbortSignal
}

/** A Failure when the answers do not show it. */
export async function enforcesDirectories(trial: DirectoryTrial): Promise<boolean | Failure> {
  const { calls, signer, container, asked, now, signal } = trial
  const directory = `.artifactstore-probe-${randomUUID()}`
  const sasToken = signSas(signer, {
    container,
    directory,
    permissions: 'r',
    startsOn: new Date(now.getTime() - SKEW_MS),
    expiresOn: new Date(now.getTime() + TRIAL_MS),
    http: isHttp(asked.identity.blob),
  })
  const [below, beside] = await Promise.all([
    calls.headBlobWith(sasToken, { container, blob: `${directory}/absent` }, signal),
    calls.headBlobWith(sasToken, { container, blob: `${directory}-absent` }, signal),
  ])
  for (const answer of [below, beside]) {
    const failure = isTrouble(answer) && failureOf(answer, { ...asked, container })
    if (failure) return failure
  }
  if (below.status === 404) return beside.status === 403
  // The signer itself may not read, so both calls are refused: only the reasons tell whether the directory counts.
  return isUnderstood(below) && beside.status === 403 && !isUnderstood(beside)
}

const isUnderstood = ({ code }: Answer): boolean => code === 'AuthorizationPermissionMismatch'

const isTrouble = ({ status, code }: Answer): boolean =>
  status === 0 || status === 429 || status >= 500 || code === 'ContainerNotFound'
