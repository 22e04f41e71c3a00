/** Pure: what the layout shows around a document. */
import type { Document, Heading } from './documents.ts'
import { navigation } from './navigation.ts'
import { pageOf, REPOSITORY, wayTo } from './pages.ts'

interface Link {
  readonly title: string
  readonly href: string
  readonly current: boolean
}

export interface View {
  readonly title: string
  readonly summary: string
  /** The way from the page to the root of the site: "" or "../" once or more. */
  readonly root: string
  /** The Markdown of the page, beside it. */
  readonly source: string
  readonly edit: string
  readonly headings: readonly Heading[]
  readonly sections: readonly {
    readonly title: string
    readonly groups: readonly { readonly title?: string; readonly open: boolean; readonly links: readonly Link[] }[]
  }[]
}

export function viewOf(document: Document, documents: ReadonlyMap<string, Document>): View {
  const page = pageOf(document.path)
  const linkTo = ({ path, title }: Document): Link => ({
    ...{ title: path === 'README.md' ? 'Overview' : title, href: wayTo(page, pageOf(path)) },
    current: path === document.path,
  })
  const sections = navigation(documents).map(({ title, groups }) => ({
    title,
    groups: groups.map(group => ({
      ...(group.title ? { title: group.title } : {}),
      ...{ open: group.documents.includes(document), links: group.documents.map(linkTo) },
    })),
  }))
  return {
    ...{ title: document.title, summary: document.summary, sections },
    root: '../'.repeat(document.path.split('/').length - 1),
    source: wayTo(page, document.path),
    edit: `${REPOSITORY}/blob/main/${document.path}`,
    headings: document.headings.filter(({ level }) => level === 2),
  }
}
