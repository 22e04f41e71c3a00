/** Links between documents lead to files and headings that are there. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'

const root = join(import.meta.dirname, '..')
const documents = ['.', 'docs', 'docs/adr'].flatMap(folder =>
  readdirSync(join(root, folder))
    .filter(name => name.endsWith('.md'))
    .map(name => join(folder, name)),
)

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** As GitHub makes them of headings. */
const anchorsOf = (path: string): string[] =>
  [...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  )

function isBroken(document: string, link: string): boolean {
  const [path, anchor] = link.split('#')
  const target = path ? join(dirname(document), path) : document
  if (!existsSync(join(root, target))) return true
  return anchor !== undefined && !anchorsOf(target).includes(anchor)
}

describe('links', () => {
  for (const document of documents) {
    test(`of ${document} lead somewhere`, () => {
      const links = [...textOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
      const own = links.filter(link => !/^[a-z]+:/.test(link))
      assert.deepEqual(
        own.filter(link => isBroken(document, link)),
        [],
      )
    })
  }
})
