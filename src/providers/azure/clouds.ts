/** Pure: Azure's clouds, each known by the host of its Entra. */

export const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com'

const STORAGE_SUFFIXES: Record<string, string> = {
  'login.microsoftonline.com': 'core.windows.net',
  'login.microsoftonline.us': 'core.usgovcloudapi.net',
  'login.chinacloudapi.cn': 'core.chinacloudapi.cn',
  'login.partner.microsoftonline.cn': 'core.chinacloudapi.cn',
}

/** Suffix of storage hosts, such as `core.windows.net`; undefined for an authority of no known cloud. */
export const storageSuffixOf = (authorityHost: string): string | undefined =>
  STORAGE_SUFFIXES[URL.parse(authorityHost)?.hostname ?? '']

/** The URL that requests really go to: for an authority's old name, Azure's library uses the new one. */
export const networkUrlOf = (authorityHost: string): string =>
  authorityHost.replace(/^https:\/\/login\.chinacloudapi\.cn$/, 'https://login.partner.microsoftonline.cn')

/** Accounts of a DNS zone, of which a subscription has more: `account.z12.blob.storage.azure.net`. */
const IN_ZONE = /^[a-z0-9]{3,24}\.z\d{1,3}\.blob\.storage\.azure\.net$/

/** Whether a host belongs to a storage account of a known cloud. */
export const isAzure = (hostname: string): boolean =>
  IN_ZONE.test(hostname) || Object.values(STORAGE_SUFFIXES).some(suffix => hostname.endsWith(`.blob.${suffix}`))

/** Whether a URL belongs to a known cloud: to one of its storage accounts, or to its Entra. */
export function isOfCloud(url: string): boolean {
  const hostname = URL.parse(url)?.hostname
  return hostname !== undefined && (isAzure(hostname) || Object.hasOwn(STORAGE_SUFFIXES, hostname))
}
