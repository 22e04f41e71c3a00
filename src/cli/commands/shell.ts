/** Commands for shells. */
import type { Command } from '../frame/command.ts'

export const completionCommand: Command = {
  name: 'completion',
  group: 'Shell',
  summary: 'print a script that completes commands, options and names of objects',
  about:
    'bash, zsh and fish complete "kubectl-artifactstore". For "kubectl artifactstore", kubectl calls a program named ' +
    'kubectl_complete-artifactstore on PATH, which "completion kubectl" prints.',
  arguments: [
    {
      name: 'shell',
      about: 'bash, zsh, fish or kubectl',
      isRequired: true,
      completes: ['bash', 'zsh', 'fish', 'kubectl'],
    },
  ],
  examples: [
    { line: 'completion bash > ~/.local/share/bash-completion/completions/kubectl-artifactstore', about: 'for bash' },
    {
      line: 'completion kubectl > ~/.local/bin/kubectl_complete-artifactstore && chmod +x ~/.local/bin/kubectl_complete-artifactstore',
      about: 'for kubectl, in any shell',
    },
  ],
  run: async invocation => (await import('../actions/completion.ts')).completion(invocation),
}

export const completeCommand: Command = {
  name: '__complete',
  group: 'Shell',
  summary: 'print what may come next, in the form of cobra',
  isHidden: true,
  examples: [{ line: '__complete status ""', about: 'stores and connectors' }],
  run: async invocation => (await import('../actions/complete.ts')).complete(invocation),
}
