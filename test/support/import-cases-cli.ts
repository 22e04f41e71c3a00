/** Cases of test/import-rules.test.ts for the command line. */
export type ImportCase = [name: string, files: Record<string, string>, rules: string[]]

const nothing = 'export const x = 1\n'
const pure = '/** Pure: decides. */\n'

export const cliImportCases: ImportCase[] = [
  [
    'rooms of cli/ that build on each other',
    {
      'src/cli/main.ts': `import './commands/index.ts'\n`,
      'src/cli/commands/index.ts': `import '../actions/status.ts'\nimport '../frame/command.ts'\n`,
      'src/cli/actions/status.ts': `import '../cluster/read.ts'\nimport '../overview/rows.ts'\nimport '../known/index.ts'\n`,
      'src/cli/cluster/read.ts': `import '../../kube/client.ts'\nimport '../frame/command.ts'\nimport '../text/table.ts'\n`,
      'src/cli/overview/rows.ts': `import '../../stores/plan/plan.ts'\n`,
      'src/cli/frame/command.ts': `import '../text/table.ts'\n`,
      'src/cli/known/index.ts': nothing,
      'src/cli/text/table.ts': nothing,
      'src/kube/client.ts': nothing,
      'src/stores/plan/plan.ts': `${pure}${nothing}`,
    },
    [],
  ],
  [
    'a command line that does what the operator does',
    { 'src/cli/program.ts': `import '../stores/effects/verify.ts'\n`, 'src/stores/effects/verify.ts': nothing },
    ['layer-cli'],
  ],
  [
    'a command line that prints what identities must be allowed',
    {
      'src/cli/policy/asks.ts': `import '../../providers/s3/needs/grants.ts'\n`,
      'src/providers/s3/needs/grants.ts': nothing,
    },
    [],
  ],
  [
    'a command line that calls a cloud',
    {
      'src/cli/policy/asks.ts': `import '../../providers/s3/calls/sts.ts'\n`,
      'src/providers/s3/calls/sts.ts': nothing,
    },
    ['layer-cli'],
  ],
  [
    'an operator that knows the command line',
    { 'src/stores/reconcile.ts': `import '../cli/program.ts'\n`, 'src/cli/program.ts': nothing },
    ['cli-for-nobody', 'layer-stores'],
  ],
  ...(
    [
      ['text', 'frame'],
      ['frame', 'cluster'],
      ['known', 'text'],
      ['overview', 'cluster'],
      ['policy', 'doctor'],
      ['doctor', 'cluster'],
      ['credentials', 'cluster'],
      ['cluster', 'overview'],
      ['actions', 'commands'],
      ['commands', 'cluster'],
    ] as const
  ).map(
    ([room, other]): ImportCase => [
      `${room}/ of the command line may not import ${other}/`,
      { [`src/cli/${room}/one.ts`]: `import '../${other}/other.ts'\n`, [`src/cli/${other}/other.ts`]: nothing },
      [`cli-${room}`],
    ],
  ),
]
