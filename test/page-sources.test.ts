/**
 * Holds the components of the page to what a text of others must not get round: nothing is made markup, no link leads
 * anywhere but to a view, and nothing is inline. It also holds them to the import rules, as the linter does not read them.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { describe, test } from 'node:test'
import { parseSync } from '@swc/core'

const root = join(import.meta.dirname, '..')

type Node = { type: string } & Record<string, unknown>
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const element of value) visit(element, see)
  else if (typeof value === 'object' && value !== null) {
    if (isNode(value)) see(value)
    for (const child of Object.values(value)) visit(child, see)
  }
}

/** What makes markup or code of text. */
const MAKERS = [
  ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML', 'setHTMLUnsafe', 'srcdoc', 'srcDoc'],
  ...['createContextualFragment', 'parseFromString', 'DOMParser', 'document.write', 'eval', 'Function', 'cssText'],
]
/** Attributes that may lead elsewhere. */
const LINKS = ['href', 'src', 'action', 'formAction', 'xlinkHref']
const IMPORTS = /^(preact(\/hooks)?|d3-hierarchy)$/
const OUTSIDE = /^src\/(ui\/contract|cli\/text\/(ages|harmless))\.ts$/

/** The rooms of the page with the others that each may import. Files beside them start it. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  net: ['model'],
  parts: ['model', 'net'],
  views: ['model', 'net', 'parts'],
}
const roomOf = (path: string): string | undefined => /^src\/ui\/app\/(\w+)\//.exec(path)?.[1]

function mayImport(path: string, target: string): boolean {
  if (OUTSIDE.test(target)) return true
  const [room, other] = [roomOf(path), roomOf(target)]
  if (room === undefined) return target.startsWith('src/ui/app/')
  return other === room || (other !== undefined && (ROOMS[room] ?? []).includes(other))
}

/** What is wrong with a file, in words. */
function faultsIn(path: string, source: string): string[] {
  const faults: string[] = []
  visit(parseSync(source, { syntax: 'typescript', tsx: path.endsWith('.tsx') }).body, node => {
    const name = node.type === 'Identifier' ? String(node['value']) : ''
    if (MAKERS.includes(name)) faults.push(`names ${name}`)
    if (node.type === 'ImportDeclaration') faults.push(...faultsOfImport(path, node))
    if (node.type === 'JSXAttribute') faults.push(...faultsOfAttribute(node))
  })
  return faults
}

function faultsOfImport(path: string, { source }: Node): string[] {
  const from = String((source as Node)['value'])
  const isAllowed = from.startsWith('.') ? mayImport(path, normalize(join(path, '..', from))) : IMPORTS.test(from)
  return isAllowed ? [] : [`imports ${from}`]
}

function faultsOfAttribute({ name, value }: Node): string[] {
  const attribute = String((name as Node)['value'])
  const text = isNode(value) && value.type === 'StringLiteral' ? String(value['value']) : undefined
  if (attribute === 'style' && text !== undefined) return ['has a style in text']
  if (/^on[a-z]/.test(attribute)) return [`has a handler in text: ${attribute}`]
  if (!LINKS.includes(attribute) || text?.startsWith('#')) return []
  const code = isNode(value) ? JSON.stringify(value) : ''
  return /"(storeFragment|connectorFragment|fragmentOf)"/.test(code) ||
    /"raw":"#\//.test(code) ||
    /"cooked":"#\//.test(code)
    ? []
    : [`has ${attribute} that may lead anywhere`]
}

describe('the sources of the page', () => {
  const files = readdirSync(join(root, 'src/ui/app'), { recursive: true, encoding: 'utf8' })
    .map(path => join('src/ui/app', path))
    .filter(path => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'))

  test('are many', () => assert.ok(files.length > 30, `${files.length} files`))

  for (const path of files) {
    test(`${path} makes nothing of text, and leads nowhere`, () =>
      assert.deepEqual(faultsIn(path, readFileSync(join(root, path), 'utf8')), []))
  }

  test('have nothing inline in their document', () => {
    const html = readFileSync(join(root, 'src/ui/app/index.html'), 'utf8')
    assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?![^>]* src="\.\/)|https?:/i)
  })
})

for (const [name, source, fault, path = 'x.tsx'] of [
  ['markup of a text', `export const A = () => <p dangerouslySetInnerHTML={{ __html: x }} />`, /dangerously/],
  ['markup set on an element', `element.innerHTML = text`, /innerHTML/],
  ['code of a text', `new Function(text)`, /Function/],
  ['a link from elsewhere', `export const A = ({ uri }) => <a href={uri}>x</a>`, /href/],
  ['a link to elsewhere', `export const A = () => <a href="https://example.com">x</a>`, /href/],
  ['a style in text', `export const A = () => <p style="color: red" />`, /style/],
  ['a handler in text', `export const A = () => <p onclick="x()" />`, /handler/],
  ['an import of Node', `import { readFileSync } from 'node:fs'`, /node:fs/],
  ['an import of the server', `import { x } from '../server/server.ts'`, /server/],
  ['an import of a view by a model', `import { x } from '../views/map.tsx'`, /views/, 'model/x.ts'],
  ['an import of a model by a view', `import { x } from '../model/tone.ts'`, undefined, 'views/x.tsx'],
  ['a link to a view', `export const A = ({ s }) => <a href={storeFragment(s)}>x</a>`, undefined],
  ['a link to the map', `export const A = () => <a href="#/map">x</a>`, undefined],
] as [name: string, source: string, fault: RegExp | undefined, path?: string][]) {
  test(`${name} ${fault ? 'is found' : 'is allowed'}`, () => {
    const faults = faultsIn(join('src/ui/app', path), source).join()
    if (fault) assert.match(faults, fault)
    else assert.equal(faults, '')
  })
}
