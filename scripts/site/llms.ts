/** Pure: makes llms.txt, the list of documents for readers by machine (llmstxt.org), in the order of the site. */
import type { Document } from './documents.ts'
import { type Group, navigation } from './navigation.ts'

const BEFORE = `Links are relative: they lead to Markdown in the repository, and beside the pages of the site. Kinds are
ServiceConnector (how to authenticate) and ArtifactStore (where, and for whom), of artifactstore.dev/v1alpha1. Every field
is in docs/api.md. Every reason of a condition is in docs/troubleshooting.md or in that of its cloud, with the cure.`

export function llms(documents: ReadonlyMap<string, Document>): string {
  const sections = navigation(documents)
  const groups = sections.flatMap(section => section.groups)
  const readme = documents.get('README.md')
  return `${[
    `# ${readme?.title}\n\n> ${readme?.summary}\n\n${BEFORE}`,
    ...sections.map(({ title, groups }) => `## ${title}\n\n${list(groups.filter(({ title }) => !title))}`),
    // The format's own word for what may be left out where there is little room.
    `## Optional\n\n${list(
      groups.filter(({ title }) => title),
      false,
    )}`,
  ].join('\n\n')}\n`
}

const list = (groups: readonly Group[], described = true): string =>
  groups
    .flatMap(({ documents }) => documents)
    .map(({ path, title, summary }) => `- [${title}](${path})${described ? `: ${firstSentence(summary)}` : ''}`)
    .join('\n')

const firstSentence = (text: string): string => (/^.*?\.(?= |$)/.exec(text)?.[0] ?? text).replace(/:$/, '.')
