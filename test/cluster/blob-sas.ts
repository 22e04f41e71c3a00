/** What Azure requires of requests with a SAS token and of requests about index tags, and Azurite does not. */
import type { IncomingHttpHeaders } from 'node:http'

export interface BlobRequest {
  readonly method: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
}

/** True for requests about tags, which need a separate permission even where they come along with a blob or a list. */
export const isAboutTags = ({ query, headers }: BlobRequest): boolean =>
  query.get('comp') === 'tags' ||
  Boolean(headers['x-ms-tags']) ||
  (query.get('include') ?? '').split(',').includes('tags')

/** False when the SAS token lacks a letter of `sp` that only Azure checks. True without a SAS token. */
export function hasLetters(request: BlobRequest): boolean {
  const { method, query } = request
  if (!query.has('sig')) return true
  const wanted = [
    // Azurite has no versions: it would delete the blob instead of its version.
    ...(method === 'DELETE' && query.has('versionid') ? ['x'] : []),
    ...(isAboutTags(request) ? ['t'] : []),
  ]
  return wanted.every(letter => query.get('sp')?.includes(letter))
}

/** The URL without its signature: with one Azurite would call itself, and it doesn't trust its own certificate. */
export function unsigned(url: string): string {
  const source = new URL(url)
  source.searchParams.delete('sig')
  return source.href
}
