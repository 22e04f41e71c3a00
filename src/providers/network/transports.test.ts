import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AnswerBudget } from './answer-budget.ts'
import { createEndpointGuard } from './endpoint-guard.ts'
import { type TransportKey, Transports } from './transports.ts'

const monotonic = () => performance.now()

describe('Transports', () => {
  test('sessions of one endpoint and one CA share a transport', () => {
    const transports = new Transports({ monotonic, answerOf: () => undefined })
    const gates = [
      { endpoint: 'https://a' },
      { endpoint: 'https://a' },
      { endpoint: 'https://a', caPem: 'x' },
      { endpoint: 'https://b' },
    ].map(key => transports.acquire(key).gate)
    assert.equal(gates[0], gates[1])
    assert.equal(new Set(gates).size, 3)
    transports.close()
  })

  test('connectors of one endpoint share its transport, and each namespace its part of the memory for answers', () => {
    const asked: string[] = []
    const budget = new AnswerBudget()
    const endpoint = budget.endpoint.bind(budget)
    budget.endpoint = (name, tenant) => {
      asked.push(`${name} ${tenant}`)
      return endpoint(name, tenant)
    }
    const network = { guard: createEndpointGuard(), proxyEnv: {}, budget }
    const transports = new Transports({ monotonic, answerOf: () => undefined, network })
    const gates = ['ml/a', 'ml/b', 'team/a', undefined].map(
      connector => transports.acquire({ endpoint: 'https://a', connector }).gate,
    )
    assert.equal(new Set(gates).size, 1)
    assert.deepEqual(asked, ['https://a ml', 'https://a ml', 'https://a team', 'https://a undefined'])
    transports.close()
  })

  test('silence that one connector meets leaves others alone, unless all of it is the same', async () => {
    const none = new AbortController().signal
    const timesOut = async () => {
      throw Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })
    }
    const keys: [name: string, key: TransportKey, isShared: boolean][] = [
      ['the same', { endpoint: 'https://minio:9000' }, true],
      ['the same in capitals', { endpoint: 'https://MinIO:9000' }, true],
      ['CAs of its own', { endpoint: 'https://minio:9000', caPem: 'x' }, false],
      ['another port', { endpoint: 'https://minio:9001' }, false],
      ['another scheme', { endpoint: 'http://minio:9000' }, false],
      ['another host', { endpoint: 'https://minio.evil:9000' }, false],
      ['a host that begins so', { endpoint: 'https://minio:9000.evil' }, false],
    ]
    for (const [name, key, isShared] of keys) {
      const transports = new Transports({ monotonic: () => 0, answerOf: () => ({ status: 0, code: 'ETIMEDOUT' }) })
      const careless = transports.acquire(key).gate
      for (let n = 0; n < 5; n++) await assert.rejects(careless.run('ListBuckets', none, timesOut))
      assert.equal(transports.broken, 1)
      const others = transports.acquire({ endpoint: 'https://minio:9000' }).gate
      const answer = others.run('ListBuckets', none, async () => 'fine').catch(() => 'left alone')
      assert.equal(await answer, isShared ? 'left alone' : 'fine', name)
      transports.close()
    }
  })

  test('unused transports are kept for a while, used ones always', () => {
    const transports = new Transports({ monotonic, answerOf: () => undefined })
    const used = transports.acquire({ endpoint: 'https://used' })
    const [recent, old] = ['recent', 'old'].map(name => {
      const transport = transports.acquire({ endpoint: `https://${name}` })
      transport.release()
      transport.release()
      return transport
    })
    for (let n = 0; n < 63; n++) {
      assert.equal(transports.acquire({ endpoint: 'https://recent' }).gate, recent?.gate)
      transports.acquire({ endpoint: `https://${n}` }).release()
    }
    transports.acquire({ endpoint: 'https://last' }).release()
    assert.equal(transports.acquire({ endpoint: 'https://used' }).gate, used.gate)
    assert.equal(transports.acquire({ endpoint: 'https://recent' }).gate, recent?.gate)
    assert.notEqual(transports.acquire({ endpoint: 'https://old' }).gate, old?.gate)
    transports.close()
  })

  test('a namespace that leaves many transports unused displaces none of another, with what its breaker knows', () => {
    const transports = new Transports({ monotonic, answerOf: () => undefined })
    const use = (endpoint: string, connector: string) => {
      const { gate, release } = transports.acquire({ endpoint, connector })
      release()
      return gate
    }
    const down = use('https://down', 'ml/minio')
    const first = use('https://first', 'other/a')
    for (let n = 0; n < 100; n++) use(`https://${n}`, `other/${n}`)
    assert.equal(use('https://down', 'ml/minio'), down)
    assert.notEqual(use('https://first', 'other/a'), first, 'there is a bound')
    transports.close()
  })
})
