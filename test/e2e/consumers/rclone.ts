/** What a person does with rclone and a Secret of the format `Rclone`, on either cloud. */
import assert from 'node:assert/strict'
import { rcloneBinary } from '../../cluster/tools.ts'
import { run } from '../../support/client-process.ts'

/** `path`: where the Secret is. `keys`: what is in the store, which has the prefix `team/`. */
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
