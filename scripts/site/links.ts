/** Where a link in a document leads. The only judge of links: tests, the site and llms.txt ask it. */
import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { type Document, ROOT } from './documents.ts'

/** A page of the site, a file or folder of the repository that is no page, or something outside. */
export type Target =
  | { readonly kind: 'page'; readonly path: string; readonly anchor?: string }
  | { readonly kind: 'source'; readonly path: string; readonly folder: boolean; readonly anchor?: string }
  | { readonly kind: 'outside'; readonly url: string }
  | { readonly kind: 'broken'; readonly why: string }

const broken = (why: string): Target => ({ kind: 'broken', why })

/** `from`: the path of the document that has the link. Nothing outside is called. */
export function targetOf(from: string, link: string, documents: ReadonlyMap<string, Document>): Target {
  if (/^https?:/.test(link)) return URL.canParse(link) ? { kind: 'outside', url: link } : broken('no URL')
  if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(link)) return broken('neither a relative path nor a URL of the web')
  const [before = '', anchor] = decodeURI(link).split('#')
  const path = before ? posix.normalize(posix.join(posix.dirname(from), before)).replace(/\/$/, '') : from
  const withAnchor = anchor === undefined ? {} : { anchor }
  if (path.startsWith('..')) return broken('outside of the repository')
  const document = documents.get(path)
  if (document) {
    const known = anchor === undefined || document.headings.some(heading => heading.anchor === anchor)
    return known ? { kind: 'page', path, ...withAnchor } : broken(`${path} has no heading ${anchor}`)
  }
  const file = join(ROOT, path)
  if (!existsSync(file)) return broken(`${path} is not there`)
  return { kind: 'source', path, folder: statSync(file).isDirectory(), ...withAnchor }
}

/** The links of a document that lead nowhere, with the reason. */
export const brokenLinks = (document: Document, documents: ReadonlyMap<string, Document>): string[] =>
  document.links.flatMap(link => {
    const target = targetOf(document.path, link, documents)
    return target.kind === 'broken' ? [`${document.path}: ${link}: ${target.why}`] : []
  })
