/** What Azure wants of requests with a SAS token, and of those about index tags, beside what Azurite asks for. */
import type { IncomingHttpHeaders } from 'node:http'

export interface BlobRequest {
  readonly method: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
}

/** Tags need a permission of their own, also where they are written or listed along with something else. */
export const isAboutTags = ({ query, headers }: BlobRequest): boolean =>
  query.get('comp') === 'tags' ||
  Boolean(headers['x-ms-tags']) ||
  (query.get('include') ?? '').split(',').includes('tags')

/** False: the SAS token lacks a letter of `sp` that only Azure looks for. True without a SAS token. */
export function hasLetters(request: BlobRequest): boolean {
  const { method, query } = request
  if (!query.has('sig')) return true
  const wanted = [
    // Azurite has no versions, and would delete the blob itself.
    ...(method === 'DELETE' && query.has('versionid') ? ['x'] : []),
    ...(isAboutTags(request) ? ['t'] : []),
  ]
  return wanted.every(letter => query.get('sp')?.includes(letter))
}

/** The URL without signature: Azurite asks itself about signed ones, and doesn't trust its own certificate. */
export function unsigned(url: string): string {
  const source = new URL(url)
  source.searchParams.delete('sig')
  return source.href
}
