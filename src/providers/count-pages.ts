/** Counts what a service lists, a bounded number of pages a call. */
import { type Answer, isOk } from './network/answer.ts'
import type { Usage, UsageRequest } from './provider.ts'

export interface ListedPage {
  objects: number
  bytes: number
  /** Where the next page begins; absent: the last page. */
  next?: string
}

/** Of 1000 objects each: some seconds. */
const PAGES_MAX = 20

/** The first answer, when it is a refusal. `page`: the one that begins at `after`. */
export async function countPages<A extends Answer<ListedPage>>(
  { location: { prefix }, progress }: Pick<UsageRequest, 'location' | 'progress'>,
  page: (after: string | undefined) => Promise<A>,
): Promise<Usage | A> {
  let { objects, bytes } = progress ?? { objects: 0, bytes: 0 }
  let after = progress?.after
  const counted = () => ({ kind: 'usage', objects, bytes, scope: prefix === '' ? 'Bucket' : 'Prefix' }) as const

  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const answer = await page(after)
    const { value } = answer
    if (!isOk(answer) || !value) {
      if (pages === 0) return answer
      // What was counted is kept; the next call says what is wrong, when it still is.
      break
    }
    objects += value.objects
    bytes += value.bytes
    if (value.next === undefined) return counted()
    after = value.next
  }
  return { ...counted(), progress: { objects, bytes, after: after ?? '' } }
}
