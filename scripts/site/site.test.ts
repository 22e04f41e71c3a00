/** The site as it is built: its pages need nothing but itself, and a strict Content-Security-Policy does not break them. */
import assert from 'node:assert/strict'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import { after, before, describe, test } from 'node:test'
import MiniSearch from 'minisearch'
import { buildSite, faultsOf } from './build.ts'
import { parseDocument, readDocuments } from './documents.ts'
import { unreachable } from './navigation.ts'

const dir = mkdtempSync(join(tmpdir(), 'site-'))
const documents = readDocuments()
let pages: Map<string, string>

before(async () => {
  await buildSite(dir, documents)
  pages = new Map(globSync('**/*.html', { cwd: dir }).map(page => [page, readFileSync(join(dir, page), 'utf8')]))
})
after(() => rmSync(dir, { recursive: true }))

/** The attributes of a page that make a browser fetch something, or lead somewhere. */
const attributes = (html: string, name: string): string[] =>
  [...html.matchAll(new RegExp(`<(?:\\w+) [^>]*?\\b${name}="([^"]*)"`, 'g'))].map(([, value = '']) => value)

describe('each page', () => {
  test('is that of one document', () => assert.equal(pages.size, documents.size))

  test('has a policy that allows nothing but files of the site', () => {
    for (const [page, html] of pages) {
      const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/, page)
      assert.doesNotMatch(policy, /unsafe|https?:|\*/, page)
    }
  })

  test('has no inline style, script or handler, which that policy refuses', () => {
    const text = [...pages.values()].join('\n')
    const tags = text.match(/<[a-z][^>]*>/g) ?? []
    assert.deepEqual(
      tags.filter(tag => /\s(?:style|on\w+)=/.test(tag.replaceAll(/="[^"]*"/g, '='))),
      [],
    )
    assert.doesNotMatch(text, /<style|<script(?![^>]* src=)/)
  })

  test('loads nothing from elsewhere', () => {
    for (const [page, html] of pages) {
      const loaded = [
        ...attributes(html, 'src'),
        ...[...html.matchAll(/<link rel="(?:icon|stylesheet)" href="([^"]+)"/g)].map(([, href = '']) => href),
      ]
      assert.ok(loaded.length >= 3, page)
      for (const path of loaded) assert.ok(existsSync(join(dir, posix.dirname(page), path)), `${page}: ${path}`)
    }
  })

  test('leads to files and headings that are there', () => {
    for (const [page, html] of pages) {
      const relative = attributes(html, 'href').filter(href => !/^https?:/.test(href))
      for (const href of relative) {
        const [path, anchor] = href.split('#')
        const target = path ? posix.join(posix.dirname(page), path) : page
        assert.ok(existsSync(join(dir, target)), `${page}: ${href}`)
        if (anchor) assert.ok(pages.get(target)?.includes(`id="${anchor}"`), `${page}: ${href}`)
      }
    }
  })
})

test('diagrams are images that load nothing', () => {
  const images = globSync('**/*.svg', { cwd: dir }).map(file => readFileSync(join(dir, file), 'utf8'))
  assert.ok(images.length >= 2)
  for (const image of images) assert.doesNotMatch(image.replaceAll('http://www.w3.org/2000/svg', ''), /https?:|@import/)
})

test('the search finds a section by words of its text, with the options of the page', () => {
  const script = readFileSync(join(dir, 'assets/search.js'), 'utf8')
  const [, fields = '', stored = ''] = /const OPTIONS = \{ fields: (\[.*?\]), storeFields: (\[.*?\])/.exec(script) ?? []
  const words = (list: string): string[] => JSON.parse(list.replaceAll("'", '"'))
  const index = MiniSearch.loadJSON(readFileSync(join(dir, 'assets/index.json'), 'utf8'), {
    ...{ fields: words(fields), storeFields: words(stored) },
  })
  const [first] = index.search('confirm-delete deletionProtection', { combineWith: 'AND', prefix: true })
  assert.ok(first)
  const [file = '', anchor] = String(first.id).split('#')
  assert.ok(pages.get(file)?.includes(`id="${anchor}"`), first.id)
})

test('its Markdown and llms.txt lie beside the pages', () => {
  assert.equal(readFileSync(join(dir, 'docs/api.md'), 'utf8'), documents.get('docs/api.md')?.text)
  assert.ok(existsSync(join(dir, 'llms.txt')))
})

test('the navigation leads to each document', () => assert.deepEqual(unreachable(documents), []))

test('a link that leads nowhere keeps it from being built', async () => {
  const broken = new Map(documents).set('docs/aws.md', parseDocument('docs/aws.md', '# AWS\n\n[gone](gone.md)'))
  assert.ok(faultsOf(broken).length > 0)
  await assert.rejects(buildSite(dir, broken), /^Error: .*docs\/aws\.md: gone\.md: docs\/gone\.md is not there/s)
  assert.ok(existsSync(join(dir, 'index.html')), 'the last site stays')
})
