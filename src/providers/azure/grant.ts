/** Makes credentials for consumers: SAS tokens, as narrow as the account allows. */
import { type Failure, isFailure, stalled } from '../../api/failures.ts'
import type { AzureMaterial } from '../../api/material.ts'
import { type Answer, isOk } from '../network/answer.ts'
import type { Access, Grant, GrantRequest, Location } from '../provider.ts'
import { quoting } from '../said.ts'
import { type AccountMemory, SKEW_MS } from './account-memory.ts'
import type { BlobCalls } from './calls.ts'
import { enforcesDirectories } from './directory-trial.ts'
import { type Asked, failureOf } from './failures.ts'
import { type AzureIdentity, isHttp } from './identity.ts'
import { DELEGATE, NEEDED_LETTERS, READ_TAGS, ROLE, WRITE_TAGS } from './permissions.ts'
import { type Signer, signSas } from './sas.ts'
import type { SasToken } from './sas-token.ts'
import { withWorkloadIdentity } from './workload-identity.ts'

export interface GrantContext extends Asked {
  identity: AzureIdentity
  calls: Pick<BlobCalls, 'headBlobWith'>
  memory: AccountMemory
  now: () => Date
}

export interface AzureGrant extends Grant {
  material: AzureMaterial
}

/** Letters of `sp` by access. Create and add are named beside write, as not every operation takes write for them. */
const PERMISSIONS: Record<Access, string> = { ReadWrite: 'racwdl', ReadOnly: 'rl', WriteOnly: 'acw' }

/** The letter for tags. It allows both to read and to write them, so only ReadWrite gets it. */
const tagsOf = ({ access, required = [] }: GrantRequest): string =>
  access === 'ReadWrite' && required.some(action => action === READ_TAGS || action === WRITE_TAGS) ? 't' : ''

export async function grant(
  request: GrantRequest,
  context: GrantContext,
  signal: AbortSignal,
): Promise<AzureGrant | Failure> {
  const { identity, now } = context
  const issuedAt = now()
  const sas = identity.sas?.()
  if (sas) return handOn(sas, request, context, issuedAt)

  // The end of a SAS token is written in whole seconds.
  const expiresAt = new Date(Math.floor((issuedAt.getTime() + request.durationMs) / 1000) * 1000)
  const signer = await signerUntil(expiresAt, context, signal)
  if (isFailure(signer)) return signer
  const narrowed = await directoryOf(request, signer, context, signal)
  if (isFailure(narrowed)) return narrowed
  const { directory, ...cautions } = narrowed
  const sasToken = signSas(signer, {
    container: request.location.bucket,
    directory,
    permissions: PERMISSIONS[request.access] + tagsOf(request),
    startsOn: startOf(signer, issuedAt),
    expiresOn: expiresAt,
    http: isHttp(identity.blob),
  })
  const made = {
    kind: 'grant' as const,
    issuedAt,
    expiresAt,
    material: material(identity, request, sasToken),
    ...cautions,
  }
  return request.webIdentity ? withWorkloadIdentity(made, identity, signal) : made
}

function handOn(sas: SasToken, request: GrantRequest, context: GrantContext, issuedAt: Date): AzureGrant | Failure {
  const { location, access } = request
  const { permissions, expiresAt } = sas
  const needed = NEEDED_LETTERS[access] + tagsOf(request)
  const lacking = permissions === undefined ? [] : [...needed].filter(letter => !permissions.includes(letter))
  if (lacking.length > 0) {
    return stalled(
      'SasInsufficient',
      `${location.uri}: ${context.who} lacks "${lacking.join('')}" (sp), which access ${access} needs: put one that has it into the Secret`,
    )
  }
  return { kind: 'grant', issuedAt, expiresAt, material: material(context.identity, request, sas.text) }
}

async function signerUntil(until: Date, context: GrantContext, signal: AbortSignal): Promise<Signer | Failure> {
  const { accountName, auth } = context.identity
  if (auth.kind === 'accountKey') return { kind: 'accountKey', accountName, key: auth.key() }
  const answer = await context.memory.delegationKey(until, signal)
  if (isOk(answer) && answer.value) return { kind: 'delegation', accountName, key: answer.value }
  return failureOf(answer, context) ?? quoting(noDelegation(answer, context), answer)
}

function noDelegation({ status, code }: Answer, { identity, who }: GrantContext): Failure {
  const { blob, accountName } = identity
  if (status !== 403) {
    return stalled(
      'DelegationRefused',
      `${blob.host} answered HTTP ${status} ${code} to GetUserDelegationKey: check that it is a storage account`,
    )
  }
  return stalled(
    'PermissionDenied',
    `${DELEGATE} denied for ${who}, so there are no SAS tokens for consumers: assign it the role "${ROLE[DELEGATE]}" on storage account "${accountName}"`,
  )
}

async function directoryOf(
  { location, lent }: GrantRequest,
  signer: Signer,
  context: GrantContext,
  signal: AbortSignal,
): Promise<{ directory?: string; cautions?: string[] } | Failure> {
  const { bucket, prefix, uri } = location
  if (prefix === '') return {}
  const { calls, memory, now } = context
  const enforced = await memory.enforcesDirectories(() =>
    enforcesDirectories({ calls, signer, container: bucket, asked: context, now: now(), signal }),
  )
  if (isFailure(enforced)) return enforced
  if (enforced) return { directory: prefix.slice(0, -1) }
  if (lent?.wholeContainer === false) return notLent(location, context)
  return {
    cautions: [
      `credentials for ${uri} reach the whole container "${bucket}": its storage account has no hierarchical namespace and holds no SAS token to a path`,
    ],
  }
}

const notLent = ({ uri, bucket }: Location, { identity: { connector } }: GrantContext): Failure =>
  stalled(
    'NotLent',
    `spec.path: credentials for ${uri} would reach the whole container "${bucket}", as its storage account has no hierarchical namespace, and ServiceConnector "${connector}" does not lend that to other namespaces: have its owner set spec.lend.wholeContainer: true, or use an account with such a namespace`,
  )

/** Start of a SAS token. A delegation key can't sign one that starts before the key itself. */
function startOf(signer: Signer, issuedAt: Date): Date {
  const start = new Date(issuedAt.getTime() - SKEW_MS)
  return signer.kind === 'delegation' && signer.key.signedStartsOn > start ? signer.key.signedStartsOn : start
}

function material(identity: AzureIdentity, { location }: GrantRequest, sasToken: string): AzureMaterial {
  const { accountName, blob, caPem } = identity
  return {
    cloud: 'azure',
    accountName,
    blobEndpoint: blob.url,
    container: location.bucket,
    prefix: location.prefix,
    uri: location.uri,
    sasToken,
    ...(caPem ? { caPem } : {}),
  }
}
