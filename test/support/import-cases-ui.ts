/** Cases of test/import-rules.test.ts for the page of the command line, and its server. */
import type { ImportCase } from './import-cases-cli.ts'

const nothing = 'export const x = 1\n'

export const uiImportCases: ImportCase[] = [
  [
    'the server of the page, which its command begins, and a page that knows the contract',
    {
      'src/cli/commands/ui.ts': `export const run = () => import('../../ui/server/ui.ts')\n`,
      'src/ui/server/ui.ts': `import 'node:http'\nimport '../contract.ts'\nimport '../../runtime/informer.ts'\nimport '../../cli/cluster/read.ts'\n`,
      'src/ui/app/main.ts': `import '../contract.ts'\nimport './view.ts'\nimport 'esbuild'\n`,
      'src/ui/app/view.ts': nothing,
      'src/ui/contract.ts': nothing,
      'src/runtime/informer.ts': nothing,
      'src/cli/cluster/read.ts': nothing,
    },
    [],
  ],
  [
    'a server of the page that does what the operator does',
    { 'src/ui/server/ui.ts': `import '../../stores/effects/verify.ts'\n`, 'src/stores/effects/verify.ts': nothing },
    ['layer-ui'],
  ],
  [
    'an operator that knows the page',
    { 'src/stores/reconcile.ts': `import '../ui/server/ui.ts'\n`, 'src/ui/server/ui.ts': nothing },
    ['layer-stores', 'ui-for-its-command'],
  ],
  [
    'another command that begins the server of the page',
    { 'src/cli/commands/status.ts': `import '../../ui/server/ui.ts'\n`, 'src/ui/server/ui.ts': nothing },
    ['ui-for-its-command'],
  ],
  [
    'a server that has the source of the page in it',
    { 'src/ui/server/ui.ts': `import '../app/view.ts'\n`, 'src/ui/app/view.ts': nothing },
    ['ui-server'],
  ],
  [
    'a page that imports its server',
    { 'src/ui/app/main.ts': `import '../server/gate.ts'\n`, 'src/ui/server/gate.ts': nothing },
    ['ui-app'],
  ],
  [
    'a page that does what the command line does',
    { 'src/ui/app/main.ts': `import '../../cli/cluster/read.ts'\n`, 'src/cli/cluster/read.ts': nothing },
    ['ui-alone'],
  ],
  ...(
    [
      ['model', 'net'],
      ['net', 'parts'],
      ['parts', 'views'],
    ] as const
  ).map(
    ([room, other]): ImportCase => [
      `${room}/ of the page may not import ${other}/`,
      { [`src/ui/app/${room}/one.ts`]: `import '../${other}/other.ts'\n`, [`src/ui/app/${other}/other.ts`]: nothing },
      [`page-${room}`],
    ],
  ),
  [
    'a view of the page that starts it',
    { 'src/ui/app/views/one.ts': `import '../main.ts'\n`, 'src/ui/app/main.ts': nothing },
    ['page-views'],
  ],
  ['a page that needs Node', { 'src/ui/app/main.ts': `import 'node:fs'\n` }, ['ui-in-browsers']],
]
