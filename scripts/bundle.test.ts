/** What the program loads at its start, and what only when it is needed. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'

let folder: string
/** The text of each file of the bundle. */
const files = new Map<string, string>()

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aso-bundle-'))
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'bundle.ts'), folder])
  for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name), 'utf8'))
})
after(() => rm(folder, { recursive: true }))

/** Imports that are done at once: those of later have parentheses. */
const STATIC_IMPORT = /(?:from|import)"\.\/([^"]+)"/g

/** The files that are loaded together with one. */
function loadedWith(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const [, other = ''] of (files.get(name) ?? assert.fail(name)).matchAll(STATIC_IMPORT)) loadedWith(other, seen)
  return seen
}

/** Whether a part of the program is loaded at its start: undefined if the bundle lacks it. */
function isLoadedAtStart(part: string): boolean | undefined {
  const holders = [...files].filter(([name, text]) => name.endsWith('.mjs') && text.includes(part))
  const atStart = loadedWith('operator.mjs')
  return holders.length === 0 ? undefined : holders.some(([name]) => atStart.has(name))
}

for (const [what, part, atStart] of [
  ['the reconcilers', 'artifactstore.target.role', true],
  ['what reads the variables of OpenTelemetry', 'OTEL_BSP_', true],
  ['spans of OpenTelemetry', 'maxQueueSize reached', false],
  ['the exporter of OpenTelemetry', 'application/x-protobuf', false],
  ['the libraries of Azure', 'BlobServiceClient', false],
] as const) {
  const when = atStart ? 'at the start' : 'only when it is needed'
  test(`${what}: loaded ${when}`, () => assert.equal(isLoadedAtStart(part), atStart))
}
