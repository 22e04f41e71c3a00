/** Options that every command takes, before or after its name. */
import type { Command, Option } from './command.ts'

const OUTPUTS = ['json', 'yaml', 'name']

export const GLOBAL_OPTIONS: readonly Option[] = [
  {
    flags: '-n, --namespace <name>',
    about: "namespace (default: the context's)",
    completes: 'namespace',
  },
  { flags: '-A, --all-namespaces', about: 'all namespaces' },
  { flags: '--context <name>', about: 'context of the kubeconfig (default: the current one)', completes: 'context' },
  { flags: '--kubeconfig <file>', about: 'kubeconfig (default: $KUBECONFIG, or ~/.kube/config)' },
  {
    flags: '-o, --output <format>',
    about: 'data for programs instead of text for people',
    choices: OUTPUTS,
  },
]

/** What a command takes for `-o`. */
export const outputsOf = ({ outputs = [] }: Pick<Command, 'outputs'>): string[] => [...OUTPUTS, ...outputs]

/** The options as one command takes them. Default: as all commands do. */
export const globalsOf = (command: Pick<Command, 'outputs'> = {}): Option[] =>
  GLOBAL_OPTIONS.map(option =>
    option.flags.includes('--output') ? { ...option, choices: outputsOf(command) } : option,
  )

/** Options of commands that change something, and wait for what comes of it. */
export const WAIT_OPTIONS: readonly Option[] = [
  { flags: '--timeout <duration>', about: 'how long to wait for the result', default: '2m' },
  { flags: '--no-wait', about: 'do not wait for the result' },
]
