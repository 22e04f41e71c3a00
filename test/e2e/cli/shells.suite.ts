/** Completion and variables in shells, kubectl with the program on PATH, and a terminal. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { before, describe, test } from 'node:test'
import { parseEnv, stripVTControlCharacters } from 'node:util'
import { kubectl } from '../../cluster/kubectl.ts'
import { shells, whyNoShells } from '../../cluster/shells.ts'
import { collect } from '../../support/command-line.ts'
import type { Tenant } from '../../support/world.ts'
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

const noShells = (await whyNoShells()) ?? false

export function testShells({ world, cli }: Parts): void {
  /** Runs words of a shell, which is of the machine or of Debian's packages. */
  async function inShell(shell: string, words: string[], more: Record<string, string> = {}) {
    const found = shell === 'bash' ? undefined : await shells()
    const command = shell === 'fish' || shell === 'zsh' ? found?.[shell] : shell
    return collect(command ?? shell, words, { env: { ...cli().env(), HOME: cli().folder, ...found?.env, ...more } })
  }

  describe('shells', () => {
    let tenant: Tenant
    before(async () => {
      tenant = await world().tenant(NAME)
      await tenant.connector('minio')
      await tenant.store('models')
      await tenant.store('archive')
    })

    for (const [shell, script] of Object.entries(COMPLETE)) {
      test(`${shell} completes commands, options and names of stores`, {
        skip: shell !== 'bash' && noShells,
      }, async () => {
        const path = join(cli().folder, `completion.${shell}`)
        await writeFile(path, ended(await cli().run(`completion ${shell}`), 0).out)
        const complete = async (...words: string[]) => {
          const given = shell === 'fish' ? [] : [shell]
          const args = ['-c', script, ...given, path, 'kubectl-artifactstore', ...words]
          const { out } = ended(await inShell(shell, args), 0)
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
        assert.deepEqual(await complete('env', '-n', NAME, 'models', ''), ['step'])
        assert.deepEqual(await complete('explain', 'BucketNotF'), ['BucketNotFound'])
      })
    }

    for (const [shell, line] of [
      ['bash', 'eval "$(LINE)"'],
      ['zsh', 'eval "$(LINE)"'],
      ['fish', 'LINE --fish | source'],
    ] as const) {
      test(`${shell} has the variables of a store, and none of the one before`, {
        skip: shell !== 'bash' && noShells,
      }, async () => {
        await tenant.storeReady('models')
        const command = `kubectl-artifactstore env models step -n ${NAME}`
        const script = `${line.replace('LINE', command)}; env`
        const before = { AZURE_STORAGE_SAS_TOKEN: 'stale', AWS_CA_BUNDLE: '/stale', AWS_PROFILE: 'stale', KEPT: 'mine' }
        const left = parseEnv(ended(await inShell(shell, ['-c', script], before), 0).out)
        const { accessKeyId } = await tenant.credentials('models-step')
        assert.deepEqual([left['AWS_ACCESS_KEY_ID'], left['KEPT']], [accessKeyId, 'mine'])
        for (const name of Object.keys(before)) if (name !== 'KEPT') assert.ok(!(name in left), name)
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
