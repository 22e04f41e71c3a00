/** Which way imports flow (docs/adr/0002). Types count: what a file knows of is what it depends on. */

const { readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')

// Absent, dependency-cruiser reads no .ts file and finds nothing wrong.
require.resolve('@swc/core')

/** The layers of src/ with the others that each may import. operator/ wires them all together for main.ts. */
const layers = {
  async: [],
  telemetry: [],
  api: [],
  kube: ['async', 'api', 'telemetry'],
  runtime: ['async', 'api', 'kube', 'telemetry'],
  providers: ['async', 'api', 'telemetry'],
  formats: ['api'],
  connectors: ['async', 'api', 'kube', 'runtime', 'providers', 'telemetry'],
  stores: ['async', 'api', 'kube', 'runtime', 'providers', 'formats', 'connectors', 'telemetry'],
}

const layerRules = Object.entries(layers).map(([layer, others]) => ({
  name: `layer-${layer}`,
  comment: `Of src/, ${layer}/ imports ${['only itself', ...others].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/${layer}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/', pathNot: `^src/(${[layer, ...others].join('|')})/` },
}))

/** A file whose first comment begins with "Pure:" decides or renders, and the rules below hold it to that. */
const PURE_HEADER = /^\/\*\*\s+(\* )?Pure:/

/** Paths of the files of src/ that call themselves pure. */
const pureFiles = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
  .map(({ parentPath, name }) => join(parentPath, name).replaceAll('\\', '/'))
  .filter(path => PURE_HEADER.test(readFileSync(path, 'utf8')))

/** Matches exactly these files; without any it matches nothing. */
const pure = pureFiles.length > 0 ? `^(${pureFiles.map(path => path.replaceAll('.', '\\.')).join('|')})$` : '^$'

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'operator-for-main',
      comment: 'operator/ is imported by main.ts only.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts$|operator/)|\\.test\\.ts$' },
      to: { path: '^src/operator/' },
    },
    {
      name: 'main-for-nobody',
      comment: 'main.ts starts the process when it is imported.',
      severity: 'error',
      from: {},
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'pure',
      comment: 'A file whose header says "Pure:" does no I/O: no client, no SDK, no socket, no file, no timer.',
      severity: 'error',
      from: { path: pure },
      to: {
        dependencyTypes: ['core', 'npm'],
        pathNot: '^(node:)?(crypto|util)$|/zod/',
      },
    },
    {
      name: 'pure-knows-no-client',
      comment: 'A file whose header says "Pure:" imports from kube/ only the names of resources.',
      severity: 'error',
      from: { path: pure },
      to: { path: '^src/kube/', pathNot: '^src/kube/resource\\.ts$' },
    },
    {
      name: 'acyclic',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-test-code',
      comment: 'What runs in the cluster imports no test code.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(test|contract)\\.ts$' },
      to: { path: '^(test|scripts)/|\\.(test|contract)\\.ts$' },
    },
    {
      name: 'no-dev-dependency',
      comment: 'What runs in the cluster imports dependencies of package.json only.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // The only parser of dependency-cruiser that reads TypeScript without the API that TypeScript 7 no longer has.
    parser: 'swc',
    // Tests may use syntax that the parser does not know, such as "await using".
    doNotFollow: { path: ['node_modules', '\\.test\\.ts$', '^test/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
