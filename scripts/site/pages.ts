/** Pure: documents as pages: names of files and URLs. Pages lie as their documents do, so relative links stay relative. */
import { posix } from 'node:path'
import type { Target } from './links.ts'

export const REPOSITORY = 'https://github.com/artifactstore/artifact-store-operator'

/** The file of a document's page in the site, such as docs/aws.html. */
export const pageOf = (path: string): string => (path === 'README.md' ? 'index.html' : path.replace(/\.md$/, '.html'))

/** The way from one page to another file of the site. */
export const wayTo = (fromPage: string, file: string): string => posix.relative(posix.dirname(fromPage), file)

/** The href of a target on the page of the document `from`. Throws for a link that leads nowhere. */
export function hrefOf(from: string, target: Target): string {
  if (target.kind === 'outside') return target.url
  if (target.kind === 'broken') throw new Error(target.why)
  const anchor = target.anchor === undefined ? '' : `#${target.anchor}`
  if (target.kind === 'page')
    return target.path === from && anchor ? anchor : wayTo(pageOf(from), pageOf(target.path)) + anchor
  return `${REPOSITORY}/${target.folder ? 'tree' : 'blob'}/main/${target.path}${anchor}`
}
