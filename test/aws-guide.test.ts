/** docs/aws.md says what the code does. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { parseArtifactStoreSpec } from '../src/api/artifact-store.ts'
import { parseServiceConnectorSpec } from '../src/api/service-connector.ts'
import { EXTRA_PERMISSIONS } from '../src/providers/s3/extra-permissions.ts'

const root = join(import.meta.dirname, '..')
const guide = readFileSync(join(root, 'docs/aws.md'), 'utf8')

/** Between `<!-- name ... -->` and `<!-- /name -->`. */
function section(name: string): string {
  const [, text] = new RegExp(`<!-- ${name}[^>]*-->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(guide) ?? []
  assert.ok(text, name)
  return text
}

const blocks = (language: string): string[] =>
  [...guide.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\``, 'gm'))].map(
    ([, , text]) => text ?? '',
  )

const sources = (folder: string): string =>
  readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('azure/'))
    .map(path => readFileSync(join(root, 'src', folder, path), 'utf8'))
    .join('\n')

const KINDS = ['Secret', 'ConfigMap']
const REASON = "['`](\\$\\{kind\\})?([A-Z]\\w+)['`]"
const FAILURE = new RegExp(`\\b(?:stalled|transient|waiting|refused)\\(\\s*${REASON}`, 'g')
const NAMED = new RegExp(`\\breason: ${REASON}`, 'g')

/** What the code has as `${kind}NotFound` is SecretNotFound and ConfigMapNotFound. */
function reasonsIn(text: string, pattern: RegExp): Set<string> {
  const found = [...text.matchAll(pattern)]
  return new Set(found.flatMap(([, kind, reason = '']) => (kind ? KINDS.map(kind => kind + reason) : [reason])))
}

describe('reasons', () => {
  const listed = [...section('reasons').matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, reason = '']) => reason),
  )

  test('all of those that providers, connectors and the operator give are listed', () => {
    const given = new Set(
      ['providers', 'connectors', 'operator'].flatMap(folder => [...reasonsIn(sources(folder), FAILURE)]),
    )
    assert.ok(given.size > 50)
    assert.deepEqual([...given].filter(reason => !listed.includes(reason)).sort(), [])
  })

  test('each is given somewhere, and listed once', () => {
    const all = sources('.')
    const given = new Set([...reasonsIn(all, FAILURE), ...reasonsIn(all, NAMED)])
    assert.deepEqual(
      listed.filter(reason => !given.has(reason)),
      [],
    )
    assert.deepEqual(
      listed.filter((reason, index) => listed.indexOf(reason) !== index),
      [],
    )
  })
})

describe('permissions', () => {
  const rows = [...guide.matchAll(/^\| `((?:s3|cloudwatch):\w+)` \| (\w[^|]*?) \| ([^|]*?) \|$/gm)].map(
    ([, action = '', probe, when]) => ({ action, probe, when }),
  )

  test('the table has those of the code, with their probes', () => {
    for (const { action, probe, shared, awsOnly } of EXTRA_PERMISSIONS) {
      const when = shared ? 'always, once a session' : `when required${awsOnly ? ', on AWS' : ''}`
      assert.deepEqual(
        rows.find(row => row.action === action),
        { action, probe, when },
      )
    }
    const probed = sources('providers/s3')
    assert.deepEqual(
      rows.filter(({ action }) => !probed.includes(`'${action}'`)),
      [],
    )
  })

  test('what there is to paste can be proven', () => {
    const probed = rows.map(({ action }) => action)
    const required = [...section('permissions').matchAll(/^ {4}- (\S+)$/gm)].map(([, action = '']) => action)
    assert.ok(required.length > 20)
    assert.deepEqual(
      required.filter(action => !probed.includes(action)),
      [],
    )
  })
})

describe('examples', () => {
  for (const [index, text] of blocks('yaml').entries()) {
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

  for (const [index, text] of blocks('json').entries()) {
    test(`policy ${index + 1} is valid`, () => {
      const { Version, Statement } = JSON.parse(text)
      assert.equal(Version, '2012-10-17')
      assert.ok(Statement.length > 0)
    })
  }

  test('samples and components that it names are there', () => {
    const samples = readdirSync(join(root, 'deploy/samples'))
    const named = [...guide.matchAll(/^\| `\w+` \|.*\| ((?:`[a-z-]+`(?:, )?)+) \|$/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name),
    )
    assert.ok(named.length >= 5)
    assert.deepEqual(
      named.filter(name => !samples.includes(name)),
      [],
    )
  })

  test('links inside lead somewhere', () => {
    const anchors = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    )
    const links = [...guide.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
    assert.deepEqual(
      links.filter(link => !anchors.includes(link)),
      [],
    )
  })
})
