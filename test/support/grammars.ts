/** Files of formats as the programs read them for which they are written. Each reader is strict: it throws, or returns all. */
import assert from 'node:assert/strict'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { parse } from 'yaml'

/** Settings by their path: `[section, key, value]`. */
export type Leaf = string[]

/** The value that one of these readers would not take as it is written. */
const refuse = (condition: boolean, text: string): void => assert.ok(!condition, `not read as it is written: ${text}`)

/** Lines of an AWS profile, by the strictest of the SDKs: a `#` or `;` after a space begins a comment. */
export function readProfile(text: string): Leaf[] {
  assert.doesNotMatch(text, /[^\n\x20-\x7e]/)
  let section: string | undefined
  let parent: string | undefined
  return text.split('\n').flatMap((line): Leaf[] => {
    const head = /^\[(default|services [\w-]+)\]$/.exec(line)
    if (head) [section, parent] = [head[1], undefined]
    if (head || line === '') return []
    const [, indent = '', key = '', , value = ''] = /^( {2})?([a-z0-9_]+) =( (\S.*))?$/.exec(line) ?? []
    assert.ok(section && key, `no setting: ${line}`)
    refuse(/\s[#;]|\s$/.test(value), value)
    if (indent === '') parent = value === '' ? key : undefined
    else assert.ok(parent && value, `a setting of nothing: ${line}`)
    return [[section, indent ? `${parent}.${key}` : key, value]]
  })
}

/** A command as a shell reads it that finds neither quotes nor anything to replace. */
export function readCommand(text: string): string[] {
  refuse(!/^[A-Za-z0-9/._ -]+$/.test(text), text)
  return text.split(' ')
}

/** `rclone.conf` as goconfig reads it: with quotes, and `%(name)s` for other settings. */
export function readRcloneConf(text: string): Leaf[] {
  let section: string | undefined
  return text.split('\n').flatMap((raw): Leaf[] => {
    const line = raw.trim()
    if (line === '' || /^[#;]/.test(line)) return []
    if (/^\[.*\]$/.test(line)) {
      section = line.slice(1, -1)
      return []
    }
    const [, key = '', value = ''] = /^([^=:]+?)\s*[=:](.*)$/s.exec(line) ?? []
    assert.ok(section && key, `no setting: ${line}`)
    refuse(/^(`|""")/.test(value.trim()) || /%\([^)]+\)s/.test(value), value)
    return [[section, key, value.trim()]]
  })
}

const xml = new XMLParser({ parseTagValue: false, trimValues: false, isArray: name => name === 'property' })

/** `core-site.xml` as Hadoop reads it, which replaces `${...}`. */
export function readCoreSite(text: string): Leaf[] {
  assert.equal(XMLValidator.validate(text), true)
  // Characters that no XML file may have, which this parser lets through.
  assert.doesNotMatch(text, /[^\P{C}\n\t\p{Cf}\p{Co}\p{Cn}]|[\ufffe\uffff]/u)
  const { configuration, ...others } = xml.parse(text)
  assert.deepEqual(Object.keys(others), ['?xml'])
  const { property, ...rest } = configuration
  assert.deepEqual(Object.keys(rest), ['#text'])
  return property.map((element: Record<string, string>): Leaf => {
    const { name, value = '', '#text': space = '', ...more } = element
    assert.deepEqual([more, space.trim()], [{}, ''])
    assert.ok(name && typeof value === 'string')
    refuse(/\$\{[^}$ ]+\}/.test(value), value)
    return [name, value]
  })
}

export const readJson = (text: string): Leaf[] => leavesOf(JSON.parse(text))

/** Argo's artifact repository, in which Argo replaces `{{...}}`. */
export function readArtifactRepository(text: string): Leaf[] {
  const leaves = leavesOf(parse(text, { strict: true, uniqueKeys: true }))
  for (const [path, value = ''] of leaves) {
    const own = path === 's3.keyFormat' || path === 'azure.blobNameFormat' ? '{{workflow.name}}/{{pod.name}}' : ''
    assert.ok(value.endsWith(own), value)
    refuse(value.slice(0, value.length - own.length).includes('{{'), value)
  }
  return leaves
}

/** A connection string of Azure. */
export const readConnectionString = (text: string): Leaf[] =>
  text.split(';').map(part => {
    const [, key = '', value = ''] = /^([A-Za-z]+)=(.+)$/.exec(part) ?? assert.fail(`no setting: ${part}`)
    return [key, value]
  })

/** A variable that a shell, a `.env` file or a program takes as it is. */
export function readVariable(text: string): Leaf[] {
  refuse(!/^[\x21-\x7e]*$/.test(text), text)
  return [[text]]
}

const leavesOf = (tree: unknown, path = ''): Leaf[] =>
  typeof tree === 'object' && tree !== null
    ? Object.entries(tree).flatMap(([key, value]) => leavesOf(value, path === '' ? key : `${path}.${key}`))
    : [[path, String(tree)]]
