/** Breaks each import rule on purpose: a linter that finds no files finds no faults either. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'

const root = join(import.meta.dirname, '..')
let project: string

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'import-rules-'))
  for (const name of ['node_modules', 'package.json', '.dependency-cruiser.cjs']) {
    await symlink(join(root, name), join(project, name))
  }
})
after(() => rm(project, { recursive: true, force: true }))

/** Names of the rules that a project of these files breaks. */
async function broken(files: Record<string, string>): Promise<string[]> {
  await rm(join(project, 'src'), { recursive: true, force: true })
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true })
    await writeFile(join(project, path), source)
  }
  const cruise = ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', '--output-type', 'json', 'src']
  const stdout = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, cruise, { cwd: project, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      // The exit code is the number of faults.
      stdout ? resolve(stdout) : reject(error ?? new Error(stderr)),
    )
  })
  const { summary }: { summary: { violations: { rule: { name: string } }[] } } = JSON.parse(stdout)
  return [...new Set(summary.violations.map(({ rule }) => rule.name))]
}

const nothing = 'export const x = 1\n'
const pure = '/** Pure: decides. */\n'
const cases: [name: string, files: Record<string, string>, rules: string[]][] = [
  [
    'imports downwards',
    {
      'src/stores/reconcile.ts': `import '../kube/client.ts'\nimport '../formats/index.ts'\nimport 'undici'\n`,
      'src/main.ts': `import './operator/operator.ts'\n`,
      'src/operator/operator.ts': `import '../stores/reconcile.ts'\nimport '../config.ts'\nimport '../kube/client.ts'\n`,
      'src/config.ts': nothing,
      'src/kube/client.ts': `import { request } from 'node:https'\nimport { Agent } from 'undici'\n`,
      'src/formats/index.ts': `import { createHash } from 'node:crypto'\nimport { z } from 'zod'\n`,
    },
    [],
  ],
  [
    'a provider that sees Kubernetes',
    { 'src/providers/s3/session.ts': `import '../../kube/client.ts'\n`, 'src/kube/client.ts': nothing },
    ['layer-providers'],
  ],
  [
    'by type only',
    {
      'src/providers/s3/session.ts': `import type { Client } from '../../kube/client.ts'\n`,
      'src/kube/client.ts': 'export interface Client { x: 1 }\n',
    },
    ['layer-providers'],
  ],
  [
    'a runtime that knows stores',
    { 'src/runtime/queue.ts': `export { x } from '../stores/plan.ts'\n`, 'src/stores/plan/plan.ts': nothing },
    ['layer-runtime'],
  ],
  [
    'an API that knows its client',
    { 'src/api/names.ts': `const client = await import('../kube/client.ts')\n`, 'src/kube/client.ts': nothing },
    ['layer-api'],
  ],
  [
    'a deadline that knows the API',
    { 'src/async/deadline.ts': `import '../api/failures.ts'\n`, 'src/api/failures.ts': nothing },
    ['layer-async'],
  ],
  [
    'a layer that knows how it is wired',
    { 'src/stores/reconcile.ts': `import '../operator/caches.ts'\n`, 'src/operator/caches.ts': nothing },
    ['layer-stores', 'operator-for-main'],
  ],
  [
    'a configuration that knows how it is wired',
    { 'src/config.ts': `import './operator/operator.ts'\n`, 'src/operator/operator.ts': nothing },
    ['operator-for-main'],
  ],
  [
    'an operator that starts the process',
    { 'src/operator/operator.ts': `import '../main.ts'\n`, 'src/main.ts': nothing },
    ['main-for-nobody'],
  ],
  ['a plan with a socket', { 'src/stores/plan/plan.ts': `${pure}import { connect } from 'node:net'\n` }, ['pure']],
  ['a conclusion with an SDK', { 'src/connectors/conclude.ts': `${pure}import '@aws-sdk/client-sts'\n` }, ['pure']],
  [
    'a format that reads a file',
    { 'src/formats/env.ts': `${pure}import { readFile } from 'node:fs/promises'\n` },
    ['pure'],
  ],
  [
    'a plan with a client',
    { 'src/stores/plan/plan.ts': `${pure}import type { x } from '../kube/client.ts'\n`, 'src/kube/client.ts': nothing },
    ['pure-knows-no-client'],
  ],
  [
    'a file of any name whose long header says that it is pure',
    { 'src/providers/s3/answers.ts': `/**\n * Pure: answers.\n */\nimport { request } from 'node:https'\n` },
    ['pure'],
  ],
  [
    'a pure file that hashes, compares and parses',
    {
      'src/stores/plan/plan.ts': `${pure}import { createHash } from 'node:crypto'\nimport { isDeepStrictEqual } from 'node:util'\nimport { z } from 'zod'\n`,
    },
    [],
  ],
  ['a file with a socket whose header says nothing', { 'src/stores/plan/plan.ts': `import 'node:net'\n` }, []],
  ['a cycle', { 'src/api/a.ts': `import './b.ts'\n`, 'src/api/b.ts': `import './a.ts'\n` }, ['acyclic']],
  [
    'test code in the operator',
    { 'src/api/a.ts': `import './b.test.ts'\n`, 'src/api/b.test.ts': nothing },
    ['no-test-code'],
  ],
  [
    'a contract in the operator',
    { 'src/api/a.ts': `import './b.contract.ts'\n`, 'src/api/b.contract.ts': nothing },
    ['no-test-code'],
  ],
  ['a devDependency in the operator', { 'src/api/a.ts': `import 'yaml'\n` }, ['no-dev-dependency']],
  ['a file that is not there', { 'src/api/a.ts': `import './absent.ts'\n` }, ['resolvable']],
]

for (const [name, files, rules] of cases) {
  test(name, async () => assert.deepEqual(await broken(files), rules))
}
