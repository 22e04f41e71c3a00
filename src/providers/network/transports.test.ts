import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Transports } from './transports.ts'

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
})
