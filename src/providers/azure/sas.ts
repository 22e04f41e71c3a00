/** SAS tokens for consumers, signed here: those to a container by the SDK, those to a directory by hand. */
import { createHmac } from 'node:crypto'
import {
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
  type UserDelegationKey,
} from '@azure/storage-blob'
import { API_VERSION } from './sas-version.ts'

export type Signer = { accountName: string } & (
  | { kind: 'accountKey'; key: string }
  | { kind: 'delegation'; key: UserDelegationKey }
)

export interface SasRequest {
  container: string
  /** The token reaches only what is below. Without slash at either end. */
  directory?: string | undefined
  /** Letters, in the order of the service: racwdlt. */
  permissions: string
  startsOn: Date
  expiresOn: Date
  /** The endpoint is not encrypted. */
  http: boolean
}

/** Parameters of a URL, without `?`. Secret. */
export const signSas = (signer: Signer, request: SasRequest): string =>
  request.directory === undefined ? signContainer(signer, request) : signDirectory(signer, request, request.directory)

function signContainer(signer: Signer, { container, permissions, startsOn, expiresOn, http }: SasRequest): string {
  const values = {
    containerName: container,
    permissions: ContainerSASPermissions.parse(permissions),
    startsOn,
    expiresOn,
    protocol: http ? SASProtocol.HttpsAndHttp : SASProtocol.Https,
    version: API_VERSION,
  }
  const { accountName } = signer
  const signed =
    signer.kind === 'accountKey'
      ? generateBlobSASQueryParameters(values, new StorageSharedKeyCredential(accountName, signer.key))
      : generateBlobSASQueryParameters(values, signer.key, accountName)
  return signed.toString()
}

const signDirectory = (signer: Signer, request: SasRequest, directory: string): string =>
  signPath(signer, request, directory, { sr: 'd', sdd: `${directory.split('/').length}` })

/**
 * Signs a path, as the SDK signs blobs but no directories:
 * https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas. For a blob, the result is the SDK's.
 */
export function signPath(
  signer: Signer,
  request: SasRequest,
  path: string,
  resource: { sr: 'b' } | { sr: 'd'; sdd: string },
): string {
  const { accountName, kind, key } = signer
  const parameters = {
    sv: API_VERSION,
    spr: request.http ? 'https,http' : 'https',
    st: seconds(request.startsOn),
    se: seconds(request.expiresOn),
    ...resource,
    sp: request.permissions,
    ...(kind === 'delegation' ? delegationParameters(key) : {}),
  }
  const name = `/blob/${accountName}/${request.container}/${path}`
  const fields = kind === 'delegation' ? delegationFields(parameters, name) : keyFields(parameters, name)
  const secret = Buffer.from(kind === 'delegation' ? key.value : key, 'base64')
  const sig = createHmac('sha256', secret).update(fields.join('\n')).digest('base64')
  return new URLSearchParams({ ...parameters, sig }).toString()
}

type Parameters = Record<'sv' | 'spr' | 'st' | 'se' | 'sr' | 'sp', string> & {
  skoid?: string
  sktid?: string
  skt?: string
  ske?: string
  sks?: string
  skv?: string
}

function delegationParameters(key: UserDelegationKey) {
  return {
    skoid: key.signedObjectId,
    sktid: key.signedTenantId,
    skt: seconds(key.signedStartsOn),
    ske: seconds(key.signedExpiresOn),
    sks: key.signedService,
    skv: key.signedVersion,
  }
}

/** Fields that are empty: identifier, address; snapshot, encryption scope, and the headers of answers. */
const keyFields = ({ sv, spr, st, se, sr, sp }: Parameters, name: string) => [
  ...[sp, st, se, name, '', '', spr, sv, sr],
  ...Array(7).fill(''),
]

/**
 * Fields that are empty: agents, correlation, delegated user, address; snapshot, encryption scope, headers and
 * parameters of requests and answers.
 */
const delegationFields = (parameters: Parameters, name: string) => {
  const { sv, spr, st, se, sr, sp, skoid, sktid, skt, ske, sks, skv } = parameters
  return [
    ...[sp, st, se, name, skoid, sktid, skt, ske, sks, skv],
    ...Array(6).fill(''),
    ...[spr, sv, sr],
    ...Array(9).fill(''),
  ]
}

/** A time as it is signed: ISO 8601 without fractions of seconds. */
const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`
