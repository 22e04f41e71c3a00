/** The page as it is built into the command line. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { buildPage, checkSize } from './page.ts'

describe('the built page', () => {
  let page: Awaited<ReturnType<typeof buildPage>>
  before(async () => {
    page = await buildPage()
  })
  const textOf = (path: string) => Buffer.from(page.files[path] ?? '', 'base64').toString()

  test('is a document with one script, one style sheet and an icon', () => {
    const kinds = Object.keys(page.files).map(path => path.replace(/-[\w-]{8}\./, '.'))
    assert.deepEqual(kinds.sort(), ['assets/icon.svg', 'assets/index.css', 'assets/index.js', 'index.html'])
  })

  test('has nothing inline, and loads nothing from elsewhere', () => {
    const html = textOf('index.html')
    assert.doesNotMatch(html, /<style|<script(?![^>]* src="\.\/)|\s(style|on\w+)=|data:|https?:/)
    const css = Object.keys(page.files).find(path => path.endsWith('.css')) ?? ''
    assert.doesNotMatch(textOf(css), /@import|url\(/)
  })

  test('comes with the licences of what is in it', () => {
    for (const name of ['preact', 'd3-hierarchy']) assert.ok(page.notices.includes(name), name)
  })

  test('is small', () => assert.ok(checkSize(page.files) > 1000))
})

test('a page that is too large is refused with the size of each file', () => {
  const noise = randomBytes(450_000).toString('base64')
  const html = Buffer.from('<!doctype html>').toString('base64')
  assert.throws(
    () => checkSize({ 'index.html': html, 'assets/large.js': noise }),
    /^Error: the page has \d+ bytes \(gzip\), and may have 409600: \/assets\/large\.js \d+, \/index\.html \d+$/,
  )
})
