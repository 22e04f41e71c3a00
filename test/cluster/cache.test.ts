import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { cached, type Recipe } from './cache.ts'

describe('the cache of programs', () => {
  const outside = process.env['ASO_TEST_CACHE']
  let directory: string
  let built: number
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cache-'))
    process.env['ASO_TEST_CACHE'] = directory
  })
  after(async () => {
    if (outside === undefined) delete process.env['ASO_TEST_CACHE']
    else process.env['ASO_TEST_CACHE'] = outside
    await rm(directory, { recursive: true })
  })
  beforeEach(() => {
    built = 0
  })

  const recipe = (name: string, build = (at: string) => writeFile(join(at, 'proof'), '')): Recipe => ({
    ...{ name, inputs: [], proof: 'proof', announcement: `making ${name}` },
    build(at) {
      built++
      return build(at)
    },
  })

  test('makes once what is asked for at once or again', async () => {
    const paths = await Promise.all([cached(recipe('once')), cached(recipe('once'))])
    assert.equal(new Set([...paths, await cached(recipe('once'))]).size, 1)
    assert.equal(built, 1)
  })

  test('tells a failure to all that asked, keeps nothing of it, and tries again', async () => {
    const failing = () => cached(recipe('tried', () => Promise.reject(new Error('no network'))))
    const results = await Promise.allSettled([failing(), failing()])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
    assert.deepEqual(
      (await readdir(directory)).filter(name => name.startsWith('tried')),
      [],
    )
    await cached(recipe('tried'))
    assert.equal(built, 2)
  })

  test('fails a build that leaves no proof', async () => {
    await assert.rejects(cached(recipe('empty', async () => undefined)), /empty: the build left no proof/)
  })
})
