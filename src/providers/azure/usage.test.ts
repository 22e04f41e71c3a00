import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { asked, BUSY, DENIED, fakeCalls, none, resultOf, succeeded, workload } from '../../../test/support/azure.ts'
import type { Answer } from '../network/answer.ts'
import type { UsageRequest } from '../provider.ts'
import { measureByListing } from './usage.ts'

const request: UsageRequest = { location: { bucket: 'data', prefix: 'team/', uri: 'az://data/team' }, source: 'List' }
const page = (next?: string): Answer => ({ status: 200, value: { objects: 2, bytes: 10, ...(next ? { next } : {}) } })
const measure = (
  blobPage: Answer | ((container: string, prefix: string, marker: string | undefined) => Answer),
  change = {},
) => measureByListing(fakeCalls({ blobPage }), { ...request, ...change }, asked(workload), none)

describe('measureByListing', () => {
  test('counts one page', async () => {
    assert.deepEqual(await measure(page()), { kind: 'usage', objects: 2, bytes: 10, scope: 'Prefix' })
  })
  test('counts a whole container', async () => {
    const location = { bucket: 'data', prefix: '', uri: 'az://data' }
    assert.partialDeepStrictEqual(await measure(page(), { location }), { scope: 'Bucket' })
  })
  test('counts a bounded number of pages, and the rest with the next call', async () => {
    const { progress, objects } = succeeded(await measure((_c, _p, marker = '0') => page(`${Number(marker) + 1}`)))
    assert.deepEqual([objects, progress], [40, { objects: 40, bytes: 200, after: '20' }])
    const markers: (string | undefined)[] = []
    const rest = await measure(
      (_c, _p, marker) => {
        markers.push(marker)
        return page()
      },
      { progress },
    )
    assert.deepEqual(rest, { kind: 'usage', objects: 42, bytes: 210, scope: 'Prefix' })
    assert.deepEqual(markers, ['20'])
  })
  test('keeps what was counted before the service failed', async () => {
    const result = await measure((_c, _p, marker) => (marker ? BUSY : page('1')))
    assert.deepEqual(succeeded(result).progress, { objects: 2, bytes: 10, after: '1' })
  })
  test('begins anew where the service takes the marker no more', async () => {
    const progress = { objects: 40, bytes: 200, after: 'old' }
    const result = await measure((_c, _p, marker) => (marker ? { status: 400, code: 'OutOfRangeInput' } : page()), {
      progress,
    })
    assert.deepEqual(result, { kind: 'usage', objects: 2, bytes: 10, scope: 'Prefix' })
  })
  const failures: [answer: Answer, expected: string][] = [
    [BUSY, 'transient Throttled'],
    [DENIED, 'stalled PermissionDenied'],
    [{ status: 400, code: 'OutOfRangeInput' }, 'stalled ListingFailed'],
  ]
  for (const [answer, expected] of failures) {
    test(`takes ${answer.code} for ${expected}`, async () => assert.equal(resultOf(await measure(answer)), expected))
  }
})
