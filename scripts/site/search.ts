/** The index of the search, which the browser reads at the first key: each section of each page. */
import MiniSearch from 'minisearch'
import type { Document } from './documents.ts'
import { pageOf } from './pages.ts'

/** What both sides of the index must agree on. assets/search.js has the same. */
const OPTIONS = { fields: ['title', 'heading', 'text'], storeFields: ['title', 'heading'] }

interface Entry {
  /** The URL from the root of the site. */
  readonly id: string
  readonly title: string
  readonly heading: string
  readonly text: string
}

/** The index as JSON. */
export function searchIndex(documents: Iterable<Document>): string {
  const index = new MiniSearch<Entry>(OPTIONS)
  for (const document of documents) index.addAll(sectionsOf(document))
  return JSON.stringify(index)
}

/** One entry for each heading, with the text up to the next one. */
function sectionsOf({ path, title, text, headings }: Document): Entry[] {
  const lines = text.split('\n')
  return headings.map(({ title: heading, anchor, line }, index) => ({
    id: index === 0 ? pageOf(path) : `${pageOf(path)}#${anchor}`,
    ...{ title, heading: index === 0 ? '' : heading },
    text: lines.slice(line + 1, headings[index + 1]?.line).join('\n'),
  }))
}
