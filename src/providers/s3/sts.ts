/** Temporary credentials from STS, and who they are for. Pure judgement of its refusals is in sts-failures.ts. */
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandOutput,
  GetCallerIdentityCommand,
  type STSClient,
} from '@aws-sdk/client-sts'
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import type { Gate } from '../gate.ts'
import type { Caller } from '../provider.ts'
import type { Answer } from './answer.ts'
import { ask } from './ask.ts'
import type { AccessKey, S3Identity, WebIdentityAuth } from './identity.ts'
import { refusesToken, stsFailure } from './sts-failures.ts'

export interface TemporaryKey {
  key: Required<AccessKey>
  expiresAt: Date
  caller: Caller
}

export interface Assumption {
  sessionName: string
  durationMs: number
  /** JSON of a session policy. */
  policy?: string
}

/** Shortest session that STS gives. */
const MIN_SECONDS = 900

/** The services that take keys for AssumeRole ignore which role is meant, but the request must name one. */
const ANY_ROLE = 'arn:aws:iam::000000000000:role/artifact-store-operator'

export interface Sts {
  withWebIdentity(auth: WebIdentityAuth, assumption: Assumption, signal: AbortSignal): Promise<TemporaryKey | Failure>
  withAccessKey(assumption: Assumption, signal: AbortSignal): Promise<TemporaryKey | Failure>
  whoAmI(signal: AbortSignal): Promise<Answer<Caller>>
}

export function createSts(client: STSClient, gate: Gate, identity: S3Identity): Sts {
  async function assume(
    operation: string,
    signal: AbortSignal,
    token: string | undefined,
    send: (abortSignal: AbortSignal) => Promise<AssumeRoleWithWebIdentityCommandOutput>,
  ): Promise<TemporaryKey | Failure> {
    const answer = await ask(gate, operation, signal, send)
    if (answer.status !== 200 || !('value' in answer) || !answer.value) {
      if (token && identity.auth.kind === 'webIdentity' && refusesToken(answer)) identity.auth.refused?.(token)
      return stsFailure(answer, identity, token)
    }
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.value.Credentials ?? {}
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
      return stalled(
        'UnexpectedAnswer',
        `${identity.sts.host} (${identity.sts.field}) gave no temporary credentials: check that it is an STS`,
      )
    }
    return {
      key: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      expiresAt: Expiration,
      caller: callerOf(answer.value.AssumedRoleUser?.Arn),
    }
  }

  return {
    async withWebIdentity(auth, assumption, signal) {
      const token = await auth.token(signal)
      if (isFailure(token)) return token
      const input = { ...common(assumption), RoleArn: auth.roleArn, WebIdentityToken: token }
      return assume('AssumeRoleWithWebIdentity', signal, token, s =>
        client.send(new AssumeRoleWithWebIdentityCommand(input), { abortSignal: s }),
      )
    },
    withAccessKey: (assumption, signal) =>
      assume('AssumeRole', signal, undefined, s =>
        client.send(new AssumeRoleCommand({ ...common(assumption), RoleArn: ANY_ROLE }), { abortSignal: s }),
      ),
    async whoAmI(signal) {
      const answer = await ask(gate, 'GetCallerIdentity', signal, s =>
        client.send(new GetCallerIdentityCommand({}), { abortSignal: s }),
      )
      return 'value' in answer
        ? { status: answer.status, value: callerOf(answer.value?.Arn) }
        : (answer as Answer<Caller>)
    },
  }
}

function common({ sessionName, durationMs, policy }: Assumption) {
  return {
    RoleSessionName: sessionName,
    DurationSeconds: Math.max(MIN_SECONDS, Math.floor(durationMs / 1000)),
    ...(policy ? { Policy: policy } : {}),
  }
}

function callerOf(arn: string | undefined): Caller {
  if (!arn) return {}
  const accountId = arn.split(':')[4]
  return { arn, ...(accountId ? { accountId } : {}) }
}
