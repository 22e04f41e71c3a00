import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { countPages, isNoProgress, type ListedPage } from './count-pages.ts'
import type { Answer } from './network/answer.ts'

const request = { location: { bucket: 'b', prefix: '', uri: 's3://b' } }
const page = (next?: string): Answer<ListedPage> => ({
  status: 200,
  value: { objects: 1, bytes: 1, ...(next === undefined ? {} : { next }) },
})

describe('a listing that makes no progress is refused, and not counted on', () => {
  const endless: [name: string, next: (after: string | undefined) => string][] = [
    ['each page leads to itself', after => after ?? 'a'],
    ['each page is the first', () => 'a'],
    ['pages lead back to an earlier one', after => (after === 'b' ? 'c' : after === 'c' ? 'a' : 'b')],
    ['a page has no last key', after => after ?? ''],
  ]
  for (const [name, next] of endless) {
    test(name, async () => {
      let asked = 0
      const counted = await countPages(request, async after => {
        asked++
        return page(next(after))
      })
      assert.ok(!('kind' in counted) && isNoProgress(counted), JSON.stringify(counted))
      assert.ok(asked <= 4)
    })
  }

  test('also where an earlier call has ended', async () => {
    const progress = { objects: 20, bytes: 20, after: 'z' }
    const counted = await countPages({ ...request, progress }, async () => page('z'))
    assert.ok(!('kind' in counted) && isNoProgress(counted))
  })
})
