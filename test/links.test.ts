/** Documents lead to files and headings that are there, and the map in docs/architecture.md agrees with src/. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, matchesGlob } from 'node:path'
import { describe, test } from 'node:test'
import { readDocuments } from '../scripts/site/documents.ts'
import { brokenLinks } from '../scripts/site/links.ts'

const root = join(import.meta.dirname, '..')
const documents = readDocuments()

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('links', () => {
  for (const document of documents.values()) {
    test(`of ${document.path} lead somewhere`, () => assert.deepEqual(brokenLinks(document, documents), []))
  }
})

const FOLDERS = ['crds', 'deploy', 'docs', 'scripts', 'src', 'test']
/** Files and folders, by their path from the root. */
const paths = [
  ...readdirSync(root),
  ...FOLDERS.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(path => join(folder, path)),
  ),
]
const rooms = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(({ parentPath, name }) => join(parentPath, name).slice(join(root, 'src/').length))

/** Paths from the root, in prose, in backticks or in a command. */
const FROM_ROOT = new RegExp(`(?<![\\w./-])(?:${FOLDERS.join('|')})/[\\w./*{},-]*`, 'g')
const BACKTICKS = /`([\w./*{},-]+)`/g

/** Names in backticks that are paths: source files and documents, with or without folders, and folders of src/. */
const isPath = (name: string): boolean =>
  /\w\.(?:ts|py|cjs|md)$/.test(name) || (name.includes('/') && rooms.includes(name.split('/')[0] ?? ''))

function pathsNamedIn(text: string): string[] {
  const fromRoot = [...text.matchAll(FROM_ROOT)].map(([path]) => path.replace(/[.,]+$/, ''))
  const short = [...text.matchAll(BACKTICKS)].map(([, name = '']) => name).filter(isPath)
  return [...new Set([...fromRoot, ...short])]
}

/** A pattern such as `aws-*.test.ts` is there when a file matches it. */
const isThere = (path: string): boolean => {
  const pattern = path.replace(/\/$/, '')
  return paths.some(known => matchesGlob(known, pattern) || matchesGlob(known, `**/${pattern}`))
}

/** Records of decisions are not rewritten: this last section says where the files that they name are today. */
const SINCE_THEN = '\n## Since then\n'

describe('named files are there', () => {
  for (const document of documents.values()) {
    test(document.path, () => {
      const [text = '', since = ''] = document.text.split(SINCE_THEN)
      const moved = [...since.matchAll(BACKTICKS)].map(([, name = '']) => name)
      assert.deepEqual(
        pathsNamedIn(text).filter(path => !isThere(path) && !moved.includes(path)),
        [],
      )
    })
  }
})

/** What a rule of the linter is about: one room. */
const FROM_ROOM = /^\^src\/(\w+(?:\/\w+)*)\/$/
/** What such a rule allows, the room itself first: rooms, or files beside it. */
const ALLOWED = /\((?:([\w/|]+)\)\/|\w+\/\|\(([\w|]+)\)\\.ts\$\))$/
/** What the map says before the names that a rule allows, by the first word of the rule's name. */
const OUTER: Record<string, string> = {
  runtime: 'of `runtime/`: ',
  telemetry: 'of `telemetry/`: ',
  stores: 'of `stores/`: ',
  cli: 'of `cli/`: ',
  ui: 'of `ui/`: ',
  page: 'of `ui/app/`: ',
  s3: 'of `s3/`: ',
  azure: 'of `azure/`: ',
  providers: 'of the rooms of `providers/`: ',
}

function allowedBy(pattern: string): string {
  const [, rooms, files] = ALLOWED.exec(pattern) ?? []
  if (files) return files.replace(/\w+/g, '$&.ts').replaceAll('|', ', ')
  return rooms?.split('|').slice(1).join(', ') ?? ''
}

describe('the map', () => {
  const map = textOf('docs/architecture.md')
  const rows = [...map.matchAll(/^\| \[([\w/]+)\]\(\.\.\/src\/\1\/\) \| [^|]+ \| ([^|]*)\|$/gm)]

  test('has each room of src/ once', () => {
    assert.deepEqual(rows.map(([, room = '']) => room).sort(), rooms.sort())
  })

  test('lets rooms import what the linter lets them import', () => {
    const { forbidden } = createRequire(import.meta.url)('../.dependency-cruiser.cjs')
    const imports = Object.fromEntries(rows.map(([, room, others = '']) => [room, others.trim()]))
    const inRules: Record<string, string> = { operator: 'all of them but cli and ui' }
    for (const { name, from, to } of forbidden) {
      const [, room] = FROM_ROOM.exec(from.path) ?? []
      if (!room || !rooms.includes(room) || !to.pathNot) continue
      const outer = OUTER[name.split('-')[0]]
      inRules[room] = outer ? `${outer}${allowedBy(to.pathNot) || 'nothing'}` : allowedBy(to.pathNot)
    }
    assert.deepEqual(imports, inRules)
  })

  test('explains words that are in the files that it names for them', () => {
    const words = [...map.matchAll(/^\| \[([A-Z]\w+)\]\(\.\.\/(\S+)\) \|/gm)]
    assert.ok(words.length > 15)
    for (const [, word = '', path = ''] of words) assert.match(textOf(path), new RegExp(`\\b${word}\\b`), path)
  })
})
