import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { parseEnv } from 'node:util'
import { envLines, type Grammar } from './env-file.ts'

const WORDS: readonly [what: string, value: string, refused: readonly Grammar[]][] = [
  ['nothing', '', []],
  ['a key', 'secret/with+every=char', []],
  ['a SAS token', 'sv=2026-04-06&spr=https&sig=a%2Fb%2Bc%3D', []],
  ['a connection string', 'BlobEndpoint=https://a.b;AccountName=a;SharedAccessSignature=x&y', []],
  ['spaces around it', '  two words  ', []],
  ['a comment', 'a #b', []],
  ['a variable', '$HOME $(id)', []],
  ['backticks', '`id`', []],
  ['quotes', 'say "yes"', []],
  ['an apostrophe', "it's", []],
  ['an apostrophe and a variable', "it's $HOME", ['dotenv']],
  ['an apostrophe and a quote', `it's "it"`, ['dotenv']],
  ['a backslash', 'a\\nb', ['dotenv']],
  ['a backslash at the end', 'a\\', ['dotenv']],
  ['a line end and another variable', 'a\nPATH=/tmp', ['dotenv', 'docker']],
  ['a carriage return', 'a\rPATH=/tmp', ['dotenv', 'docker']],
  ['a second command', "'; touch owned; '", []],
  ['an escape sequence', '\u001b[2J', ['dotenv', 'docker']],
  ['letters of all kinds', 'größe 模型', []],
]

/** How each is read. Docker splits a line at its first `=`, and takes the rest as it is. */
const READERS: Record<Grammar, (text: string) => string | undefined> = {
  shell: text => execFileSync('sh', ['-c', `${text}\nprintf %s "$VALUE"`], { encoding: 'utf8' }),
  dotenv: text => parseEnv(text)['VALUE'],
  docker: text => text.slice(text.indexOf('=') + 1),
}

for (const grammar of ['shell', 'dotenv', 'docker'] as const) {
  describe(`a value for ${grammar}`, () => {
    for (const [what, value, refused] of WORDS) {
      if (refused.includes(grammar)) {
        test(`with ${what} is refused by its name`, () =>
          assert.throws(() => envLines({ VALUE: value }, grammar), {
            name: 'RangeError',
            message: /^VALUE: .*use --shell/,
          }))
      } else {
        test(`with ${what} is read as it was`, () => {
          const lines = envLines({ VALUE: value, OTHER: 'x' }, grammar)
          assert.equal(lines.length, 2)
          assert.ok(lines.every(line => !line.includes('\n')))
          assert.equal(READERS[grammar](lines[0] ?? ''), value)
        })
      }
    }
  })
}

test('a value that no command line can hold is refused for a shell, too', () => {
  assert.throws(() => envLines({ VALUE: 'a\n' }, 'shell'), /^RangeError: VALUE: /)
})
