/** Tests of the guides in docs/: parts of their text, and checks that these agree with the code. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { parseArtifactStoreSpec } from '../src/api/artifact-store.ts'
import { parseServiceConnectorSpec } from '../src/api/service-connector.ts'

const root = join(import.meta.dirname, '..')

export class Guide {
  /** The name of the guide's first file. */
  readonly name: string
  readonly text: string

  /** `names`: the names of the guide's files in docs/. */
  constructor(...names: [string, ...string[]]) {
    this.name = names[0]
    this.text = names.map(name => readFileSync(join(root, 'docs', name), 'utf8')).join('\n')
  }

  /** The text between `<!-- name ... -->` and `<!-- /name -->`. */
  section(name: string): string {
    const [, text] = new RegExp(`<!-- ${name}[^>]*-->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(this.text) ?? []
    assert.ok(text, name)
    return text
  }

  blocks(language: string): string[] {
    const fenced = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\``, 'gm')
    return [...this.text.matchAll(fenced)].map(([, , text]) => text ?? '')
  }

  /** The reasons in the first column of the table of reasons. */
  get reasons(): string[] {
    return [...this.section('reasons').matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, reason = '']) => reason),
    )
  }
}

/** The sources of a folder below src/, without tests and without what is below `except`. */
export const sources = (folder: string, except?: string): string =>
  readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' })
    .filter(path => /(?<!\.(test|contract))\.ts$/.test(path) && !(except && path.startsWith(except)))
    .map(path => readFileSync(join(root, 'src', folder, path), 'utf8'))
    .join('\n')

const KINDS = ['Secret', 'ConfigMap']
const REASON = "['`](\\$\\{kind\\})?([A-Z]\\w+)['`]"
const FAILURE = new RegExp(`\\b(?:stalled|transient|waiting|refused|invalid)\\(\\s*${REASON}`, 'g')
const NAMED = new RegExp(`\\breason: ${REASON}`, 'g')
/** `Code: ['Reason', 'words']` */
const BY_CODE = new RegExp(`^ *\\w+: \\[\\s*${REASON},`, 'gm')
/** `passed(TYPE, 'Reason'`, and where one of two is chosen to conclude with. */
const PASSED = /\b(?:passed|leftBehind)\((?:\w+, )?()'([A-Z]\w+)'/g
const EITHER = [/> 0 \? ()'([A-Z]\w+)' : '/g, /> 0 \? '[A-Z]\w+' : ()'([A-Z]\w+)'/g, /: \[()'([A-Z]\w+)', '/g]
/** `[ANNOTATION, 'Reason', 'AnotherReason']` */
const BY_ANNOTATION = /(?<=_ANNOTATION, (?:'\w+', )?)()'([A-Z]\w+)'/g
const GIVEN = [FAILURE, BY_CODE, BY_ANNOTATION]

/** The reasons in a text. `${kind}NotFound` in the code stands for SecretNotFound and ConfigMapNotFound. */
function reasonsIn(text: string, ...patterns: RegExp[]): Set<string> {
  const found = patterns.flatMap(pattern => [...text.matchAll(pattern)])
  return new Set(found.flatMap(([, kind, reason = '']) => (kind ? KINDS.map(kind => kind + reason) : [reason])))
}

/** Reasons that are written by the name of a constant, as in `stalled(REFUSED, ...)`. */
function byConstant(text: string): string[] {
  const constants = [...text.matchAll(/^(?:export )?const ([A-Z_]+) = '([A-Z]\w+)'/gm)]
  return constants.flatMap(([, name = '', reason = '']) => {
    const used = new RegExp(
      `\\b(?:stalled|transient|waiting|refused|invalid)\\(\\s*${name}\\b|\\bpassed\\([A-Z_]+, ${name}\\b|\\breason: ${name}\\b`,
    )
    return used.test(text) ? [reason] : []
  })
}

/** All reasons that the sources of a folder write, in conditions and events. */
export function reasonsOf(folder: string, except?: string): Set<string> {
  const text = sources(folder, except)
  const chosen = reasonsIn(sources('stores/conclude'), ...EITHER)
  return new Set([...reasonsIn(text, ...GIVEN, NAMED, PASSED), ...chosen, ...byConstant(text)])
}

/** `elsewhere`: the folder of the provider whose reasons are in the other guide. */
export function testReasons(guide: Guide, elsewhere: string): void {
  describe(`reasons in docs/${guide.name}`, () => {
    test('all of those that providers, connectors and the operator give are listed', () => {
      const text = ['providers', 'connectors', 'operator'].map(folder => sources(folder, elsewhere)).join('\n')
      const given = reasonsIn(text, ...GIVEN)
      assert.ok(given.size > 50)
      assert.deepEqual([...given].filter(reason => !guide.reasons.includes(reason)).sort(), [])
    })

    test('each is given somewhere, and listed once', () => {
      const given = reasonsIn(sources('.', `providers/${elsewhere}`), ...GIVEN, NAMED)
      const { reasons } = guide
      assert.deepEqual(
        reasons.filter(reason => !given.has(reason)),
        [],
      )
      assert.deepEqual(
        reasons.filter((reason, index) => reasons.indexOf(reason) !== index),
        [],
      )
    })
  })
}

/** Checks that blocks of YAML can be read, and that the specs in them are valid. */
export function testYaml(guide: Guide): void {
  for (const [index, text] of guide.blocks('yaml').entries()) {
    test(`YAML ${index + 1} is valid`, () => {
      for (const document of parseAllDocuments(text)) {
        assert.deepEqual(document.errors, [])
        const { kind, spec } = document.toJS()
        const parse = { ServiceConnector: parseServiceConnectorSpec, ArtifactStore: parseArtifactStoreSpec }[
          kind as string
        ]
        if (parse) assert.equal((parse(spec) as { kind?: string }).kind, undefined, JSON.stringify(parse(spec)))
      }
    })
  }
}

export function testExamples(guide: Guide): void {
  describe(`examples in docs/${guide.name}`, () => {
    testYaml(guide)

    test('samples that it names are there', () => {
      const samples = readdirSync(join(root, 'deploy/samples'))
      const named = [...guide.text.matchAll(/^\| `\w+` \|.*\| ((?:`[a-z-]+`(?:, )?)+) \|$/gm)].flatMap(
        ([, cell = '']) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name),
      )
      assert.ok(named.length >= 5)
      assert.deepEqual(
        named.filter(name => !samples.includes(name)),
        [],
      )
    })
  })
}
