/** Uses rclone with a Secret of the format `Rclone` as a person would do it, on either cloud. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram, rcloneBinary } from '../../cluster/tools.ts'
import { RunningProgram, run } from '../../support/client-process.ts'
import { until } from '../../support/until.ts'

/** `folder`: of its own below the store. `path`: the directory of the Secret. `keys`: lists the keys of the store, whose prefix is `team/`. */
export async function keepNotes(
  path: string,
  keys: (prefix: string) => Promise<string[]>,
  folder = 'people',
): Promise<void> {
  const command = await rcloneBinary()
  const rclone = (args: string[], input = '') =>
    run({ command, args: ['--config', `${path}/rclone.conf`, ...args], env: {} }, input)
  await rclone(['rcat', `store:${folder}/notes.txt`], 'weights')
  assert.deepEqual(await keys(`team/${folder}`), [`team/${folder}/notes.txt`])
  assert.equal(await rclone(['cat', `store:${folder}/notes.txt`]), 'weights')
  assert.equal(await rclone(['lsf', `store:${folder}`]), 'notes.txt')
  await rclone(['deletefile', `store:${folder}/notes.txt`])
  assert.deepEqual(await keys(`team/${folder}`), [])
}

/** Why no bucket can be mounted on this machine; undefined when it can. */
export const whyNoMount: string | undefined =
  existsSync('/dev/fuse') && findProgram('fusermount3')
    ? undefined
    : 'mounts need /dev/fuse and fusermount3: apt-get install fuse3'

/** Mounts a folder of the store, and uses it as a program does that knows files only. */
export async function keepMountedNotes(path: string, keys: (prefix: string) => Promise<string[]>): Promise<void> {
  const command = await rcloneBinary()
  const directory = await mkdtemp(join(tmpdir(), 'aso-mount-'))
  const config = ['--config', `${path}/rclone.conf`]
  // A file is uploaded as soon as it is closed.
  const options = ['--vfs-cache-mode', 'off', '--dir-cache-time', '0s']
  await run({ command, args: [...config, 'rcat', 'store:mounted/model.bin'], env: {} }, 'weights')
  const mount = new RunningProgram({
    command,
    args: [...config, 'mount', 'store:mounted', directory, ...options],
    env: {},
  })
  try {
    await until('the folder is mounted', async () => (await readdir(directory)).length > 0)
    assert.equal(await readFile(join(directory, 'model.bin'), 'utf8'), 'weights')
    await writeFile(join(directory, 'notes.txt'), 'more')
    await until('the file is uploaded', async () => (await keys('team/mounted')).length === 2)
    for (const name of ['model.bin', 'notes.txt']) await rm(join(directory, name))
    assert.deepEqual(await keys('team/mounted'), [])
  } finally {
    await run({ command: 'fusermount3', args: ['-u', directory], env: {} }).catch(() => undefined)
    await mount[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  }
}
