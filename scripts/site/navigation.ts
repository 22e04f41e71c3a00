/** Pure: the documents in the order of what a reader wants to do. The site, its search and llms.txt have this order. */
import type { Document } from './documents.ts'

export interface Section {
  readonly title: string
  readonly groups: readonly Group[]
}

/** Documents under one another; those with a title are folded away until one of them is read. */
export interface Group {
  readonly title?: string
  readonly documents: readonly Document[]
}

/** A path, or a folder with a title: all documents in it, by their name. */
type Entry = string | { readonly title: string; readonly folder: string }

const SECTIONS: readonly { readonly title: string; readonly entries: readonly Entry[] }[] = [
  { title: 'Start', entries: ['README.md', 'docs/install.md'] },
  {
    title: 'Use',
    entries: [
      ...['docs/aws.md', 'docs/aws-buckets.md', 'docs/aws-troubleshooting.md'],
      ...['docs/azure.md', 'docs/azure-containers.md', 'docs/azure-troubleshooting.md'],
      ...[
        'docs/troubleshooting.md',
        'docs/services.md',
        'docs/consumers.md',
        'docs/gitops.md',
        'docs/cli.md',
        'docs/ui.md',
      ],
    ],
  },
  {
    title: 'Operate',
    entries: [
      ...['docs/helm.md', 'docs/namespaced-install.md', 'docs/upgrade.md', 'docs/backup.md', 'docs/operations.md'],
      { title: 'Runbooks', folder: 'docs/runbooks/' },
      ...['docs/performance.md', 'docs/high-availability.md', 'docs/air-gap.md', 'SECURITY.md'],
    ],
  },
  {
    title: 'Reference',
    entries: [
      ...['docs/api.md', 'docs/architecture.md'],
      { title: 'Decisions', folder: 'docs/adr/' },
      ...['docs/support.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'AGENTS.md', 'docs/releasing.md'],
    ],
  },
]

/** Entries without a document are left out, so that a document may come later. */
export const navigation = (documents: ReadonlyMap<string, Document>): Section[] =>
  SECTIONS.map(({ title, entries }) => ({ title, groups: entries.flatMap(entry => groupOf(entry, documents)) }))

function groupOf(entry: Entry, documents: ReadonlyMap<string, Document>): Group[] {
  if (typeof entry === 'string') {
    const document = documents.get(entry)
    return document ? [{ documents: [document] }] : []
  }
  const { title, folder } = entry
  return [{ title, documents: [...documents.values()].filter(({ path }) => path.startsWith(folder)) }]
}

/** Documents that no section leads to. */
export function unreachable(documents: ReadonlyMap<string, Document>): string[] {
  const groups = navigation(documents).flatMap(section => section.groups)
  const reached = new Set(groups.flatMap(group => group.documents.map(({ path }) => path)))
  return [...documents.keys()].filter(path => !reached.has(path))
}
