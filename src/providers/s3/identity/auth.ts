/** Pure: turns `spec.aws.auth` and what it names into a way to authenticate. */
import { type AwsSpec, DEFAULT_ACCESS_KEY_KEYS, DEFAULT_AWS_AUDIENCE } from '../../../api/aws-connector.ts'
import { type Failure, stalled } from '../../../api/failures.ts'
import { encodedWords, looksEncoded } from '../../../foreign/encoded.ts'
import { roleArnOf, tokenOf } from '../../../foreign/text.ts'
import type { KeyReference, References, Resolved } from '../../provider.ts'

export const ROLE_ARN_ANNOTATION = 'eks.amazonaws.com/role-arn'

export interface AccessKey {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

export interface AccessKeyAuth {
  kind: 'accessKey'
  /** `namespace/name` of the Secret, for messages. */
  secret: string
  /** Whether the Secret has a session token, too. */
  temporary: boolean
  /** Says which value looks like base64 itself, with the cure, for messages about a refusal. */
  encoded?: string
  /** Returns the key. It is a function so that printing an identity shows no secret. */
  key(): AccessKey
}

export interface WebIdentityAuth {
  kind: 'webIdentity'
  roleArn: string
  audience: string
  /** `system:serviceaccount:namespace:name`, which the role's trust policy must name. */
  subject: string
  token(signal: AbortSignal): Promise<string | Failure>
  refused?(token: string): void
}

/** The identity that the operator itself runs with. */
export interface ImplicitAuth {
  kind: 'implicit'
}

export type Auth = AccessKeyAuth | WebIdentityAuth | ImplicitAuth

export function authReferences(auth: AwsSpec['auth']): References {
  if (auth.accessKey) return { keys: Object.values(accessKeyReferences(auth.accessKey)) }
  if (auth.implicit) return { keys: [], operatorIdentity: { field: 'spec.aws.auth.implicit' } }
  if (!auth.webIdentity) throw new Error('a connector without a way to authenticate')
  const { serviceAccountName: name, audience = DEFAULT_AWS_AUDIENCE } = auth.webIdentity
  return { keys: [], serviceAccount: { name, audience, field: 'spec.aws.auth.webIdentity' } }
}

export function authOf(auth: AwsSpec['auth'], resolved: Resolved): Auth | Failure {
  if (auth.accessKey) return accessKeyAuth(auth.accessKey, resolved)
  if (auth.webIdentity) return webIdentityAuth(auth.webIdentity, resolved)
  return { kind: 'implicit' }
}

/** Everything that makes a way to authenticate, for the fingerprint. Secret. */
export function authParts(auth: Auth): (string | undefined)[] {
  if (auth.kind === 'webIdentity') return [auth.kind, auth.roleArn, auth.audience, auth.subject]
  if (auth.kind === 'implicit') return [auth.kind]
  const { accessKeyId, secretAccessKey, sessionToken } = auth.key()
  return [auth.kind, auth.secret, accessKeyId, secretAccessKey, sessionToken]
}

type AccessKeySpec = NonNullable<AwsSpec['auth']['accessKey']>

function accessKeyReferences({ secretName: name, ...keys }: AccessKeySpec) {
  const { accessKeyIdKey, secretAccessKeyKey, sessionTokenKey } = { ...DEFAULT_ACCESS_KEY_KEYS, ...keys }
  const reference = (key: string): KeyReference => ({
    kind: 'Secret',
    name,
    key,
    field: 'spec.aws.auth.accessKey.secretName',
  })
  return {
    accessKeyId: reference(accessKeyIdKey),
    secretAccessKey: reference(secretAccessKeyKey),
    sessionToken: { ...reference(sessionTokenKey), optional: true },
  }
}

function accessKeyAuth(spec: AccessKeySpec, resolved: Resolved): AccessKeyAuth | Failure {
  const { namespace } = resolved.connector
  const secret = `${namespace}/${spec.secretName}`
  const values: Partial<AccessKey> = {}
  let encoded: string | undefined
  for (const [member, reference] of Object.entries(accessKeyReferences(spec)) as [keyof AccessKey, KeyReference][]) {
    const value = resolved.value(reference)?.trim()
    if (value === undefined) continue
    // Other characters can't be part of an HTTP header: something else was pasted, or more than the key.
    if (!tokenOf(value)) {
      return stalled(
        'InvalidCredentials',
        `${reference.field}: key "${reference.key}" of Secret "${secret}" is blank or has white space or other characters that no key has: store the bare value`,
      )
    }
    values[member] = value
    if (looksEncoded(value)) encoded ??= encodedWords(reference.key)
  }
  const { accessKeyId, secretAccessKey, sessionToken } = values
  if (!accessKeyId || !secretAccessKey) throw new Error('the resolver passed an absent key on')
  const key = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
  const temporary = sessionToken !== undefined
  return { kind: 'accessKey', secret, temporary, ...(encoded ? { encoded } : {}), key: () => key }
}

function webIdentityAuth(
  spec: NonNullable<AwsSpec['auth']['webIdentity']>,
  { serviceAccount, connector }: Resolved,
): WebIdentityAuth | Failure {
  if (!serviceAccount) throw new Error('the resolver passed no ServiceAccount on')
  const { namespace } = connector
  const roleArn = spec.roleArn ?? serviceAccount.annotations[ROLE_ARN_ANNOTATION]?.trim()
  if (!roleArn) {
    return stalled(
      'RoleNotSet',
      `spec.aws.auth.webIdentity: no role to assume: set roleArn, or annotate ServiceAccount "${namespace}/${serviceAccount.name}" with ${ROLE_ARN_ANNOTATION}`,
    )
  }
  if (!roleArnOf(roleArn)) {
    return stalled(
      'InvalidRoleArn',
      `ServiceAccount "${namespace}/${serviceAccount.name}": annotation ${ROLE_ARN_ANNOTATION} is not the ARN of a role: write for example arn:aws:iam::123456789012:role/artifacts`,
    )
  }
  return {
    kind: 'webIdentity',
    roleArn,
    audience: spec.audience ?? DEFAULT_AWS_AUDIENCE,
    subject: `system:serviceaccount:${namespace}:${serviceAccount.name}`,
    token: signal => serviceAccount.token(signal),
    refused: token => serviceAccount.refused?.(token),
  }
}
