import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMMANDS } from '../commands/index.ts'
import { type Completion, planCompletion } from './completion-plan.ts'

const plan = (line: string): Completion => planCompletion(line.split(' '), COMMANDS)
const names = ({ wanted }: Completion): string[] =>
  wanted.kind === 'words' ? wanted.words.map(({ name }) => name) : [wanted.kind, ...('of' in wanted ? wanted.of : [])]

for (const [what, line, want] of [
  ['what a command takes', 'status ', ['objects', 'store', 'connector']],
  ['only stores where only stores are taken', 'permissions ', ['objects', 'store']],
  ['nothing where all is said', 'permissions models ', []],
  ['values of an option', 'status -o ', ['json', 'yaml', 'name']],
  ['values of an option with an equals sign', 'status --output=', ['--output=json', '--output=yaml', '--output=name']],
  ['forms of one command', 'policy x -o ', ['json', 'yaml', 'name', 'aws-cli', 'az-cli', 'terraform', 'mc']],
  ['namespaces', 'status -n ', ['objects', 'namespace']],
  ['contexts', 'status --context ', ['contexts']],
  ['words of an argument', 'completion ', ['bash', 'zsh', 'fish', 'kubectl']],
  ['what an alias takes', 'tree ', ['objects', 'store', 'connector']],
  ['reasons', 'explain Buck', ['reasons']],
  ['roles of the store', 'env models ', ['roles', 'models']],
  ['roles behind options', 'login -n ml models --show ', ['roles', 'models']],
  ['commands behind options', '-n ml -A ', undefined],
] as const) {
  test(`completes ${what}: "${line}"`, () => {
    const got = names(plan(line))
    if (want) assert.deepEqual(got, want)
    else assert.ok(got.includes('status') && got.includes('explain'))
  })
}

test('completes commands, but not those for the shell', () => {
  const got = names(plan(''))
  assert.ok(got.includes('status'))
  assert.ok(!got.includes('__complete'))
})

test('completes options of the command, and those of all', () => {
  const got = names(plan('verify --'))
  for (const option of ['--timeout', '--no-wait', '--namespace', '--help']) assert.ok(got.includes(option), option)
})

test('takes into account where to look', () => {
  assert.deepEqual(plan('--context=prod status -n ml --kubeconfig /x ').globals, {
    context: 'prod',
    namespace: 'ml',
    kubeconfig: '/x',
  })
})
