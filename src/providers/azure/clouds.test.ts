import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { networkUrlOf, PUBLIC_AUTHORITY, storageSuffixOf } from './clouds.ts'

describe('the cloud of an authority', () => {
  const OF_TODAY = 'https://login.partner.microsoftonline.cn'
  const cases: [authority: string, suffix: string | undefined, network: string][] = [
    [PUBLIC_AUTHORITY, 'core.windows.net', PUBLIC_AUTHORITY],
    ['https://login.microsoftonline.us', 'core.usgovcloudapi.net', 'https://login.microsoftonline.us'],
    ['https://login.chinacloudapi.cn', 'core.chinacloudapi.cn', OF_TODAY],
    [OF_TODAY, 'core.chinacloudapi.cn', OF_TODAY],
    ['https://login.chinacloudapi.cn.example', undefined, 'https://login.chinacloudapi.cn.example'],
  ]
  for (const [authority, suffix, network] of cases) {
    test(`${authority} has ${suffix ?? 'no known storage hosts'}`, () =>
      assert.deepEqual([storageSuffixOf(authority), networkUrlOf(authority)], [suffix, network]))
  }
})
