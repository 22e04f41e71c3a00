import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Sha256 } from './sha256.ts'

const JEFE = Buffer.from('Jefe')
const QUESTION = 'what do ya want for nothing?'
const MAC = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'
const CASES: { name: string; secret?: string | ArrayBuffer | ArrayBufferView; data: string; hex: string }[] = [
  {
    name: 'a hash (FIPS 180-4)',
    data: 'abc',
    hex: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  },
  { name: 'an HMAC whose key is text (RFC 4231)', secret: 'Jefe', data: QUESTION, hex: MAC },
  { name: 'an HMAC whose key is bytes', secret: JEFE, data: QUESTION, hex: MAC },
  {
    name: 'an HMAC whose key is a part of a buffer',
    secret: Buffer.from('xJefex').subarray(1, 5),
    data: QUESTION,
    hex: MAC,
  },
  { name: 'an HMAC whose key is a buffer', secret: new Uint8Array(JEFE).buffer, data: QUESTION, hex: MAC },
]

for (const { name, secret, data, hex } of CASES) {
  test(`Sha256 makes ${name}, twice with the same key, and again after a reset`, async () => {
    for (const hash of [new Sha256(secret), new Sha256(secret)]) {
      hash.update(Buffer.from('something else'))
      hash.reset()
      hash.update(Buffer.from(data.slice(0, 2)))
      hash.update(Buffer.from(data.slice(2)))
      assert.equal(Buffer.from(await hash.digest()).toString('hex'), hex)
    }
  })
}
