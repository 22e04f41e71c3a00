/**
 * Makes a site of the documents, in site/: static pages, with a search that needs no server. Nothing outside is called,
 * neither here nor by the pages. Fails for links that lead nowhere, and for documents that the navigation does not have.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Eleventy, { type Config } from '@11ty/eleventy'
import { diagram } from './diagrams.ts'
import { type Document, ROOT, readDocuments } from './documents.ts'
import { brokenLinks } from './links.ts'
import { render } from './markdown.ts'
import { unreachable } from './navigation.ts'
import { pageOf } from './pages.ts'
import { searchIndex } from './search.ts'
import { viewOf } from './view.ts'

const HERE = 'scripts/site'
const ASSETS = {
  [`${HERE}/assets`]: 'assets',
  'node_modules/minisearch/dist/es/index.js': 'assets/minisearch.js',
  'llms.txt': 'llms.txt',
  'docs/images': 'docs/images',
}

/** What keeps the documents from becoming a site; empty when nothing. */
export const faultsOf = (documents: ReadonlyMap<string, Document>): string[] => [
  ...[...documents.values()].flatMap(document => brokenLinks(document, documents)),
  ...unreachable(documents).map(path => `${path}: scripts/site/navigation.ts does not lead to it`),
]

/** Builds the site into a folder, which it replaces. Throws where documents have faults. */
export async function buildSite(output: string, documents = readDocuments()): Promise<void> {
  const faults = faultsOf(documents)
  if (faults.length > 0) throw new Error(faults.join('\n'))
  rmSync(output, { recursive: true, force: true })
  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(output, file)), { recursive: true })
    writeFileSync(join(output, file), content)
  }
  const site = new Eleventy(join(ROOT, HERE), output, {
    config(config) {
      config.setIncludesDirectory('.')
      config.setTemplateFormats(['html'])
      config.addGlobalData('site', 'artifact-store-operator')
      config.addPassthroughCopy(ASSETS)
      for (const document of documents.values()) addPage(config, document, documents, write)
    },
  })
  site.disableLogger()
  await site.write()
  write('assets/index.json', searchIndex(documents.values()))
  // Readers by machine get the Markdown of each page beside it.
  for (const { path, text } of documents.values()) write(path, text)
}

function addPage(
  config: Config,
  document: Document,
  documents: ReadonlyMap<string, Document>,
  write: (file: string, content: string) => void,
): void {
  const permalink = pageOf(document.path)
  const base = permalink.replace(/\.html$/, '')
  const { html, diagrams } = render(document, base.split('/').at(-1) ?? '', documents)
  for (const [index, mermaid] of diagrams.entries()) write(`${base}-${index + 1}.svg`, diagram(mermaid))
  config.addTemplate(permalink, html, {
    ...{ permalink, layout: 'layout.njk', view: viewOf(document, documents) },
    // The text of a document is no template.
    templateEngineOverride: false,
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(ROOT)
  await buildSite('site').catch((error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
