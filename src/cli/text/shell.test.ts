import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { isUnshown } from './harmless.ts'
import { commandLine, quoted, withVariables } from './shell.ts'

/** What a real shell makes of a command line. */
const shell = (line: string, options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): string =>
  execFileSync('sh', ['-c', line], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options })

const HOSTILE: readonly [what: string, word: string][] = [
  ['nothing', ''],
  ['a plain name', 'models'],
  ['a label', 'artifactstore.dev/credentials=true'],
  ['spaces', 'two words  and  more '],
  ['an apostrophe', "it's"],
  ['only apostrophes', "''''"],
  ['quotes', '"; touch owned; "'],
  ['a second command', 'a; touch owned'],
  ['a command in the background', 'a & touch owned &'],
  ['a pipe', 'a | touch owned'],
  ['a substitution', '$(touch owned)'],
  ['a substitution in backticks', '`touch owned`'],
  ['an end of the quotes and a substitution', "'$(touch owned)'"],
  ['a variable', '$HOME'],
  ['a redirection', '> owned'],
  ['a comment', '# all gone'],
  ['patterns', '* ? [a-z]'],
  ['braces', '{a,b}'],
  ['a home', '~root'],
  ['an assignment', '=ls'],
  ['history', '!!'],
  ['backslashes', '\\ \\\\ \\n \\'],
  ['an option', '--all'],
  ['JSON', '{"spec":{"a":"it\'s $(x)"}}'],
  ['per cent', '%s %n %b'],
  ['a line end within', 'a\ntouch owned'],
  ['a carriage return', 'a\rtouch owned'],
  ['an escape sequence', '\u001b[2J\u001b]0;title\u0007'],
  ['an escape sequence with an apostrophe', "\u001b[31m'; touch owned; '"],
  ['marks of direction', '\u202etxt.exe\u202c'],
  ['a tab', 'a\tb'],
  ['letters of all kinds', 'größe 模型 🙂 e\u0301'],
  ['octal', '\\033[2J \\0101'],
]

describe('a word in quotes is the same word for a shell', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'quoted-'))
  after(() => rmSync(cwd, { recursive: true }))

  for (const [what, word] of HOSTILE) {
    test(what, () => {
      const line = commandLine(['printf', '[%s]', word, `key=${word}`])
      assert.equal(shell(line, { cwd }), `[${word}][key=${word}]`)
      assert.equal(isUnshown(line), false, 'it may do nothing to the terminal either')
      assert.equal(line.includes('\n'), false, 'it is one line')
      assert.equal(existsSync(join(cwd, 'owned')), false)
    })
  }

  for (const word of ['a\0b', 'a\n', '\n']) {
    test(`${JSON.stringify(word)} is refused, as no line can say it`, () => {
      assert.throws(() => quoted(word), RangeError)
    })
  }
})

describe('variables of the environment', () => {
  const line = withVariables(
    ['KEY', 'OTHER'],
    commandLine(['printf', '[%s]', { before: "it's=", variable: 'KEY' }, { before: '', variable: 'OTHER' }]),
  )

  test('their values are words, whatever is in them', () => {
    const env = { ...process.env, KEY: '$(touch owned) *', OTHER: "a 'b" }
    assert.equal(shell(line, { env }), "[it's=$(touch owned) *][a 'b]")
  })

  test('without a value nothing is run, and the shell says which is missing', () => {
    const env = { ...process.env, KEY: 'a', OTHER: '' }
    assert.throws(() => shell(line, { env }), { stdout: '', stderr: /OTHER/ })
  })
})
