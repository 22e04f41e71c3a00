import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asJson, asYaml } from './data.ts'
import { harmless } from './harmless.ts'

const HOSTILE: [what: string, text: string][] = [
  ['a sequence that clears the screen', '\x1b[2J\x1b[Hprod'],
  ['a sequence that sets the title of the window', '\x1b]0;owned\x07prod'],
  ['a C1 control that begins a sequence', '\x9b31mprod'],
  ['a line end that forges another line', 'prod\r\nstore ml/other  True'],
  ['a mark that turns the order around', 'prod\u202egpj.exe'],
  ['an isolate of direction', '\u2066prod\u2069'],
  ['a separator of lines', 'prod\u2028next'],
  ['a lone half of a pair', 'prod\ud800'],
  ['a character without width', 'pr\u200bod'],
]
const OBEYED = /[\p{Cc}\p{Cf}\u2028\u2029]/u

describe('text of the cluster', () => {
  for (const [what, text] of HOSTILE) {
    test(`${what} does not reach the terminal`, () => {
      const shown = harmless(text)
      assert.doesNotMatch(shown, OBEYED)
      assert.match(shown, /pr.?od/)
    })

    test(`${what} is escaped in JSON and YAML, and means the same to programs`, async () => {
      const { parse } = await import('yaml')
      const data = { name: text, [`key ${text}`]: ['x'] }
      for (const [output, read] of [
        [asJson(data), JSON.parse(asJson(data))],
        [asYaml(data), parse(asYaml(data))],
      ]) {
        assert.doesNotMatch(output.replaceAll('\n', ''), OBEYED)
        assert.deepEqual(read, data)
      }
    })
  }

  test('a text of a million characters is cut before anything looks at it', () => {
    assert.equal(harmless('x'.repeat(1e6)).length, 2048)
    assert.equal(harmless('x'.repeat(1e6), 10), 'xxxxxxx...')
  })

  test('names of other scripts stay as they are', () => assert.equal(harmless('モデル für Zoë'), 'モデル für Zoë'))

  test('what is no text is nothing', () => assert.equal(harmless({ toString: () => 'x' }), ''))
})
