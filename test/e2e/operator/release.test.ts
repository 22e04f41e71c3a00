/** `make release` makes the same bytes of the same sources, wherever and whenever it runs, and all its parts agree. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { parseAllDocuments } from 'yaml'
import { helm } from '../../cluster/helm.ts'

const root = join(import.meta.dirname, '../../..')
const SOURCES = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'LICENSE',
  'tsconfig.json',
  'crds',
  'deploy',
  'scripts',
  'src',
  'test',
]
const environments: NodeJS.ProcessEnv[] = [{ TZ: 'UTC' }, { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8' }]

let dir: string
/** The files of each release, by their paths. */
const releases: Record<string, Buffer>[] = []
const text = (path: string): string => releases[0]?.[path]?.toString() ?? assert.fail(`there is no ${path}`)
let version: string

/** Makes a release in a copy of the sources below `folder`. */
async function release(folder: string, env: NodeJS.ProcessEnv): Promise<Record<string, Buffer>> {
  const copy = join(dir, folder)
  for (const name of SOURCES) await cp(join(root, name), join(copy, name), { recursive: true })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
  const options = { env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000', ...env }, cwd: dir }
  await promisify(execFile)(process.execPath, [join(copy, 'scripts/release/release.ts')], options)
  const files = await readdir(join(copy, 'release'))
  const contents = files.map(async file => [file, await readFile(join(copy, 'release', file))])
  return Object.fromEntries(await Promise.all(contents))
}

before(async () => {
  version = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).version
  dir = await mkdtemp(join(tmpdir(), 'release-'))
  for (const [index, env] of environments.entries()) releases.push(await release(`${'deeper/'.repeat(index)}tree`, env))
})
after(() => rm(dir, { recursive: true }))

test('a release has these files', () => {
  const expected = [
    'SHA256SUMS',
    'THIRD-PARTY-NOTICES.txt',
    `artifact-store-operator-${version}.tgz`,
    'artifactstore.dev_artifactstore_v1alpha1.json',
    'artifactstore.dev_serviceconnector_v1alpha1.json',
    'artifactstore.yaml',
    'install.yaml',
    'kubectl-artifactstore-NOTICES.txt',
    'kubectl-artifactstore.cmd',
    'kubectl-artifactstore.mjs',
    `kubectl-artifactstore-${version}.tar.gz`,
    'sbom.cdx.json',
    'sbom.spdx.json',
  ]
  assert.deepEqual(Object.keys(releases[0] ?? {}).sort(), expected.sort())
})

describe('two releases of the same sources, made in two folders, have the same bytes', () => {
  test('and the same files', () => assert.deepEqual(Object.keys(releases[0] ?? {}), Object.keys(releases[1] ?? {})))
  for (const name of ['SHA256SUMS', 'sbom.spdx.json', 'sbom.cdx.json', 'install.yaml', 'THIRD-PARTY-NOTICES.txt']) {
    test(`in ${name}`, () => assert.equal(releases[0]?.[name]?.toString(), releases[1]?.[name]?.toString()))
  }
  test('in all of them', () => assert.deepEqual(releases[0], releases[1]))
})

test('sha256sum finds each file to be what SHA256SUMS says', async () => {
  const { stdout } = await promisify(execFile)('sha256sum', ['--check', 'SHA256SUMS'], {
    cwd: join(dir, 'tree/release'),
  })
  assert.equal(stdout.trim().split('\n').length, Object.keys(releases[0] ?? {}).length - 1)
})

test('install.yaml and the chart install the image of this version', async () => {
  const chart = join(dir, `tree/release/artifact-store-operator-${version}.tgz`)
  const rendered = await helm(dir, [
    'template',
    'artifact-store-operator',
    chart,
    '--namespace',
    'artifact-store-system',
  ])
  const image = `ghcr.io/artifactstore/artifact-store-operator:${version}`
  for (const manifests of [text('install.yaml'), rendered]) {
    const objects = parseAllDocuments(manifests).map(document => document.toJS())
    const deployment = objects.find(object => object?.kind === 'Deployment')
    assert.equal(deployment.spec.template.spec.containers[0].image, image)
  }
})

test('the archive of the command line is what the manifest for krew says, and the program in it runs', async () => {
  const { spec } = parseAllDocuments(text('artifactstore.yaml'))[0]?.toJS() ?? {}
  const [{ uri, sha256, bin }] = spec.platforms
  const file = uri.split('/').at(-1)
  assert.equal(spec.version, `v${version}`)
  const archive = releases[0]?.[file] ?? assert.fail(`there is no ${file}`)
  assert.equal(createHash('sha256').update(archive).digest('hex'), sha256)
  const unpacked = await mkdtemp(join(dir, 'krew-'))
  await promisify(execFile)('tar', ['-xzf', join(dir, 'tree/release', file), '-C', unpacked])
  assert.deepEqual((await readdir(unpacked)).sort(), ['LICENSE', 'kubectl-artifactstore-NOTICES.txt', bin])
  const env = { ...process.env, PATH: [join(process.execPath, '..'), process.env['PATH']].join(delimiter) }
  const { stdout } = await promisify(execFile)(join(unpacked, bin), ['--version'], { env })
  assert.equal(stdout, `${version}\n`)
})

test('what calls the program on Windows lies beside it, and krew has no platform that it could not run on', async () => {
  assert.equal(text('kubectl-artifactstore.cmd'), '@echo off\r\nnode "%~dp0kubectl-artifactstore.mjs" %*\r\n')
  const { spec } = parseAllDocuments(text('artifactstore.yaml'))[0]?.toJS() ?? {}
  const systems = spec.platforms.map(
    ({ selector }: { selector: { matchExpressions: { values: string[] }[] } }) => selector.matchExpressions[0]?.values,
  )
  assert.deepEqual(systems, [['linux', 'darwin']])
})

test('the guides install this version, with files that a release has', async () => {
  const guides = ['README.md', 'docs/helm.md'].map(path => readFile(join(root, path), 'utf8'))
  const urls = (await Promise.all(guides)).flatMap(guide => [...guide.matchAll(/releases\/download\/v(\S+?)\/(\S+)/g)])
  assert.equal(urls.length, 2)
  for (const [, at, file = ''] of urls) assert.ok(at === version && releases[0]?.[file], `there is no ${at}/${file}`)
})

test('each package with a notice is in both bills of materials, and no path of the machine is in any file', () => {
  const noticed = [...text('THIRD-PARTY-NOTICES.txt').matchAll(/^((?:@[\w.-]+\/)?[\w.-]+) (\d\S*) \(\S.*\)$/gm)]
  assert.ok(noticed.length > 100, `${noticed.length} packages have a notice`)
  const { packages } = JSON.parse(text('sbom.spdx.json')) as { packages: { name: string; versionInfo: string }[] }
  const { components } = JSON.parse(text('sbom.cdx.json')) as { components: { name: string; version: string }[] }
  const spdx = new Set(packages.map(({ name, versionInfo }) => `${name} ${versionInfo}`))
  const cycloneDx = new Set(components.map(component => `${component.name} ${component.version}`))
  const missing = noticed.map(([, name, at]) => `${name} ${at}`).filter(id => !spdx.has(id) || !cycloneDx.has(id))
  assert.deepEqual(missing, [])
  for (const path of Object.keys(releases[0] ?? {})) assert.ok(!text(path).includes(dir), path)
})
