/** Pure: `spec.azure.auth` and the values it names -> how to authenticate. */
import { type AzureSpec, DEFAULT_AZURE_AUDIENCE, DEFAULT_AZURE_KEYS } from '../../api/azure-connector.ts'
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import { encodedWords, looksEncoded } from '../../foreign/encoded.ts'
import { directoryIdOf, tokenOf } from '../../foreign/text.ts'
import type { KeyReference, References, Resolved } from '../provider.ts'
import { type ConnectionString, parseConnectionString } from './connection-string.ts'

export const CLIENT_ID_ANNOTATION = 'azure.workload.identity/client-id'
export const TENANT_ID_ANNOTATION = 'azure.workload.identity/tenant-id'

export interface WorkloadIdentityAuth {
  kind: 'workloadIdentity'
  clientId: string
  tenantId: string
  audience: string
  /** The subject that the federated credential must name: `system:serviceaccount:namespace:name`. */
  subject: string
  token(signal: AbortSignal): Promise<string | Failure>
  refused(token: string): void
}

export interface ManagedIdentityAuth {
  kind: 'managedIdentity'
  clientId?: string
  resourceId?: string
}

/** Secrets are functions, so that printing an identity shows none. */
export interface ServicePrincipalAuth {
  kind: 'servicePrincipal'
  clientId: string
  tenantId: string
  /** `namespace/name` of the Secret, for messages. */
  secret: string
  clientSecret(): string
  /** Says that the secret looks like base64 itself, with the cure, for messages about a refusal. */
  encoded?: string
}

export interface AccountKeyAuth {
  kind: 'accountKey'
  secret: string
  /** The spec field that names the Secret, for messages. */
  field: string
  /** Base64. */
  key(): string
  /** Says that what it decodes to is readable, with the cure, for messages about a refusal. */
  encoded?: string
}

export interface SasAuth {
  kind: 'sasToken'
  secret: string
  field: string
  token(): string
}

export type EntraAuth = WorkloadIdentityAuth | ManagedIdentityAuth | ServicePrincipalAuth
export type AzureAuth = EntraAuth | AccountKeyAuth | SasAuth

/** How to authenticate, and what the Secret says about the account and its endpoint. */
export interface Found {
  auth: AzureAuth
  accountName?: string
  endpoint?: string
}

export const isEntra = (auth: AzureAuth): auth is EntraAuth =>
  auth.kind === 'workloadIdentity' || auth.kind === 'managedIdentity' || auth.kind === 'servicePrincipal'

export function authReferences({ auth, accountName }: AzureSpec): References {
  const { workloadIdentity, managedIdentity } = auth
  if (workloadIdentity) {
    const { serviceAccountName: name, audience = DEFAULT_AZURE_AUDIENCE } = workloadIdentity
    return { keys: [], serviceAccount: { name, audience, field: 'spec.azure.auth.workloadIdentity' } }
  }
  if (managedIdentity) return { keys: [], operatorIdentity: { field: 'spec.azure.auth.managedIdentity' } }
  const keys = Object.values(secretReferences(auth))
  return { keys: accountName === undefined ? keys : keys.filter(({ optional }) => !optional) }
}

export function authOf(auth: AzureSpec['auth'], resolved: Resolved): Found | Failure {
  if (auth.workloadIdentity) return workloadIdentity(auth.workloadIdentity, resolved)
  if (auth.managedIdentity) return { auth: { kind: 'managedIdentity', ...auth.managedIdentity } }
  const read = readSecret(secretReferences(auth), resolved)
  if (isFailure(read)) return read
  const { secret, field, values } = read
  const { clientId = '', clientSecret = '', tenantId = '', key = '', token = '', text = '' } = values
  const account = values.accountName ? { accountName: values.accountName } : {}
  if (auth.servicePrincipal) {
    const misfit = (['clientId', 'tenantId'] as const).find(member => !directoryIdOf(values[member]))
    if (misfit) return invalid(read, misfit, 'is no id: copy it from the Azure portal')
    const client = { clientId, tenantId, secret, clientSecret: () => clientSecret, ...encodedIn(read, 'clientSecret') }
    return { auth: { kind: 'servicePrincipal', ...client }, ...account }
  }
  if (auth.accountKey) return withKey(read, key, account)
  if (auth.sasToken) return { auth: { kind: 'sasToken', secret, field, token: () => token }, ...account }
  const parsed = parseConnectionString(text)
  return typeof parsed === 'string' ? invalid(read, 'text', `can't be used: ${parsed}`) : fromString(read, parsed)
}

