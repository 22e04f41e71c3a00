import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { connector } from '../../../test/support/objects.ts'
import type { Cluster } from '../../cli/cluster/connect.ts'
import { RecentFacts } from './recent-facts.ts'

const { signal } = new AbortController()
const cluster = {} as Cluster

function counted(answer: () => Promise<{ facts: object; notes: string[] }>) {
  let reads = 0
  const readers = {
    facts: () => {
      reads++
      return answer()
    },
    around: () => {
      reads++
      return Promise.resolve({ connectors: [], stores: [], notes: [] })
    },
  }
  const facts = new RecentFacts(signal, readers)
  return { facts, reads: () => reads }
}

describe('facts about a connector', () => {
  test('are read once for pages that ask at the same time', async () => {
    const { facts, reads } = counted(async () => ({ facts: { issuer: 'https://issuer' }, notes: [] }))
    const both = [facts.facts(cluster, connector(), signal), facts.facts(cluster, connector(), signal)]
    assert.deepEqual(
      (await Promise.all(both)).map(({ facts }) => facts.issuer),
      ['https://issuer', 'https://issuer'],
    )
    assert.equal(reads(), 1)
  })

  test('are read anew for a new spec', async () => {
    const { facts, reads } = counted(async () => ({ facts: {}, notes: [] }))
    await facts.facts(cluster, connector(), signal)
    await facts.facts(cluster, connector({ metadata: { ...connector().metadata, generation: 9 } }), signal)
    assert.equal(reads(), 2)
  })

  test('are read with what is around them once', async () => {
    const { facts, reads } = counted(async () => ({ facts: {}, notes: [] }))
    await Promise.all([facts.around(cluster, signal), facts.around(cluster, signal)])
    assert.equal(reads(), 1)
  })

  test('that could not be read are read anew', async () => {
    const { facts, reads } = counted(() => Promise.reject(new Error('no answer')))
    await assert.rejects(facts.facts(cluster, connector(), signal))
    await assert.rejects(facts.facts(cluster, connector(), signal))
    assert.equal(reads(), 2)
  })
})
