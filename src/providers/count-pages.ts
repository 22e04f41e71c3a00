/** Counts the objects that a service lists; each call counts a bounded number of pages. */
import { countOf } from '../foreign/numbers.ts'
import { type Answer, isOk, UNEXPECTED } from './network/answer.ts'
import type { Usage, UsageRequest } from './provider.ts'

export interface ListedPage {
  objects: number
  bytes: number
  /** The key after which the next page begins; absent on the last page. */
  next?: string
}

/** Pages that one call counts. A page has 1000 objects, so that takes some seconds. */
const PAGES_MAX = 20

/** Code of an answer that a listing makes up when a page leads to one that came before: it would never end. */
const NO_PROGRESS = { status: 409, code: 'PagesWithoutProgress', value: undefined } as const

export const isNoProgress = ({ code }: Answer): boolean => code === NO_PROGRESS.code

/** Text for a listing that makes no progress. */
export const noProgress = (host: string, uri: string): string =>
  `${host} lists ${uri} without end: it ignores where a page begins, and gives the same one again`

/** The count, or the first answer when that is a refusal. `page`: asks for the page that begins after a key. */
export async function countPages<A extends Answer<ListedPage>>(
  { location: { prefix }, progress }: Pick<UsageRequest, 'location' | 'progress'>,
  page: (after: string | undefined) => Promise<A>,
): Promise<Usage | A> {
  let { objects, bytes } = progress ?? { objects: 0, bytes: 0 }
  let after = progress?.after
  const seen = new Set([after ?? ''])
  const counted = () => ({ kind: 'usage', objects, bytes, scope: prefix === '' ? 'Bucket' : 'Prefix' }) as const

  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const answer = await page(after)
    const { value } = answer
    // A sum that is no whole number could not be written to status.
    if (value && countOf(bytes + value.bytes) === undefined) return { ...answer, ...UNEXPECTED }
    if (!isOk(answer) || !value) {
      if (pages === 0) return answer
      // The count so far is kept. If the service still refuses, the next call says why.
      break
    }
    objects += value.objects
    bytes += value.bytes
    if (value.next === undefined) return counted()
    if (seen.has(value.next)) return { ...answer, ...NO_PROGRESS }
    after = value.next
    seen.add(after)
  }
  return { ...counted(), progress: { objects, bytes, after: after ?? '' } }
}
