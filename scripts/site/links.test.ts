import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseDocument } from './documents.ts'
import { brokenLinks, targetOf } from './links.ts'
import { hrefOf } from './pages.ts'

const GUIDE = `# The guide

What \`this\` is
about: [a link](other.md).

    # no heading

\`\`\`yaml
# no heading either
\`\`\`

## \`spec.path\`: where, and why?
## Twice
## Twice
`
const documents = new Map(
  [
    ['README.md', '# Read me'],
    ['docs/guide.md', GUIDE],
    ['docs/adr/0001.md', '# One'],
  ].map(([path = '', text = '']) => [path, parseDocument(path, text)]),
)

test('a document has a title, a summary, headings and links', () => {
  const { title, summary, headings, links } = parseDocument('docs/guide.md', GUIDE)
  assert.deepEqual([title, summary, links], ['The guide', 'What this is about: a link.', ['other.md']])
  assert.deepEqual(
    headings.map(({ level, anchor, line }) => [level, anchor, line]),
    [
      [1, 'the-guide', 0],
      [2, 'specpath-where-and-why', 11],
      [2, 'twice', 12],
      [2, 'twice-1', 13],
    ],
  )
})

describe('a link of docs/guide.md', () => {
  const good: [link: string, href: string][] = [
    ['#twice-1', '#twice-1'],
    ['guide.md#twice', '#twice'],
    ['../README.md', '../index.html'],
    ['../README.md#read-me', '../index.html#read-me'],
    ['adr/0001.md', 'adr/0001.html'],
    ['adr/../adr/0001.md#one', 'adr/0001.html#one'],
    ['../src/main.ts', 'https://github.com/artifactstore/artifact-store-operator/blob/main/src/main.ts'],
    ['../src/main.ts#L1', 'https://github.com/artifactstore/artifact-store-operator/blob/main/src/main.ts#L1'],
    ['../src/', 'https://github.com/artifactstore/artifact-store-operator/tree/main/src'],
    ['https://kubernetes.io/docs/', 'https://kubernetes.io/docs/'],
  ]
  for (const [link, href] of good) {
    test(`${link} leads to ${href}`, () =>
      assert.equal(hrefOf('docs/guide.md', targetOf('docs/guide.md', link, documents)), href))
  }

  const bad: [link: string, why: RegExp][] = [
    ['#thrice', /^docs\/guide.md has no heading thrice$/],
    ['../README.md#install', /^README.md has no heading install$/],
    ['no-heading.md', /^docs\/no-heading.md is not there$/],
    ['../src/main.js', /^src\/main.js is not there$/],
    ['../../elsewhere.md', /^outside of the repository$/],
    ['/docs/guide.md', /^neither a relative path nor/],
    ['mailto:a@example.com', /^neither a relative path nor/],
    ['https://', /^no URL$/],
  ]
  for (const [link, why] of bad) {
    test(`${link} is broken`, () => {
      const target = targetOf('docs/guide.md', link, documents)
      assert.match(target.kind === 'broken' ? target.why : '', why)
      assert.throws(() => hrefOf('docs/guide.md', target), { message: why })
    })
  }
})

test('broken links are told with the document, the link and the reason', () => {
  const [guide] = [...documents.values()].filter(({ path }) => path === 'docs/guide.md')
  assert.ok(guide)
  assert.deepEqual(brokenLinks(guide, documents), ['docs/guide.md: other.md: docs/other.md is not there'])
})
