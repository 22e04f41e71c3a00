import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isAzure, networkUrlOf, PUBLIC_AUTHORITY, storageSuffixOf } from './clouds.ts'

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

describe('a host of storage accounts', () => {
  const cases: [host: string, known: boolean][] = [
    ['acme.blob.core.windows.net', true],
    ['acme.blob.core.chinacloudapi.cn', true],
    ['acme.z12.blob.storage.azure.net', true],
    ['acme.z1.blob.storage.azure.net', true],
    ['acme.blob.storage.azure.net', false],
    ['z12.blob.storage.azure.net', false],
    ['acme.z12.blob.storage.azure.net.example', false],
    ['a.acme.z12.blob.storage.azure.net', false],
    ['acme.z12.web.storage.azure.net', false],
  ]
  for (const [host, known] of cases) {
    test(`${host} is ${known ? '' : 'not '}of Azure`, () => assert.equal(isAzure(host), known))
  }
})
