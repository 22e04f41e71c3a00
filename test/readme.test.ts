import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { NOT_IMPLEMENTED } from '../src/api/not-implemented.ts'

test('README lists what is refused with NotImplemented', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, list = ''] = /<!-- not-implemented[^>]*-->\n([\s\S]*?)<!-- \/not-implemented -->/.exec(readme) ?? []
  const listed = [...list.matchAll(/^- `(.+)`$/gm)].map(([, field]) => field)
  assert.deepEqual(listed, NOT_IMPLEMENTED)
})
