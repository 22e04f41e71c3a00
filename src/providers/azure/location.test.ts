import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { account, azureIdentity, resultOf } from '../../../test/support/azure.ts'
import { elsewhere } from './location.ts'

describe('a path of a store', () => {
  const custom = { url: 'https://azurite:10000/acme', host: 'azurite:10000', field: 'spec.azure.endpoint' }
  const zone = { url: 'https://acme.z12.blob.storage.azure.net', host: 'acme.z12.blob.storage.azure.net', field: 'f' }
  const cases: [host: string | undefined, expected: string, blob?: typeof custom][] = [
    [undefined, 'ok'],
    [undefined, 'ok', custom],
    ['acme.dfs.core.windows.net', 'ok'],
    ['other.dfs.core.windows.net', 'stalled AccountMismatch'],
    ['acme2.dfs.core.windows.net', 'stalled AccountMismatch'],
    ['acme.dfs.core.chinacloudapi.cn', 'stalled AccountMismatch'],
    ['acme.dfs.core.windows.net', 'ok', custom],
    ['other.dfs.core.windows.net', 'stalled AccountMismatch', custom],
    ['acme.z12.dfs.storage.azure.net', 'ok', zone],
    ['acme.z13.dfs.storage.azure.net', 'stalled AccountMismatch', zone],
    ['acme.dfs.core.windows.net', 'stalled AccountMismatch', zone],
    ['acme.z12.dfs.storage.azure.net', 'stalled AccountMismatch'],
  ]
  for (const [host, expected, blob] of cases) {
    test(`with ${host ?? 'no host'} ${blob ? 'at a custom endpoint ' : ''}is ${expected}`, () => {
      assert.equal(resultOf(elsewhere(host ? { host } : {}, azureIdentity(account, blob ? { blob } : {}))), expected)
    })
  }
})
