/** Uses rclone with a Secret of the format `Rclone` as a person would do it, on either cloud. */
import assert from 'node:assert/strict'
import { rcloneBinary } from '../../cluster/tools.ts'
import { run } from '../../support/client-process.ts'

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
