/** Calls of STS for temporary credentials, and for the caller. What its refusals mean is in sts-failures.ts. */
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  type STSClient,
} from '@aws-sdk/client-sts'
import { type Failure, isFailure, stalled } from '../../../api/failures.ts'
import { timeOf } from '../../../foreign/numbers.ts'
import { arnOf, idOf, tokenOf } from '../../../foreign/text.ts'
import type { Gate } from '../../network/gate.ts'
import type { Caller } from '../../provider.ts'
import type { Answer } from '../answers/answer.ts'
import { ask } from '../answers/answer.ts'
import { type StsRequest, stsFailure } from '../answers/sts-failures.ts'
import { refusesToken } from '../answers/web-identity-failures.ts'
import type { AccessKey, WebIdentityAuth } from '../identity/auth.ts'
import type { S3Identity } from '../identity/identity.ts'
import type { Signer } from '../identity/signer.ts'

export interface TemporaryKey {
  key: Required<AccessKey>
  expiresAt: Date
  caller: Caller
}

export interface Assumption {
  /** Name of the session. GetFederationToken takes it for the name of a user, of at most 32 characters. */
  sessionName: string
  durationMs: number
  /** Session policy, as JSON. */
  policy?: string
}

/** The shortest duration that STS accepts. */
const MIN_SECONDS = 900

/** Role to name at services where AssumeRole takes a key: they ignore it, but the request must name one. */
const ANY_ROLE = 'arn:aws:iam::000000000000:role/artifact-store-operator'

export interface Sts {
  withWebIdentity(auth: WebIdentityAuth, assumption: Assumption, signal: AbortSignal): Promise<TemporaryKey | Failure>
  /** `step`: index of the role in the chain; undefined at services that narrow the rights of the caller instead. */
  assumeRole(step: number | undefined, assumption: Assumption, signal: AbortSignal): Promise<TemporaryKey | Failure>
  federationToken(assumption: Assumption, signal: AbortSignal): Promise<TemporaryKey | Failure>
  /** Asks for a session of the key's user; STS takes no policy and no name for it. */
  sessionToken(durationMs: number, signal: AbortSignal): Promise<TemporaryKey | Failure>
  whoAmI(signal: AbortSignal): Promise<Answer<Caller>>
}

interface Output {
  Credentials?: Credentials | undefined
  AssumedRoleUser?: { Arn?: string | undefined } | undefined
}

export function createSts(client: Pick<STSClient, 'send'>, gate: Gate, identity: S3Identity, signer: Signer): Sts {
  async function obtain(
    request: Omit<StsRequest, 'signer'>,
    signal: AbortSignal,
    send: (abortSignal: AbortSignal) => Promise<Output>,
  ): Promise<TemporaryKey | Failure> {
    const answer = await ask(gate, request.operation, signal, send)
    if (answer.status !== 200 || !answer.value) {
      const { token } = request
      if (token && identity.auth.kind === 'webIdentity' && refusesToken(answer)) identity.auth.refused?.(token)
      return stsFailure(answer, identity, { ...request, signer })
    }
    const issued = issuedKey(answer.value.Credentials ?? {})
    if ('wrong' in issued) {
      const where = `${identity.sts.host} (${identity.sts.field})`
      return stalled(
        'UnexpectedAnswer',
        `${where} gave no temporary credentials (${issued.wrong}): check that it is an STS`,
      )
    }
    return { ...issued, caller: callerOf(answer.value.AssumedRoleUser?.Arn) }
  }

  return {
    async withWebIdentity(auth, assumption, signal) {
      const token = await auth.token(signal)
      if (isFailure(token)) return token
      const input = { ...assumed(assumption), RoleArn: auth.roleArn, WebIdentityToken: token }
      return obtain({ operation: 'AssumeRoleWithWebIdentity', token }, signal, s =>
        client.send(new AssumeRoleWithWebIdentityCommand(input), { abortSignal: s }),
      )
    },
    assumeRole(step, assumption, signal) {
      const role = step === undefined ? undefined : identity.assumeRoles?.[step]
      const { roleArn, sessionName, externalId, sourceIdentity, tags = {} } = role ?? { roleArn: ANY_ROLE }
      const input = {
        ...assumed(assumption),
        RoleArn: roleArn,
        // A trust policy may require this very name.
        ...(sessionName ? { RoleSessionName: sessionName } : {}),
        ...(externalId ? { ExternalId: externalId } : {}),
        ...(sourceIdentity ? { SourceIdentity: sourceIdentity } : {}),
        ...(Object.keys(tags).length > 0 ? { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) } : {}),
      }
      const request = { operation: 'AssumeRole' as const, ...(step === undefined ? {} : { step }) }
      return obtain(request, signal, s => client.send(new AssumeRoleCommand(input), { abortSignal: s }))
    },
    federationToken({ sessionName: Name, durationMs, policy }, signal) {
      const input = { Name, DurationSeconds: seconds(durationMs), ...(policy ? { Policy: policy } : {}) }
      return obtain({ operation: 'GetFederationToken' }, signal, s =>
        client.send(new GetFederationTokenCommand(input), { abortSignal: s }),
      )
    },
    sessionToken: (durationMs, signal) =>
      obtain({ operation: 'GetSessionToken' }, signal, s =>
        client.send(new GetSessionTokenCommand({ DurationSeconds: seconds(durationMs) }), { abortSignal: s }),
      ),
    async whoAmI(signal) {
      const { value, ...answer } = await ask(gate, 'GetCallerIdentity', signal, s =>
        client.send(new GetCallerIdentityCommand({}), { abortSignal: s }),
      )
      return value ? { ...answer, value: callerOf(value.Arn) } : answer
    },
  }
}

function assumed({ sessionName, durationMs, policy }: Assumption) {
  return {
    RoleSessionName: sessionName,
    DurationSeconds: seconds(durationMs),
    ...(policy ? { Policy: policy } : {}),
  }
}

const seconds = (durationMs: number): number => Math.max(MIN_SECONDS, Math.floor(durationMs / 1000))

/** What STS issued: it goes into headers, and into files that programs of others read (docs/adr/0020). */
function issuedKey({
  AccessKeyId,
  SecretAccessKey,
  SessionToken,
  Expiration,
}: Partial<Credentials>): Pick<TemporaryKey, 'key' | 'expiresAt'> | { wrong: string } {
  const accessKeyId = tokenOf(AccessKeyId)
  const secretAccessKey = tokenOf(SecretAccessKey)
  const sessionToken = tokenOf(SessionToken)
  const expiresAt = timeOf(Expiration)
  if (!accessKeyId) return { wrong: 'AccessKeyId is no key id' }
  if (!secretAccessKey) return { wrong: 'SecretAccessKey is no key' }
  if (!sessionToken) return { wrong: 'SessionToken is no token' }
  if (!expiresAt) return { wrong: 'Expiration is no time before the year 10000' }
  return { key: { accessKeyId, secretAccessKey, sessionToken }, expiresAt }
}

function callerOf(given: string | undefined): Caller {
  const arn = arnOf(given)
  const accountId = idOf(arn?.split(':', 5)[4])
  return arn ? { arn, ...(accountId ? { accountId } : {}) } : {}
}
