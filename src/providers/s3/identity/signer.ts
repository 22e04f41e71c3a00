/** Pure: the owner of the credentials that sign a call, for messages about their refusal. */
import type { S3Identity } from './identity.ts'

export type Signer =
  /** A key from a Secret, `namespace/name`. `encoded`: says which part of it looks like base64 itself. */
  | { kind: 'key'; secret: string; temporary: boolean; encoded?: string }
  /** A session that the operator has opened, and can open again. `of`: the role, or the operator's own identity. */
  | { kind: 'session'; of: string }

type Who = Pick<S3Identity, 'auth' | 'assumeRoles'>

export const OPERATOR_IDENTITY = "the operator's own AWS identity"

/** Who signs after `steps` roles of the chain are assumed. */
export function signerOf({ auth, assumeRoles = [] }: Who, steps = assumeRoles.length): Signer {
  const role = assumeRoles[steps - 1]
  if (role) return { kind: 'session', of: role.roleArn }
  if (auth.kind === 'webIdentity') return { kind: 'session', of: auth.roleArn }
  if (auth.kind === 'implicit') return { kind: 'session', of: OPERATOR_IDENTITY }
  const { secret, temporary, encoded } = auth
  return { kind: 'key', secret, temporary, ...(encoded ? { encoded } : {}) }
}

/** Name of a signer, for messages and policies. */
export const nameOf = (signer: Signer): string =>
  signer.kind === 'session' ? signer.of : `the key of Secret "${signer.secret}"`
