import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { parseEnv } from 'node:util'
import { envLines, type Grammar } from './env-file.ts'
import { CLEARED } from './handed-out.ts'

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
  ['an apostrophe behind a backslash', "it\\'s", ['dotenv']],
  ['a backslash', 'a\\nb', ['dotenv']],
  ['a backslash at the end', 'a\\', ['dotenv']],
  ['a line end and another variable', 'a\nPATH=/tmp', ['fish', 'dotenv', 'docker']],
  ['a carriage return', 'a\rPATH=/tmp', ['fish', 'dotenv', 'docker']],
  ['a second command', "'; touch owned; '", []],
  ['an escape sequence', '\u001b[2J', ['fish', 'dotenv', 'docker']],
  ['letters of all kinds', 'größe 模型', []],
]

/** How each is read. Docker splits a line at its first `=`, and takes the rest as it is. */
const READERS: Record<Exclude<Grammar, 'fish'>, (text: string) => string | undefined> = {
  shell: text => execFileSync('sh', ['-c', `${text}\nprintf %s "$VALUE"`], { encoding: 'utf8' }),
  dotenv: text => parseEnv(text)['VALUE'],
  docker: text => text.slice(text.indexOf('=') + 1),
}

/** The line of a variable, below those that take others away. */
const lineOf = (value: string, grammar: Grammar): string =>
  envLines({ VALUE: value }, grammar).find(line => /\bVALUE\b/.test(line)) ?? ''

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
          assert.ok(envLines({ VALUE: value }, grammar).every(line => !line.includes('\n')))
          assert.equal(READERS[grammar](lineOf(value, grammar)), value)
        })
      }
    }
  })
}

describe('a value for fish', () => {
  for (const [what, value, refused] of WORDS) {
    test(`with ${what} ${refused.includes('fish') ? 'is refused' : 'is between apostrophes'}`, () => {
      if (refused.includes('fish')) return assert.throws(() => envLines({ VALUE: value }, 'fish'), RangeError)
      // There, a backslash stands before apostrophes and backslashes, and before nothing else.
      const [, inside = ''] = /^set -gx VALUE '(.*)'$/.exec(lineOf(value, 'fish')) ?? []
      assert.doesNotMatch(inside.replaceAll(/\\[\\']/g, ''), /[\\']/)
      assert.equal(inside.replaceAll(/\\([\\'])/g, '$1'), value)
    })
  }
})

describe('variables of another store', () => {
  const stale = Object.fromEntries(CLEARED.map(name => [name, 'stale']))

  test('are none that a shell keeps', () => {
    const lines = envLines({ AWS_REGION: 'eu-west-1' }, 'shell').join('\n')
    const env = { ...stale, PATH: process.env['PATH'], KEPT: 'mine' }
    const left = parseEnv(
      execFileSync('sh', ['-c', `eval "$LINES"; unset LINES; env`], {
        encoding: 'utf8',
        env: { ...env, LINES: lines },
      }),
    )
    assert.deepEqual(
      CLEARED.filter(name => name in left),
      ['AWS_REGION'],
    )
    assert.deepEqual([left['AWS_REGION'], left['KEPT']], ['eu-west-1', 'mine'])
  })

  test('can not be taken away by a file', () => {
    for (const grammar of ['dotenv', 'docker'] as const) assert.equal(envLines({ AWS_REGION: 'a' }, grammar).length, 1)
  })
})

test('a value that no command line can hold is refused for a shell, too', () => {
  assert.throws(() => envLines({ VALUE: 'a\n' }, 'shell'), /^RangeError: VALUE: /)
})
