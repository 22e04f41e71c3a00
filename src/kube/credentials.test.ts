import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type CredentialReader, createCredentialSource } from './credentials.ts'

/** Makes a source over a user whose token a test changes, with a clock of its own. */
function setup() {
  let seconds = 0
  let loads = 0
  const state = { token: 'one', ca: 'CA' }
  const load = (): CredentialReader => {
    loads++
    // Readers may keep what they have read, as client-node does with tokens of plugins.
    let kept: string | undefined
    return {
      context: 'lab',
      async read() {
        kept ??= state.token
        return { headers: { authorization: `Bearer ${kept}` }, tls: { ca: Buffer.from(state.ca) } }
      },
    }
  }
  return {
    source: createCredentialSource(load, load(), () => seconds * 1000),
    state,
    loads: () => loads,
    setSeconds(value: number) {
      seconds = value
    },
  }
}

describe('credential source', () => {
  it('keeps what it read for half a minute', async () => {
    const { source, state, setSeconds } = setup()
    const first = await source.get()
    state.ca = 'NEW'
    setSeconds(29)
    assert.equal(await source.get(), first)
    setSeconds(30)
    assert.deepEqual((await source.get()).tls, { ca: Buffer.from('NEW') })
  })

  it('returns the same objects as long as nothing changed', async () => {
    const { source, setSeconds } = setup()
    const first = await source.get()
    setSeconds(60)
    assert.equal(await source.get(), first)
  })

  it('keeps the TLS material, and so the connections, when only the token changed', async () => {
    const { source, state } = setup()
    const first = await source.get()
    state.token = 'two'
    const second = await source.refresh(first)
    assert.equal(second.headers.authorization, 'Bearer two')
    assert.equal(second.tls, first.tls)
    assert.equal(await source.get(), second)
  })

  it('shares one refresh, and gives its result to those who come late', async () => {
    const { source, state, loads } = setup()
    const first = await source.get()
    state.token = 'two'
    const [a, b] = await Promise.all([source.refresh(first), source.refresh(first)])
    const late = await source.refresh(first)
    assert.equal(a, b)
    assert.equal(late, a)
    assert.equal(loads(), 2)
  })

  it('does not refresh again and again what is refused for good', async () => {
    const { source, loads, setSeconds } = setup()
    const first = await source.get()
    assert.equal(await source.refresh(first), first)
    setSeconds(9)
    assert.equal(await source.refresh(first), first)
    assert.equal(loads(), 2)
    setSeconds(10)
    await source.refresh(first)
    assert.equal(loads(), 3)
  })
})
