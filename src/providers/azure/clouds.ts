/** Pure: Azure's clouds by where their Entra is. */

export const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com'

const STORAGE_SUFFIXES: Record<string, string> = {
  'login.microsoftonline.com': 'core.windows.net',
  'login.microsoftonline.us': 'core.usgovcloudapi.net',
  'login.chinacloudapi.cn': 'core.chinacloudapi.cn',
  'login.partner.microsoftonline.cn': 'core.chinacloudapi.cn',
}

/** `core.windows.net`; undefined for an authority that belongs to none of the known clouds. */
export const storageSuffixOf = (authorityHost: string): string | undefined =>
  STORAGE_SUFFIXES[URL.parse(authorityHost)?.hostname ?? '']

/** Where requests for it go: the library sends those for a name of old to that of today, and knows its endpoints. */
export const networkUrlOf = (authorityHost: string): string =>
  authorityHost.replace(/^https:\/\/login\.chinacloudapi\.cn$/, 'https://login.partner.microsoftonline.cn')

/** Whether a host is of a storage account of a known cloud. */
export const isAzure = (hostname: string): boolean =>
  Object.values(STORAGE_SUFFIXES).some(suffix => hostname.endsWith(`.blob.${suffix}`))

/** Whether a URL is of one of the known clouds: that of a storage account, or of its Entra. */
export function isOfCloud(url: string): boolean {
  const hostname = URL.parse(url)?.hostname
  return hostname !== undefined && (isAzure(hostname) || Object.hasOwn(STORAGE_SUFFIXES, hostname))
}
