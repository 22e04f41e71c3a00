/**
 * Holds files whose header says "Pure:" to it: neither they nor a file that they import do I/O, wait, read the clock or
 * throw dice. Imports of types do not count, as nothing of them runs.
 */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { parseSync } from '@swc/core'

const PURE_HEADER = /^\/\*\*\s+(\* )?Pure:/

/** What a pure file may import besides files of src/. */
const MODULES: Record<string, 'all' | readonly string[]> = {
  zod: 'all',
  yaml: 'all',
  'get-east-asian-width': 'all',
  'd3-hierarchy': 'all',
  'node:util': 'all',
  'node:crypto': ['createHash', 'createHmac', 'createSecretKey', 'hash', 'timingSafeEqual', 'X509Certificate'],
  'node:net': ['BlockList', 'isIP', 'isIPv6'],
}
const GLOBALS = ['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'process', 'performance', 'crypto', 'console']

type Node = { type: string } & Record<string, unknown>
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

/** The name of a plain identifier; undefined for other nodes. */
const nameOf = (node: unknown): string | undefined =>
  isNode(node) && node.type === 'Identifier' ? (node['value'] as string) : undefined

interface Import {
  from: string
  names: string[]
}

/** What the code of a file imports and which impure globals it names. */
interface Content {
  imports: Import[]
  impure: string[]
}

const SEVERAL = '*'

function importOf(node: Node): Import | undefined {
  const source = node['source']
  if (!isNode(source) || node['typeOnly'] === true) return undefined
  const specifiers = (node['specifiers'] ?? []) as Node[]
  const values = specifiers.filter(specifier => specifier['isTypeOnly'] !== true)
  if (specifiers.length > 0 && values.length === 0) return undefined
  const names = values.map(
    ({ type, imported, orig, local }) =>
      (type === 'ImportSpecifier' || type === 'ExportSpecifier' ? nameOf(imported ?? orig ?? local) : undefined) ??
      SEVERAL,
  )
  return { from: source['value'] as string, names: names.length > 0 ? names : [SEVERAL] }
}

function globalOf(node: Node): string | undefined {
  if (node.type === 'MemberExpression') {
    const text = `${nameOf(node['object'])}.${nameOf(node['property'])}`
    return ['Date.now', 'Math.random'].includes(text) ? text : undefined
  }
  if (node.type === 'NewExpression' && nameOf(node['callee']) === 'Date') {
    return ((node['arguments'] ?? []) as unknown[]).length === 0 ? 'new Date()' : undefined
  }
  const name = nameOf(node)
  return name !== undefined && GLOBALS.includes(name) ? name : undefined
}

function contentOf(source: string): Content {
  const content: Content = { imports: [], impure: [] }
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const element of value) visit(element)
    if (Array.isArray(value) || typeof value !== 'object' || value === null) return
    if (isNode(value)) {
      const { type } = value
      if (type.startsWith('Ts') && /Type|Interface/.test(type)) return
      if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(type)) {
        const found = importOf(value)
        if (found) content.imports.push(found)
        if (type !== 'ExportNamedDeclaration' || value['source']) return
      }
      if (type === 'CallExpression' && isNode(value['callee']) && value['callee'].type === 'Import') {
        const [{ expression } = {}] = value['arguments'] as { expression?: Node }[]
        content.imports.push({ from: String(expression?.['value']), names: [SEVERAL] })
      }
      const found = globalOf(value)
      if (found) content.impure.push(found)
    }
    for (const [field, child] of Object.entries(value)) {
      // A property of that name is not the global.
      if ((field === 'property' || field === 'key') && nameOf(child) !== undefined) continue
      visit(child)
    }
  }
  visit(parseSync(source, { syntax: 'typescript' }).body)
  return content
}

/** What is impure about a file and about those that it imports. `read` gives the text of a path, or undefined. */
function impurities(path: string, read: (path: string) => string | undefined, seen = new Set([path])): string[] {
  const source = read(path)
  if (source === undefined) return [`${path} is absent`]
  // It is data, and there is nothing to do in it.
  if (path.endsWith('.json')) return []
  const { imports, impure } = contentOf(source)
  const found = impure.map(name => `${path} names ${name}`)
  for (const { from, names } of imports) {
    if (from.startsWith('.')) {
      const target = join(dirname(path), from)
      if (seen.has(target)) continue
      seen.add(target)
      found.push(...impurities(target, read, seen))
      continue
    }
    const may = MODULES[from] ?? []
    const refused = may === 'all' ? [] : names.filter(name => !may.includes(name))
    if (refused.length > 0) found.push(`${path} imports ${refused.join(', ')} of ${from}`)
  }
  return found
}

describe('files that call themselves pure are pure, with all that they import', () => {
  const root = join(import.meta.dirname, '..')
  const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined)
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map(path => join('src', path))
    .filter(path => PURE_HEADER.test(read(path) ?? ''))

  test('there are many', () => assert.ok(files.length > 50, `${files.length} files`))

  for (const path of files) test(path, () => assert.deepEqual(impurities(path, read), []))
})

const plain = 'export const x = 1\n'
for (const [name, files, found] of [
  [
    'a pure file may import one that hashes and parses',
    {
      'a.ts': `import { createHash } from 'node:crypto'\nimport { x } from './b/b.ts'\n`,
      'b/b.ts': `import * as z from 'zod'\nimport { isIP } from 'node:net'\nexport const x = new Date(1)\n`,
    },
    [],
  ],
  [
    'a pure file may import types of one that does I/O',
    { 'a.ts': `import type { X } from './b.ts'\nimport { type Y } from './b.ts'\nexport type { Z } from './b.ts'\n` },
    [],
  ],
  [
    'a pure file may import data',
    { 'a.ts': `import known from './b.json' with { type: 'json' }\nexport const x = known\n`, 'b.json': '{ "a": [] }' },
    [],
  ],
  [
    'a pure file may have properties that are called like a global',
    { 'a.ts': `export const x = { process: 1, fetch: (y: { fetch: 1 }) => y.fetch, now: Date }\n` },
    [],
  ],
  [
    'a pure file may not import a file that imports one with a socket',
    {
      'a.ts': `import { x } from './b.ts'\n`,
      'b.ts': `export { x } from './c.ts'\n`,
      'c.ts': `import { connect, isIP } from 'node:net'\n${plain}`,
    },
    ['c.ts imports connect of node:net'],
  ],
  [
    'a pure file may not import a file that imports an SDK later',
    { 'a.ts': `import './b.ts'\n`, 'b.ts': `export const sdk = () => import('@aws-sdk/client-sts')\n` },
    ['b.ts imports * of @aws-sdk/client-sts'],
  ],
  [
    'a pure file may not import a file that waits',
    { 'a.ts': `export * from './b.ts'\n`, 'b.ts': `export const wait = () => setTimeout(() => {}, 1)\n` },
    ['b.ts names setTimeout'],
  ],
  [
    'a pure file may not read the clock or throw dice',
    { 'a.ts': `export const x = [Date.now(), new Date(), Math.random(), performance.now(), process.env]\n` },
    ['Date.now', 'new Date()', 'Math.random', 'performance', 'process'].map(global => `a.ts names ${global}`),
  ],
] as [name: string, files: Record<string, string>, found: string[]][]) {
  test(name, () =>
    assert.deepEqual(
      impurities('a.ts', path => files[path]),
      found,
    ),
  )
}
