/** Azure's clouds by where their Entra is. */

export const PUBLIC_AUTHORITY = 'https://login.microsoftonline.com'

const STORAGE_SUFFIXES: Record<string, string> = {
  'login.microsoftonline.com': 'core.windows.net',
  'login.microsoftonline.us': 'core.usgovcloudapi.net',
  'login.chinacloudapi.cn': 'core.chinacloudapi.cn',
  'login.partner.microsoftonline.cn': 'core.chinacloudapi.cn',
}

/** `core.windows.net`; undefined for an authority that belongs to none of the known clouds. */
export const storageSuffixOf = (authorityHost: string): string | undefined =>
  STORAGE_SUFFIXES[new URL(authorityHost).hostname]
