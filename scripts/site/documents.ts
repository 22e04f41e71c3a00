/** The documents: which files they are, and what their Markdown says of links and headings. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import GithubSlugger from 'github-slugger'
import MarkdownIt, { type Token } from 'markdown-it'

export const ROOT = join(import.meta.dirname, '../..')

export interface Heading {
  readonly level: number
  readonly title: string
  /** As GitHub names it in URLs; unique in its document. */
  readonly anchor: string
  /** Its line, from 0. */
  readonly line: number
}

export interface Document {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  /** The first heading. */
  readonly title: string
  /** The text of the first paragraph. */
  readonly summary: string
  readonly headings: readonly Heading[]
  /** The targets of links, and the files of images, as they are written. */
  readonly links: readonly string[]
}

const markdown = new MarkdownIt({ html: true })

/** Patterns of the documents' paths, from the root. */
const DOCUMENTS = ['*.md', 'docs/**/*.md']

/** Reads all documents, by their paths. */
export const readDocuments = (): Map<string, Document> =>
  new Map(
    globSync(DOCUMENTS, { cwd: ROOT })
      .sort()
      .map(path => [path, parseDocument(path, readFileSync(join(ROOT, path), 'utf8'))]),
  )

export function parseDocument(path: string, text: string): Document {
  const tokens = markdown.parse(text, {})
  const headings = headingsOf(tokens)
  const opening = tokens.findIndex(({ type }) => type === 'paragraph_open')
  return {
    ...{ path, text, headings },
    title: headings[0]?.title ?? path,
    summary: textOf(tokens[opening + 1]),
    links: tokens.flatMap(({ children }) => children ?? []).flatMap(token => linkOf(token) ?? imageOf(token) ?? []),
  }
}

/** The target of an opening link. */
export const linkOf = (token: Token): string | undefined => token.attrGet('href')?.toString()

const imageOf = (token: Token): string | undefined =>
  token.type === 'image' ? token.attrGet('src')?.toString() : undefined

/** The headings of a parsed document, in their order. */
export function headingsOf(tokens: readonly Token[]): Heading[] {
  const slugger = new GithubSlugger()
  return tokens.flatMap((token, index) => {
    if (token.type !== 'heading_open') return []
    const title = textOf(tokens[index + 1])
    return [{ level: Number(token.tag.slice(1)), title, anchor: slugger.slug(title), line: token.map?.[0] ?? 0 }]
  })
}

/** The text of an inline token, without marks. */
const textOf = (token: Token | undefined): string =>
  (token?.children ?? [])
    .map(({ type, content }) => (type === 'softbreak' ? ' ' : type === 'html_inline' ? '' : content))
    .join('')
