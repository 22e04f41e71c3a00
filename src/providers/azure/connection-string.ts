/** Pure: the parts of a connection string. */
import { withoutFinalSlashes } from '../../foreign/text.ts'

export interface ConnectionString {
  accountName?: string
  accountKey?: string
  sasToken?: string
  /** URL of the blob service, without final slash. */
  endpoint?: string
}

/** The parts, or a text that says what is wrong with the string and never quotes it. */
export function parseConnectionString(text: string): ConnectionString | string {
  const parts = new Map<string, string>()
  for (const part of text.split(';')) {
    if (part.trim() === '') continue
    const at = part.indexOf('=')
    if (at <= 0) return 'it is no list of Name=value parts with ; between them'
    parts.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim())
  }
  if (parts.get('usedevelopmentstorage')?.toLowerCase() === 'true') {
    return 'UseDevelopmentStorage means a storage emulator on the own host: write its AccountName, AccountKey and BlobEndpoint'
  }
  const accountName = parts.get('accountname')
  const accountKey = parts.get('accountkey')
  const sasToken = parts.get('sharedaccesssignature')
  if (!accountKey && !sasToken) return 'it has neither AccountKey nor SharedAccessSignature'
  const endpoint = endpointOf(parts, accountName)
  if (endpoint && !isPlainUrl(endpoint)) {
    return 'its BlobEndpoint is no URL of a blob service: write https://account.blob.core.windows.net, without user and query'
  }
  return {
    ...(accountName ? { accountName } : {}),
    ...(accountKey ? { accountKey } : {}),
    ...(sasToken && !accountKey ? { sasToken } : {}),
    ...(endpoint ? { endpoint } : {}),
  }
}

function endpointOf(parts: Map<string, string>, accountName: string | undefined): string | undefined {
  const endpoint = withoutFinalSlashes(parts.get('blobendpoint') ?? '')
  if (endpoint) return endpoint
  const suffix = parts.get('endpointsuffix')
  if (!suffix || !accountName) return undefined
  return `${parts.get('defaultendpointsprotocol') ?? 'https'}://${accountName}.blob.${suffix}`
}

/**
 * An http(s) URL that holds no secret and to which a path can be added. Consumers get it inside of connection strings
 * and files.
 */
const isPlainUrl = (text: string): boolean => PLAIN_URL.test(text) && URL.canParse(text)

/** A host, and the account where the host does not name it. */
const PLAIN_URL = /^https?:\/\/[\w.:[\]-]{1,300}(?:\/[\w-]{1,63})?$/
