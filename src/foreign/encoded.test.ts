import assert from 'node:assert/strict'
import { test } from 'node:test'
import { looksEncoded } from './encoded.ts'

const twice = (text: string) => Buffer.from(text).toString('base64')
const cases: [what: string, value: string, want: boolean][] = [
  ['an access key id, encoded', twice('AKIAIOSFODNN7EXAMPLE'), true],
  ['an access key id, encoded with its line end', twice('minioadmin\n'), true],
  ['a SAS token, encoded', twice('sv=2024-11-04&ss=b&sig=abc%3D'), true],
  ['a client id, encoded', twice('11111111-2222-3333-4444-555555555555'), true],
  ['an account key, encoded', twice(Buffer.alloc(64, 0xa7).toString('base64')), true],
  ['an access key id', 'AKIAIOSFODNN7EXAMPLE', false],
  ['a secret key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', false],
  ['an account key', Buffer.alloc(64, 0xa7).toString('base64'), false],
  ['a word', 'password', false],
  ['a short word', 'abcd', false],
  ['a client id', '11111111-2222-3333-4444-555555555555', false],
  ['nothing', '', false],
]

for (const [what, value, want] of cases) {
  test(`${what} ${want ? 'looks' : 'does not look'} like base64 of a text`, () =>
    assert.equal(looksEncoded(value), want))
}
