import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { COMMANDS } from './commands/index.ts'
import type { Answer, Command, Invocation } from './frame/command.ts'
import { CommandFailure, EXIT } from './frame/failures.ts'
import { wantsColours } from './frame/terminal.ts'
import { NAME, runProgram } from './program.ts'
import { quoted } from './text/shell.ts'
import { colourless } from './text/style.ts'

/** Runs a command line with these commands, without a terminal. */
async function run(words: string[], commands: readonly Command[] = COMMANDS) {
  const written = { out: '', err: '' }
  const code = await runProgram(words, {
    commands,
    version: '1.2.3',
    out(text) {
      written.out += text
    },
    err(text) {
      written.err += text
    },
    view: { width: 80, paint: colourless },
    now: () => new Date(0),
    progress: { say() {}, end() {} },
    signal: new AbortController().signal,
  })
  return { code, ...written }
}

const command = (act: (invocation: Invocation) => Partial<Answer>): Command => ({
  name: 'try',
  group: 'See',
  summary: 'try something',
  arguments: [{ name: 'what', about: 'what to try' }],
  options: [{ flags: '--no-wait', about: 'do not wait' }],
  examples: [{ line: 'try it', about: 'an example' }],
  run: async invocation => ({ lines: () => ['text'], data: { kind: 'Try' }, names: ['one'], ...act(invocation) }),
})

describe('exit codes and what is written', () => {
  for (const [what, words, act, want] of [
    ['all is well', ['try'], () => ({}), { code: 0, out: 'text\n', err: '' }],
    ['something is found', ['try'], () => ({ isFound: true }), { code: 1, out: 'text\n', err: '' }],
    [
      'notes go to stderr',
      ['try'],
      () => ({ notes: ['no right'] }),
      { code: 0, out: 'text\n', err: 'note: no right\n' },
    ],
    ['JSON', ['try', '-o', 'json'], () => ({}), { code: 0, out: '{\n  "kind": "Try"\n}\n', err: '' }],
    ['YAML', ['-o', 'yaml', 'try'], () => ({}), { code: 0, out: 'kind: Try\n', err: '' }],
    [
      'names',
      ['try', '-o=name'],
      () => ({}),
      { code: 2, out: '', err: /no output =name: use one of json, yaml, name/ },
    ],
    ['names', ['try', '-oname'], () => ({}), { code: 0, out: 'one\n', err: '' }],
    [
      'a value of the cluster that no command can have',
      ['try'],
      () => ({ names: [quoted('nul\0')] }),
      { code: 1, out: '', err: /^a word of a command line can not have a NUL, .*: correct the value that has it/ },
    ],
    [
      'an unknown option',
      ['-A', 'try', '--foo'],
      () => ({}),
      { code: 2, out: '', err: `unknown option '--foo': see "${NAME} help try"\n` },
    ],
    ['an unknown command', ['tri'], () => ({}), { code: 2, out: '', err: /unknown command 'tri'.*: see ".* --help"/ }],
    [
      'help of an unknown command',
      ['help', 'tri'],
      () => ({}),
      { code: 2, out: '', err: `there is no command "tri": see "${NAME} --help"\n` },
    ],
    [
      'too many words',
      ['try', 'a', 'b'],
      () => ({}),
      { code: 2, out: '', err: /too many arguments.*: see ".* help try"/ },
    ],
    [
      'an unknown format',
      ['try', '-o', 'xml'],
      () => ({}),
      { code: 2, out: '', err: 'try has no output xml: use one of json, yaml, name\n' },
    ],
    ['the version', ['--version'], () => ({}), { code: 0, out: '1.2.3\n', err: '' }],
  ] as [string, string[], () => Partial<Answer>, { code: number; out: string; err: string | RegExp }][]) {
    test(`${what}: ${words.join(' ')}`, async () => {
      const got = await run(words, [command(act)])
      if (want.err instanceof RegExp) assert.match(got.err, want.err)
      else assert.equal(got.err, want.err)
      assert.deepEqual([got.code, got.out], [want.code, want.out])
    })
  }

  test('a form of -o is taken by the command that has it, and by no other', async () => {
    const one: Command = { ...command(() => ({ forms: { script: () => '#!/bin/sh\n' } })), outputs: ['script'] }
    const other: Command = { ...command(() => ({})), name: 'other' }
    assert.deepEqual(await run(['try', '-o', 'script'], [one, other]), { code: 0, out: '#!/bin/sh\n', err: '' })
    const refused = await run(['other', '-o', 'script'], [one, other])
    assert.deepEqual(refused, { code: 2, out: '', err: 'other has no output script: use one of json, yaml, name\n' })
  })

  test('a failure is one line, whatever the cluster has written into it', async () => {
    const evil = command(() => {
      throw new CommandFailure(EXIT.noAccess, 'no\x1b[2J\naccess', 'log in')
    })
    assert.deepEqual(await run(['try'], [evil]), { code: 3, out: '', err: 'no [2J access: log in\n' })
  })

  test('a fault of the program is told as one', async () => {
    const faulty = command(() => {
      throw new TypeError('x is undefined')
    })
    const { code, err } = await run(['try'], [faulty])
    assert.equal(code, 70)
    assert.match(err, /fault of the program: TypeError: x is undefined\n/)
  })

  test('a command gets its words and options', async () => {
    let got: Invocation | undefined
    const seen = command(invocation => {
      got = invocation
      return {}
    })
    await run(['try', 'it', '--no-wait', '-n', 'ml'], [seen])
    assert.deepEqual([got?.arguments, got?.options, got?.globals], [['it'], { wait: false }, { namespace: 'ml' }])
  })
})

test('what the shell completes is not read as options', async () => {
  let got: Invocation | undefined
  const seen = command(invocation => {
    got = invocation
    return {}
  })
  const hidden: Command = { ...seen, name: '__try', isHidden: true }
  const { code } = await run(['__try', 'status', '-n', 'ml', '--help', ''], [hidden])
  assert.equal(code, 0)
  assert.deepEqual(got?.arguments, ['status', '-n', 'ml', '--help', ''])
})

describe('the commands', () => {
  test('have names and aliases of their own', () => {
    const names = COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases])
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    )
  })

  for (const { name, examples, isHidden, run: _, ...rest } of COMMANDS.filter(({ isHidden }) => !isHidden)) {
    test(`${name} has examples in its help that can be typed`, async () => {
      const { code, out } = await run([name, '--help'])
      assert.equal(code, 0)
      for (const { line } of examples) {
        assert.ok(out.includes(`${NAME} ${line}`), line)
        const words = line.split(/ [>|] /)[0]?.split(' ') ?? []
        assert.equal(words[0], name)
        const dry = { ...rest, name, examples, run: command(() => ({})).run }
        assert.equal((await run(words, [dry])).code, 0, line)
      }
    })
  }

  test('are told without any word', async () => {
    const { code, out } = await run([])
    assert.equal(code, 0)
    assert.match(out, /data for programs instead of text for people \(choices: json, yaml, name; policy has others\)/)
    assert.match(out, /^Usage: kubectl artifactstore/)
    assert.doesNotMatch(out, /__complete/)
  })
})

for (const [env, isTerminal, want] of [
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
] as [Record<string, string>, boolean, boolean][]) {
  test(`${JSON.stringify(env)} ${isTerminal ? 'on a terminal' : 'elsewhere'}: ${want ? 'colours' : 'no colours'}`, () =>
    assert.equal(wantsColours(env, isTerminal), want))
}
