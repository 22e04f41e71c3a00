/**
 * Finds regular expressions that repeat something without a bound. On foreign text they may take a time that grows with
 * its square, and nobody sees it. Those that are allowed are listed here, each with what makes it safe.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseSync } from '@swc/core'

const root = join(import.meta.dirname, '../..')

const SPEC =
  'a field of a spec, whose length the schema and the API server bound; each pattern is anchored at both ends'
const FLAGS = "the administrator's own flags"

/** By path, or its beginning when that ends with a slash. */
const ALLOWED: [path: string, why: string][] = [
  ['src/api/', SPEC],
  ['src/config.ts', FLAGS],
  ['src/telemetry/server.ts', FLAGS],
  ['src/providers/network/address-ranges.ts', FLAGS],
  ['src/telemetry/redact.ts', 'linear.test.ts measures it, and log and messages are cut before'],
  ['src/providers/s3/identity/endpoints.ts', SPEC],
  ['src/stores/plan/discretion.ts', 'escaped texts of an identity, which repeat nothing'],
  ['src/formats/openmetadata.ts', 'a region, which the gate bounds to 63 characters'],
]

interface Found {
  pattern: string
  line: number
}

/** What is read of the nodes of the parser. */
interface RegExpNode {
  type: string
  pattern: string
  callee: { value?: string }
  arguments: { expression?: { type: string; value?: string } }[]
  span: { start: number }
}

/** Quantifiers without an upper bound: outside of classes, and not escaped. */
const isUnbounded = (pattern: string): boolean =>
  /[*+]|\{\d+,\}/.test(pattern.replace(/\\./gs, 'x').replace(/\[[^\]]*\]/g, 'x'))

/** Regular expressions of a source, and the constructor's, whose pattern is not known unless it is one text. */
function unbounded(source: string): Found[] {
  const found: Found[] = []
  // Positions of the parser go on from file to file, and count bytes.
  const { body, span } = parseSync(source, { syntax: 'typescript', target: 'esnext' })
  const add = (pattern: string, start: number) => {
    const before = Buffer.from(source)
      .subarray(0, start - span.start)
      .toString()
    if (isUnbounded(pattern)) found.push({ pattern, line: before.split('\n').length })
  }
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const part of node) visit(part)
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return
    const { type, pattern, callee, arguments: given, span: at } = node as Partial<RegExpNode>
    if (type === 'RegExpLiteral') add(`${pattern}`, at?.start ?? 0)
    if (callee?.value === 'RegExp') {
      const text = given?.[0]?.expression
      add(text?.type === 'StringLiteral' ? `${text.value}` : 'a pattern that is put together: .*', at?.start ?? 0)
    }
    for (const part of Object.values(node)) visit(part)
  }
  visit(body)
  return found
}

const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !/\.(test|contract)\.ts$/.test(entry.name))
  .map(({ parentPath, name }) =>
    join(parentPath, name)
      .slice(root.length + 1)
      .replaceAll('\\', '/'),
  )
const inSources = sources.flatMap(path =>
  unbounded(readFileSync(join(root, path), 'utf8')).map(found => ({ path, ...found })),
)

const covers = ([allowed]: (typeof ALLOWED)[number], path: string): boolean =>
  allowed.endsWith('/') ? path.startsWith(allowed) : path === allowed

test('no regular expression for foreign text repeats something without a bound', () => {
  const others = inSources.filter(({ path }) => !ALLOWED.some(entry => covers(entry, path)))
  assert.deepEqual(
    others.map(({ path, line, pattern }) => `${path}:${line} /${pattern}/: write {0,n} in the place of * and +`),
    [],
  )
})

test('every exception for an unbounded regular expression is needed', () => {
  const unused = ALLOWED.filter(entry => !inSources.some(({ path }) => covers(entry, path)))
  assert.deepEqual(unused, [])
})

const cases: [source: string, found: boolean][] = [
  ['/a*/', true],
  ['/a+/', true],
  ['/a{2,}/', true],
  ['/(?:a|b)+?/g', true],
  ["new RegExp('a*')", true],
  ['new RegExp(`a` + x)', true],
  ['text.replace(/[^a]+$/, "")', true],
  ['/a{1,9}/', false],
  ['/a{3}/', false],
  ['/[*+]/', false],
  [String.raw`/\*\+/`, false],
  [String.raw`/[\]*]/`, false],
  ["'a*'", false],
  ["new RegExp('a')", false],
]
for (const [source, found] of cases) {
  test(`an unbounded regular expression is ${found ? 'found' : 'not seen'} in ${source}`, () =>
    assert.equal(unbounded(`const x = (text: string) => ${source}`).length, found ? 1 : 0))
}