function workloadIdentity(
  spec: NonNullable<AzureSpec['auth']['workloadIdentity']>,
  { serviceAccount, connector }: Resolved,
): Found | Failure {
  if (!serviceAccount) throw new Error('the resolver passed no ServiceAccount on')
  const field = 'spec.azure.auth.workloadIdentity'
  const account = `ServiceAccount "${connector.namespace}/${serviceAccount.name}"`
  const annotated = (annotation: string) => serviceAccount.annotations[annotation]?.trim()
  const ids = {
    clientId: spec.clientId ?? annotated(CLIENT_ID_ANNOTATION),
    tenantId: spec.tenantId ?? annotated(TENANT_ID_ANNOTATION),
  }
  for (const [member, annotation, notSet, isNone] of [
    ['clientId', CLIENT_ID_ANNOTATION, 'ClientIdNotSet', 'InvalidClientId'],
    ['tenantId', TENANT_ID_ANNOTATION, 'TenantIdNotSet', 'InvalidTenantId'],
  ] as const) {
    const id = ids[member]
    if (!id) {
      return stalled(
        notSet,
        `${field}: no ${member}: set ${field}.${member}, or annotate ${account} with ${annotation}`,
      )
    }
    if (!directoryIdOf(id)) {
      return stalled(isNone, `${account}: annotation ${annotation} is no id: copy it from the Azure portal`)
    }
  }
  return {
    auth: {
      kind: 'workloadIdentity',
      clientId: ids.clientId ?? '',
      tenantId: ids.tenantId ?? '',
      audience: spec.audience ?? DEFAULT_AZURE_AUDIENCE,
      subject: `system:serviceaccount:${connector.namespace}:${serviceAccount.name}`,
      token: signal => serviceAccount.token(signal),
      refused: token => serviceAccount.refused?.(token),
    },
  }
}

type Member = 'accountName' | 'key' | 'token' | 'text' | 'clientId' | 'clientSecret' | 'tenantId'
type SecretReferences = Partial<Record<Member, KeyReference>>

function secretReferences({
  servicePrincipal,
  accountKey,
  sasToken,
  connectionString,
}: AzureSpec['auth']): SecretReferences {
  const method = servicePrincipal
    ? 'servicePrincipal'
    : accountKey
      ? 'accountKey'
      : sasToken
        ? 'sasToken'
        : 'connectionString'
  const spec = servicePrincipal ?? accountKey ?? sasToken ?? connectionString
  if (!spec) throw new Error('a connector without a way to authenticate')
  const names = { ...DEFAULT_AZURE_KEYS, ...spec }
  const of = (key: string): KeyReference => ({
    kind: 'Secret',
    name: spec.secretName,
    key,
    field: `spec.azure.auth.${method}.secretName`,
  })
  if (connectionString) return { text: of(names.connectionStringKey) }
  const accountName = { ...of(names.accountNameKey), optional: true }
  if (accountKey) return { key: of(names.accountKeyKey), accountName }
  if (sasToken) return { token: of(names.sasTokenKey), accountName }
  return {
    clientId: of(names.clientIdKey),
    clientSecret: of(names.clientSecretKey),
    tenantId: of(names.tenantIdKey),
    accountName,
  }
}

const NEVER_ENCODED: readonly Member[] = ['token', 'text', 'clientId', 'tenantId']

interface ReadSecret {
  secret: string
  field: string
  references: SecretReferences
  values: Partial<Record<Member, string>>
}

function readSecret(references: SecretReferences, resolved: Resolved): ReadSecret | Failure {
  const [{ name, field }] = Object.values(references) as [KeyReference]
  const read: ReadSecret = { secret: `${resolved.connector.namespace}/${name}`, field, references, values: {} }
  for (const [member, reference] of Object.entries(references) as [Member, KeyReference][]) {
    const value = resolved.value(reference)?.trim()
    if (value === undefined) continue
    // None of these is base64 of readable text, which keys and passwords may be.
    if (NEVER_ENCODED.includes(member) && looksEncoded(value)) {
      return stalled('InvalidCredentials', `${field}: Secret "${read.secret}": ${encodedWords(reference.key)}`)
    }
    // Any other character shows that something else was pasted, and can't be part of a URL or header.
    if (!tokenOf(value)) {
      const what = 'is blank or has white space or other characters that it never has'
      return invalid(read, member, `${what}: store the bare value`)
    }
    read.values[member] = value
  }
  return read
}

/** For messages about a refusal, where the value of a member looks like base64 itself. */
function encodedIn({ references, values }: ReadSecret, member: Member): { encoded?: string } {
  const key = references[member]?.key
  return key && looksEncoded(values[member] ?? '') ? { encoded: encodedWords(key) } : {}
}

function invalid({ field, secret, references }: ReadSecret, member: Member, what: string): Failure {
  return stalled('InvalidCredentials', `${field}: key "${references[member]?.key}" of Secret "${secret}" ${what}`)
}

function withKey(read: ReadSecret, key: string, found: Omit<Found, 'auth'>): Found | Failure {
  if (!/^[A-Za-z0-9+/]{1,8192}={0,2}$/.test(key) || key.length % 4 !== 0) {
    const member = read.references.key ? 'key' : 'text'
    return invalid(read, member, 'has an account key that is no base64 text: copy the whole key from the Azure portal')
  }
  const { secret, field } = read
  return { auth: { kind: 'accountKey', secret, field, key: () => key, ...encodedIn(read, 'key') }, ...found }
}

function fromString(read: ReadSecret, { accountKey, sasToken = '', ...found }: ConnectionString): Found | Failure {
  if (accountKey) return withKey(read, accountKey, found)
  return { auth: { kind: 'sasToken', secret: read.secret, field: read.field, token: () => sasToken }, ...found }
}
