/** Opens a session for an identity. Importing this file loads the storage SDK. */
import { type Failure, isFailure } from '../../api/failures.ts'
import type { Session } from '../provider.ts'
import { type AzureAuth, isEntra } from './auth.ts'
import { type Client, openBlob } from './clients.ts'
import type { EntraToken } from './credentials.ts'
import { type EntraOptions, entraToken } from './entra.ts'
import { type Asked, failureOf } from './failures.ts'
import type { AzureIdentity } from './identity.ts'
import { sasTimeFailure } from './sas-token.ts'
import { AzureSession } from './session.ts'

export interface OpenOptions extends EntraOptions {
  now: () => Date
}

export async function openSession(
  options: OpenOptions,
  identity: AzureIdentity,
  signal: AbortSignal,
): Promise<Session | Failure> {
  const { auth } = identity
  const { transports, now } = options
  const sas = identity.sas?.()
  const untimely = sas && auth.kind === 'sasToken' && sasTimeFailure(sas, auth, now())
  if (untimely) return untimely
  const token = isEntra(auth) ? await entraToken(options, identity, auth, signal) : undefined
  if (isFailure(token)) return token

  const client = openBlob(transports, identity, token)
  let opened: Session | undefined
  try {
    const principal = principalOf(auth, token)
    const failure = sas?.scope === 'container' ? undefined : await prove(client, { identity, who: principal }, signal)
    if (failure) return failure
    const expiresAt = token?.expiresAt ?? sas?.expiresAt
    opened = new AzureSession({ identity, caller: callerOf(auth, token), principal, expiresAt, client, now })
    return opened
  } finally {
    if (!opened) client.release()
  }
}

/** Asks about the account. Without that permission, too, a wrong key, a closed account or a firewall shows. */
async function prove({ calls }: Client, asked: Asked, signal: AbortSignal): Promise<Failure | undefined> {
  const failure = failureOf(await calls.accountInfo(signal), asked)
  // This refusal only shows that the SAS token is for containers and objects, and not for the account.
  return failure?.reason === 'SasInsufficient' ? undefined : failure
}

/** The ids in the token, or those of `auth` where the token names none. */
function callerOf(auth: AzureAuth, token: EntraToken | undefined) {
  if (!token) return {}
  const asked = auth.kind === 'workloadIdentity' || auth.kind === 'servicePrincipal' ? auth : undefined
  const tenantId = token.tenantId ?? asked?.tenantId
  const clientId = token.clientId ?? asked?.clientId
  return { ...(tenantId ? { tenantId } : {}), ...(clientId ? { clientId } : {}) }
}

/** Who the session acts as, for messages. */
function principalOf(auth: AzureAuth, token: EntraToken | undefined): string {
  if (auth.kind === 'accountKey') return `the account key in Secret "${auth.secret}"`
  if (auth.kind === 'sasToken') return `the SAS token in Secret "${auth.secret}"`
  const { clientId, tenantId } = callerOf(auth, token)
  return clientId ? `client ${clientId} of tenant ${tenantId}` : 'the managed identity of the operator'
}
