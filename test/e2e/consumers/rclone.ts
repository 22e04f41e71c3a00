/** Uses rclone with a Secret of the format `Rclone` as a person would do it, on either cloud. */
import assert from 'node:assert/strict'
import { rcloneBinary } from '../../cluster/tools.ts'
import { run } from '../../support/client-process.ts'

/** `path`: the directory of the Secret. `keys`: lists the keys of the store, whose prefix is `team/`. */
export async function keepNotes(path: string, keys: (prefix: string) => Promise<string[]>): Promise<void> {
  const command = await rcloneBinary()
  const rclone = (args: string[], input = '') =>
    run({ command, args: ['--config', `${path}/rclone.conf`, ...args], env: {} }, input)
  await rclone(['rcat', 'store:people/notes.txt'], 'weights')
  assert.deepEqual(await keys('team/people'), ['team/people/notes.txt'])
  assert.equal(await rclone(['cat', 'store:people/notes.txt']), 'weights')
  assert.equal(await rclone(['lsf', 'store:people']), 'notes.txt')
  await rclone(['deletefile', 'store:people/notes.txt'])
  assert.deepEqual(await keys('team/people'), [])
}
