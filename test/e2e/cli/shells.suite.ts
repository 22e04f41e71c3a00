/** Completion in the shells that are here, kubectl with the program on PATH, and a terminal. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { before, describe, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { kubectl } from '../../cluster/kubectl.ts'
import { collect } from '../../support/command-line.ts'
import { ended, type Parts } from './parts.ts'

const NAME = 'shells'

const isHere = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some(folder => existsSync(join(folder, program)))

/** Completes what a shell has been typed, by the script for it in `$1`; the words are in `$2` and so on. */
const COMPLETE: Record<string, string> = {
  bash: `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kubectl_artifactstore; printf '%s\\n' "\${COMPREPLY[@]}"`,
  // Outside of its editor, zsh has no _describe: this one prints what it was given.
  zsh: `compdef() { :; }; _describe() { print -rl -- "\${(@P)2}" }; source "$1"; shift; words=("$@"); CURRENT=$#; _kubectl_artifactstore`,
  fish: `source $argv[1]; complete -C (string join -- ' ' $argv[2..-1])`,
}

export function testShells({ world, cli }: Parts): void {
  describe('shells', () => {
    before(async () => {
      const tenant = await world().tenant(NAME)
      await tenant.connector('minio')
      await tenant.store('models')
      await tenant.store('archive')
    })

    for (const [shell, script] of Object.entries(COMPLETE)) {
      test(`${shell} completes commands, options and names of stores`, {
        skip: !isHere(shell) && 'not installed',
      }, async () => {
        const path = join(cli().folder, `completion.${shell}`)
        await writeFile(path, ended(await cli().run(`completion ${shell}`), 0).out)
        const complete = async (...words: string[]) => {
          const given = shell === 'fish' ? [] : [shell]
          const args = ['-c', script, ...given, path, 'kubectl-artifactstore', ...words]
          const { out } = ended(await collect(shell, args, { env: cli().env() }), 0)
          return out
            .split('\n')
            .map(line => line.split(/[\t:]/)[0])
            .filter(Boolean)
        }
        assert.ok((await complete('sta')).includes('status'))
        assert.ok((await complete('verify', '--ti')).includes('--timeout'))
        assert.deepEqual((await complete('permissions', '-n', NAME, '')).sort(), ['archive', 'models'])
        assert.deepEqual(await complete('permissions', '-n', NAME, 'mo'), ['models'])
        assert.deepEqual((await complete('status', '-n', NAME, '')).sort(), ['archive', 'minio', 'models'])
        assert.ok((await complete('status', '-n', 'shel')).includes(NAME))
      })
    }

    test('kubectl finds the program, and completes it', async () => {
      const path = join(cli().folder, 'kubectl_complete-artifactstore')
      await writeFile(path, ended(await cli().run('completion kubectl'), 0).out)
      await chmod(path, 0o755)
      const env = cli().env()
      const run = (...words: string[]) => kubectl(world().controlPlane, words, undefined, { env })
      assert.match(await run('artifactstore', 'explain', 'BucketNotFound'), /^BucketNotFound \(S3\)/)
      const completed = await run('__complete', 'artifactstore', 'permissions', '-n', NAME, 'mo')
      assert.match(completed, /^models\b/m)
      assert.match(completed, /^:4$/m)
    })

    test('a terminal gets colours and lines that fit it, and a pipe neither', {
      skip: !isHere('python3') && 'no Python',
    }, async () => {
      const words = `kubectl-artifactstore status -n ${NAME}`
      const typed = `import os,pty,sys;os.environ["TERM"]="xterm";pty.spawn(["sh","-c","stty cols 60; ${words}"])`
      const { out } = await collect('python3', ['-c', typed], { env: cli().env() })
      const ESCAPE = '\x1b'
      assert.ok(out.includes(`${ESCAPE}[1mNAME`))
      const lines = stripVTControlCharacters(out).split(/\r\n|\r/)
      for (const line of lines) assert.ok(line.length <= 60, line)
      assert.ok(!(await cli().run(`status -n ${NAME}`)).out.includes(ESCAPE))
    })
  })
}
