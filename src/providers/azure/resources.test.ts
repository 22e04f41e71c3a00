import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  account,
  asked,
  BUSY,
  DENIED,
  fakeCalls,
  NO_CONTAINER,
  none,
  OK,
  resultOf,
  sas,
  succeeded,
  workload,
} from '../../../test/support/azure.ts'
import type { Answer } from '../network/answer.ts'
import type { AzureAuth } from './auth.ts'
import { listResources } from './resources.ts'

const page = (containers: string[], next?: string): Answer => ({
  status: 200,
  value: { containers, ...(next ? { next } : {}) },
})
const all = page(['models', 'data-b', 'data-a'])

describe('listResources', () => {
  const cases: [name: string, patterns: string[], expected: string[]][] = [
    ['lists all, sorted, without patterns', [], ['az://data-a', 'az://data-b', 'az://models']],
    ['lists a container by its name', ['az://models'], ['az://models']],
    ['lists containers by a pattern', ['abfs://data-*'], ['az://data-a', 'az://data-b']],
    [
      'lists containers by the account',
      ['abfss://*@acme.dfs.core.windows.net'],
      ['az://data-a', 'az://data-b', 'az://models'],
    ],
    ['lists none by another account', ['abfss://*@other.dfs.core.windows.net'], []],
  ]
  for (const [name, patterns, expected] of cases) {
    test(name, async () => {
      const listed = await listResources(
        fakeCalls({ containerPage: all }),
        { patterns, max: 10 },
        asked(workload),
        none,
      )
      assert.deepEqual(
        succeeded(listed).resources.map(({ uri }) => uri),
        expected,
      )
    })
  }

  test('reads page after page, and lists no more than asked for', async () => {
    const calls = fakeCalls({ containerPage: marker => (marker ? page(['c', 'd']) : page(['a', 'b'], 'marker')) })
    const { resources, truncated } = succeeded(
      await listResources(calls, { patterns: [], max: 3 }, asked(workload), none),
    )
    assert.deepEqual([resources.map(({ uri }) => uri), truncated], [['az://a', 'az://b', 'az://c'], true])
  })

  test('stops after a bounded number of pages', async () => {
    const calls = fakeCalls({ containerPage: (marker = '0') => page([], `${Number(marker) + 1}`) })
    const listed = succeeded(await listResources(calls, { patterns: [], max: 3 }, asked(workload), none))
    assert.deepEqual([calls.made.length, listed.truncated], [20, true])
  })

  test('a list whose pages lead to themselves is refused', async () => {
    const calls = fakeCalls({ containerPage: page([], 'again') })
    assert.equal(
      resultOf(await listResources(calls, { patterns: [], max: 3 }, asked(workload), none)),
      'stalled ListingFailed',
    )
    assert.equal(calls.made.length, 2)
  })

  const refused: Answer = { status: 403, code: 'AuthenticationFailed' }
  const named = ['az://models', 'az://gone', 'az://data-*']
  const fallbacks: [name: string, answer: Answer, patterns: string[], auth: AzureAuth, expected: string | string[]][] =
    [
      ['an identity that may not list and a connector that names containers', DENIED, named, workload, ['az://models']],
      [
        'an identity that may not list and a connector that names none',
        DENIED,
        ['az://data-*'],
        workload,
        'stalled PermissionDenied',
      ],
      ['a SAS token for one container', refused, ['abfss://models@acme.dfs.core.windows.net'], sas, ['az://models']],
      ['a wrong key', refused, named, account, 'stalled CredentialsRejected'],
      ['a busy service', BUSY, named, workload, 'transient Throttled'],
      ['a busy service, for a SAS token', BUSY, named, sas, 'transient Throttled'],
    ]
  for (const [name, answer, patterns, auth, expected] of fallbacks) {
    test(`${name}: ${expected}`, async () => {
      const calls = fakeCalls({ containerPage: answer, listBlobs: name => (name === 'models' ? OK : NO_CONTAINER) })
      const listed = await listResources(calls, { patterns, max: 10 }, asked(auth), none)
      if (typeof expected === 'string') assert.equal(resultOf(listed), expected)
      else
        assert.deepEqual(
          succeeded(listed).resources.map(({ uri }) => uri),
          expected,
        )
    })
  }
})
