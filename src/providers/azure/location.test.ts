import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { account, azureIdentity, verdict } from '../../../test/support/azure.ts'
import { elsewhere } from './location.ts'

describe('elsewhere', () => {
  const custom = { url: 'https://azurite:10000/acme', host: 'azurite:10000', field: 'spec.azure.endpoint' }
  const cases: [uri: string, expected: string, blob?: typeof custom][] = [
    ['az://data/team', 'ok'],
    ['abfs://data/team', 'ok'],
    ['abfss://data@acme.dfs.core.windows.net/team', 'ok'],
    ['abfss://data@other.dfs.core.windows.net', 'stalled AccountMismatch'],
    ['abfss://data@acme2.dfs.core.windows.net', 'stalled AccountMismatch'],
    ['abfss://data@acme.dfs.core.chinacloudapi.cn', 'stalled AccountMismatch'],
    ['abfss://data@acme.dfs.core.windows.net', 'ok', custom],
    ['abfss://data@other.dfs.core.windows.net', 'stalled AccountMismatch', custom],
  ]
  for (const [uri, expected, blob] of cases) {
    test(`${uri} ${blob ? 'at a custom endpoint ' : ''}is ${expected}`, () => {
      assert.equal(verdict(elsewhere({ uri }, azureIdentity(account, blob ? { blob } : {}))), expected)
    })
  }
})
