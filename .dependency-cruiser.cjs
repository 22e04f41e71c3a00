/** Which way imports flow (docs/adr/0002). Types count: what a file knows of is what it depends on. */

const { readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')

// Absent, dependency-cruiser reads no .ts file and finds nothing wrong.
require.resolve('@swc/core')

/** The layers of src/ with the others that each may import. operator/ wires them all together for main.ts. */
const layers = {
  foreign: [],
  async: [],
  telemetry: ['foreign'],
  api: ['foreign'],
  kube: ['foreign', 'async', 'api', 'telemetry'],
  runtime: ['foreign', 'async', 'api', 'kube', 'telemetry'],
  providers: ['foreign', 'async', 'api', 'telemetry'],
  formats: ['foreign', 'api'],
  connectors: ['foreign', 'async', 'api', 'kube', 'runtime', 'providers', 'telemetry'],
  stores: ['foreign', 'async', 'api', 'kube', 'runtime', 'providers', 'formats', 'connectors', 'telemetry'],
  // Of stores/ only what is planned, which is pure: the command line says when the operator will do what. Of providers/
  // only what identities must be allowed, which it prints.
  cli: [
    'foreign',
    'async',
    'api',
    'kube',
    'formats',
    'stores/plan',
    'providers/s3/needs',
    'providers/azure/needs',
    'ui',
  ],
  ui: ['foreign', 'async', 'api', 'kube', 'runtime', 'formats', 'stores/plan', 'cli'],
}

const layerRules = Object.entries(layers).map(([layer, others]) => ({
  name: `layer-${layer}`,
  comment: `Of src/, ${layer}/ imports ${['only itself', ...others].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/${layer}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/', pathNot: `^src/(${[layer, ...others].join('|')})/` },
}))

/** The queue is a part of its own of runtime/, which knows of the rest only how time passes. */
const queueRule = {
  name: 'runtime-queue',
  comment: 'Of runtime/, queue/ imports only itself, backoff.ts and clock.ts.',
  severity: 'error',
  from: { path: '^src/runtime/queue/', pathNot: '\\.test\\.ts$' },
  to: { path: '^src/runtime/', pathNot: '^src/runtime/(queue/|(backoff|clock)\\.ts$)' },
}

/** What is loaded for traces knows of telemetry/ only what it makes spans of, and what every text goes through. */
const otelRule = {
  name: 'telemetry-otel',
  comment: 'Of telemetry/, otel/ imports only itself, redact.ts, seldom.ts and tracer.ts.',
  severity: 'error',
  from: { path: '^src/telemetry/otel/', pathNot: '\\.test\\.ts$' },
  to: { path: '^src/telemetry/', pathNot: '^src/telemetry/(otel/|(redact|seldom|tracer)\\.ts$)' },
}

/** The rooms of stores/ with the others that each may import: what is planned is done, and then concluded. */
const storeRooms = { plan: [], effects: ['plan'], conclude: ['plan', 'effects'] }

const storeRoomRules = Object.entries(storeRooms).map(([room, others]) => ({
  name: `stores-${room}`,
  comment: `Of stores/, ${room}/ imports ${['only itself', ...others].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/stores/${room}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/stores/', pathNot: `^src/stores/(${[room, ...others].join('|')})/` },
}))

/** The rooms of src/cli/, the lowest first, with the others that each may import. The files beside them start the program. */
const cliRooms = {
  text: [],
  frame: ['text'],
  known: [],
  overview: [],
  policy: ['text'],
  doctor: ['text', 'known', 'overview', 'policy'],
  credentials: ['text'],
  cluster: ['text', 'frame'],
  actions: ['text', 'frame', 'known', 'overview', 'policy', 'doctor', 'credentials', 'cluster'],
  commands: ['frame', 'actions'],
}

const cliRoomRules = Object.entries(cliRooms).map(([room, others]) => ({
  name: `cli-${room}`,
  comment: `Of cli/, ${room}/ imports ${['only itself', ...others].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/cli/${room}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/cli/', pathNot: `^src/cli/(${[room, ...others].join('|')})/` },
}))

/** The rooms of the page. test/page-sources.test.ts holds its components to the same rules. */
const pageRooms = { model: [], net: ['model'], parts: ['model', 'net'], views: ['model', 'net', 'parts'] }

const pageRules = Object.entries(pageRooms).map(([room, others]) => ({
  name: `page-${room}`,
  comment: `Of ui/app/, ${room}/ imports ${['only itself', ...others].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/ui/app/${room}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/ui/app/', pathNot: `^src/ui/app/(${[room, ...others].join('|')})/` },
}))

/** The rooms of src/providers/ with the others that each may import; all may import the files beside them. */
const providerRooms = {
  network: [],
  sessions: [],
  s3: ['network'],
  azure: ['network'],
}

const providerRules = Object.entries(providerRooms).map(([room, others]) => ({
  name: `providers-${room}`,
  comment: `Of the rooms of src/providers/, ${room}/ imports ${['only itself', ...others].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/providers/${room}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/providers/[^/]+/', pathNot: `^src/providers/(${[room, ...others].join('|')})/` },
}))

/** What everything in src/providers/s3/ builds on, the lowest first. */
const s3Ground = ['identity', 'answers', 'calls']
/** What a session does, a room each, and what it must be allowed for that: none imports another. */
const s3Verbs = ['open', 'probe', 'prepare', 'grant', 'trial', 'measure', 'needs']

/** The rooms of src/providers/s3/ with the others that each may import. The files beside them wire them together. */
const s3Rooms = [
  ...s3Ground.map((room, index) => [room, s3Ground.slice(0, index)]),
  ...s3Verbs.map(room => [room, s3Ground]),
]

const s3Rules = s3Rooms.map(([room, others]) => ({
  name: `s3-${room}`,
  comment: `Of src/providers/s3/, ${room}/ imports ${['only itself', ...others].join(', ')}.`,
  severity: 'error',
  from: { path: `^src/providers/s3/${room}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/providers/s3/', pathNot: `^src/providers/s3/(${[room, ...others].join('|')})/` },
}))

/** What the command line prints of Azure knows of the rest only the names of permissions and roles. */
const azureNeedsRule = {
  name: 'azure-needs',
  comment: 'Of src/providers/azure/, needs/ imports only itself and permissions.ts.',
  severity: 'error',
  from: { path: '^src/providers/azure/needs/', pathNot: '\\.test\\.ts$' },
  to: { path: '^src/providers/azure/', pathNot: '^src/providers/azure/(needs/|(permissions)\\.ts$)' },
}

/**
 * A file whose first comment begins with "Pure:" decides or renders. The rules below look at what it imports itself, types
 * included; test/purity.test.ts at what runs behind those imports.
 */
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
    queueRule,
    otelRule,
    ...storeRoomRules,
    ...cliRoomRules,
    {
      name: 'cli-for-nobody',
      comment:
        'The command line is a program of its own, of which its page is a part: the operator knows nothing of it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|ui)/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'ui-for-its-command',
      comment: 'The page and its server are begun by their command, and known to nobody else.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(ui/|cli/commands/ui\\.ts$)' },
      to: { path: '^src/ui/' },
    },
    {
      name: 'ui-server',
      comment: 'The server knows of the page only the contract between them, and what was built of it.',
      severity: 'error',
      from: { path: '^src/ui/server/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/ui/', pathNot: '^src/ui/(server/|(contract)\\.ts$)' },
    },
    {
      name: 'ui-app',
      comment: 'The page knows of its server only the contract between them.',
      severity: 'error',
      from: { path: '^src/ui/app/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^src/ui/', pathNot: '^src/ui/(app/|(contract)\\.ts$)' },
    },
    {
      name: 'ui-alone',
      comment: 'The page imports of the rest of src/ only two files about text, which are pure.',
      severity: 'error',
      from: { path: '^src/(ui/app)/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^src/', pathNot: '^src/(ui/|cli/text/(ages|harmless)\\.ts$)' },
    },
    ...pageRules,
    {
      name: 'ui-in-browsers',
      comment: 'The page runs in a browser, which has nothing of Node.',
      severity: 'error',
      from: { path: '^src/ui/app/', pathNot: '\\.test\\.tsx?$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'stores-decide-purely',
      comment: 'What plans and what concludes a store is pure: its header says so.',
      severity: 'error',
      from: { path: '^src/stores/(plan|conclude)/', pathNot: [pure, '\\.test\\.ts$'] },
      to: {},
    },
    ...providerRules,
    {
      name: 'providers-contract',
      comment: 'The files of src/providers/ itself import of its rooms only network/.',
      severity: 'error',
      from: { path: '^src/providers/[^/]+$', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/providers/[^/]+/', pathNot: '^src/providers/network/' },
    },
    ...s3Rules,
    azureNeedsRule,
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
        pathNot: '^(node:)?(crypto|util)$|/(zod|yaml|get-east-asian-width)/',
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
      // What the page uses is in its built files.
      from: { path: '^src/', pathNot: '\\.test\\.tsx?$|^src/ui/(app/|vite\\.config\\.ts$)' },
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
    // The parser does not know its syntax: test/page-sources.test.ts holds these files to the rules.
    exclude: { path: '\\.tsx$' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
