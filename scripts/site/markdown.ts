/** Renders documents as GitHub does, for a page that allows neither inline styles nor scripts. */
import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import yaml from 'highlight.js/lib/languages/yaml'
import MarkdownIt, { type Token } from 'markdown-it'
import { type Document, headingsOf, linkOf } from './documents.ts'
import { targetOf } from './links.ts'
import { hrefOf } from './pages.ts'

for (const [name, language] of Object.entries({ yaml, json, python, console: bash })) {
  hljs.registerLanguage(name, language)
}

const ALT = 'A diagram. Its text is in the Markdown of this page.'

export interface Rendered {
  readonly html: string
  /** Diagrams as Mermaid's text. The HTML has an image for each, named after the page: NAME-1.svg. */
  readonly diagrams: readonly string[]
}

/** `name`: that of the page's file without its ending, for its diagrams. */
export function render(document: Document, name: string, documents: ReadonlyMap<string, Document>): Rendered {
  const diagrams: string[] = []
  const markdown = new MarkdownIt({
    html: true,
    highlight: (code, language) => (hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : ''),
  })
  const tokens = markdown.parse(document.text, {})
  nameHeadings(tokens)
  for (const token of tokens.flatMap(token => [token, ...(token.children ?? [])])) {
    const link = linkOf(token)
    if (link !== undefined) token.attrSet('href', hrefOf(document.path, targetOf(document.path, link, documents)))
    classForStyle(token)
    if (token.type !== 'fence' || token.info.trim() !== 'mermaid') continue
    diagrams.push(token.content)
    token.type = 'html_block'
    token.content = `<img class="diagram" src="${name}-${diagrams.length}.svg" alt="${ALT}">\n`
  }
  return { html: markdown.renderer.render(tokens, markdown.options, {}), diagrams }
}

function nameHeadings(tokens: Token[]): void {
  const openings = tokens.filter(({ type }) => type === 'heading_open')
  for (const [index, { anchor }] of headingsOf(tokens).entries()) openings[index]?.attrSet('id', anchor)
}

/** Columns of tables are aligned by an inline style, which the page does not allow. */
function classForStyle(token: Token): void {
  const [, side] = /^text-align:(\w+)$/.exec(`${token.attrGet('style')}`) ?? []
  if (!side) return
  token.attrs = token.attrs?.filter(([name]) => name !== 'style') ?? null
  token.attrJoin('class', `align-${side}`)
}
