/** `make image` builds with the container engine that the machine has. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { findProgram } from './cluster/tools.ts'

const root = join(import.meta.dirname, '..')
const make = findProgram('make')
let dir: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'engines-'))
})
after(() => rm(dir, { recursive: true }))

const cases: [title: string, engines: string[], options: string[], command: string][] = [
  ['docker where it is there', ['docker'], [], 'docker build --tag a/b:1 .'],
  ['podman where it is there', ['podman'], [], 'podman build --tag a/b:1 .'],
  ['buildah where it is there', ['buildah'], [], 'buildah build --tag a/b:1 .'],
  ['docker before others', ['buildah', 'docker', 'podman'], [], 'docker build --tag a/b:1 .'],
  ['podman before buildah', ['buildah', 'podman'], [], 'podman build --tag a/b:1 .'],
  ['the engine that the user names', ['docker', 'podman'], ['ENGINE=podman'], 'podman build --tag a/b:1 .'],
]
for (const [title, engines, options, command] of cases) {
  test(`make image builds with ${title}`, { skip: !make && 'there is no make' }, async () => {
    const { status, stdout } = await makeImage(engines, options)
    assert.equal(status, 0)
    assert.equal(stdout.trim(), `${command}\n${command}`, 'what make says, and what ran')
  })
}

test('make image says what to install where there is no engine', { skip: !make && 'there is no make' }, async () => {
  const { status, stderr } = await makeImage([], [])
  assert.equal(status, 2)
  assert.match(stderr, /^No docker, podman or buildah is on PATH: install one of them/)
})

/** Runs it where PATH has only these engines, which say how they were called. */
async function makeImage(engines: readonly string[], options: readonly string[]) {
  const path = join(dir, `${engines}-${options}`)
  await mkdir(path)
  for (const engine of engines) await writeFile(join(path, engine), `#!/bin/sh\necho ${engine} "$@"\n`, { mode: 0o755 })
  const args = ['--no-print-directory', 'image', 'IMAGE=a/b:1', ...options]
  return spawnSync(make ?? '', args, { cwd: root, env: { PATH: path }, encoding: 'utf8' })
}
