/** Pure: whose credentials sign a call, for messages about their refusal. */
import type { S3Identity } from './identity.ts'

export type Signer =
  /** `secret`: `namespace/name`. */
  | { kind: 'key'; secret: string; temporary: boolean }
  /** The operator got it, and can get another. */
  | { kind: 'session'; of: string }

type Who = Pick<S3Identity, 'auth' | 'assumeRoles'>

export const OPERATOR_IDENTITY = "the operator's own AWS identity"

/** `steps`: how many roles of the chain are assumed. */
export function signerOf({ auth, assumeRoles = [] }: Who, steps = assumeRoles.length): Signer {
  const role = assumeRoles[steps - 1]
  if (role) return { kind: 'session', of: role.roleArn }
  if (auth.kind === 'webIdentity') return { kind: 'session', of: auth.roleArn }
  if (auth.kind === 'implicit') return { kind: 'session', of: OPERATOR_IDENTITY }
  return { kind: 'key', secret: auth.secret, temporary: auth.temporary }
}

/** Who that is, for people and their policies. */
export const nameOf = (signer: Signer): string =>
  signer.kind === 'session' ? signer.of : `the key of Secret "${signer.secret}"`
