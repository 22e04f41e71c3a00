/**
 * From the bundle and the manifests of the last release, or of the last commit, to those of this tree and back, while
 * stores are in use: nothing is made anew that needn't, and nothing is missing in between.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { EXPIRES_AT_ANNOTATION, FINALIZER } from '../../src/api/names.ts'
import { ARTIFACT_STORES } from '../../src/kube/resource.ts'
import { bundle, changedFormats, layOut, olderRevision, ROOT } from '../support/older-tree.ts'
import { until } from '../support/until.ts'
import { FORMATS, UpgradeWorld, type Version } from './upgrade-world.ts'

const older = await olderRevision()
const skip =
  process.env['USE_EXISTING_CLUSTER'] === 'true'
    ? 'no other version is installed on an existing cluster'
    : 'skip' in older && older.skip

describe('an upgrade and the way back, with stores in use', { skip }, () => {
  let world: UpgradeWorld
  const versions = {} as Record<'older' | 'newer', Version>
  /** Secrets, by the end of their names, that the two versions write otherwise. */
  let rewritten: string[]
  let finalizers: string[]

  before(async () => {
    if ('skip' in older) return
    world = await UpgradeWorld.start()
    const tree = join(world.controlPlane.dir, 'older')
    await layOut(older.revision, tree)
    versions.older = { deploy: join(tree, 'deploy'), main: await bundle(tree) }
    versions.newer = { deploy: join(ROOT, 'deploy'), main: await bundle(ROOT, join(world.controlPlane.dir, 'newer')) }
    rewritten = changedFormats({ older: tree, newer: ROOT }, FORMATS).map(format => format.toLowerCase())
    await world.rollOut(versions.older)
    await world.createStores()
    await world.settled()
    finalizers = await guarded()
    assert.equal((await world.secrets()).length, 18)
    assert.deepEqual(finalizers, ['all', 'models'])
  })
  after(() => world?.stop())

  /** Names of the stores that have the operator's finalizer. */
  async function guarded(): Promise<string[]> {
    const { items } = await world.client.list(ARTIFACT_STORES, undefined)
    return items.filter(({ metadata }) => metadata.finalizers?.includes(FINALIZER)).map(({ metadata }) => metadata.name)
  }

  const mayBeRewritten = (object: string) =>
    object.startsWith('Secret ') && rewritten.some(format => object.endsWith(`-${format}`))

  for (const [name, version] of [
    ['the newer version takes over', 'newer'],
    ['the older version takes over again', 'older'],
  ] as const) {
    test(`${name}: no Secret is written, the status of each store once at most, and no finalizer is lost`, async () => {
      await using recording = await world.record()
      await world.rollOut(versions[version])
      await world.settled()
      const changes = Object.entries(await recording.changes())
      const secrets = changes.filter(([object]) => object.startsWith('Secret ') && !mayBeRewritten(object))
      assert.deepEqual(secrets, [])
      // A connector has a session of each process: its status says so, and then counts its stores.
      const most = (object: string) => (object.startsWith('ServiceConnector ') ? 2 : 1)
      const many = changes.filter(
        ([object, seen]) => seen.length > most(object) || seen.some(one => one !== 'MODIFIED'),
      )
      assert.deepEqual(many, [])
      assert.deepEqual(await guarded(), finalizers)
      for (const store of ['models', 'all', 'blobs']) await world.home.storeReady(store)
      await world.use()
    })
  }

  test('the newer version replaces credentials that the older one has issued', async () => {
    await world.rollOut(versions.newer)
    await world.settled()
    const ends = async () =>
      Object.fromEntries(
        (await world.secrets()).map(({ metadata: { name, annotations } }) => [
          name,
          annotations?.[EXPIRES_AT_ANNOTATION],
        ]),
      )
    const before = await ends()
    for (const connector of ['minio', 'azure']) await world.refresh(connector)
    await until('all credentials are made anew', async () => {
      const now = await ends()
      const same = Object.keys(before).filter(name => now[name] === before[name])
      // Credentials without an end, such as those of a web identity, are not replaced.
      return same.every(name => before[name] === undefined)
    })
    await world.use()
  })
})
