/** `completion`: scripts for shells. All of them ask `__complete`, so that there is one answer. */
import type { Answer, Invocation } from '../frame/command.ts'
import { usageFailure } from '../frame/failures.ts'
import { report } from '../frame/reports.ts'

const BASH = `# bash completion for kubectl-artifactstore
_kubectl_artifactstore() {
  local candidate current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    case "$candidate" in :*) continue ;; esac
    [[ "$candidate" == "$current"* ]] && COMPREPLY+=("$candidate")
  done < <("\${COMP_WORDS[0]}" __complete "\${COMP_WORDS[@]:1:COMP_CWORD-1}" "$current" 2>/dev/null)
}
complete -F _kubectl_artifactstore kubectl-artifactstore
`

const ZSH = `#compdef kubectl-artifactstore
# zsh completion for kubectl-artifactstore
_kubectl_artifactstore() {
  local -a candidates
  local line name about
  while IFS= read -r line; do
    [[ "$line" == :* ]] && continue
    name="\${line%%$'\\t'*}"
    about="\${line#*$'\\t'}"
    [[ "$about" == "$line" ]] && about=''
    candidates+=("\${name//:/\\\\:}\${about:+:$about}")
  done < <("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe 'kubectl-artifactstore' candidates
}
if [[ "\${funcstack[1]}" == _kubectl_artifactstore ]]; then
  _kubectl_artifactstore "$@"
else
  compdef _kubectl_artifactstore kubectl-artifactstore
fi
`

const FISH = `# fish completion for kubectl-artifactstore
function __kubectl_artifactstore_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  $words[1] __complete $words[2..-1] "$current" 2>/dev/null | string match -v ':*'
end
complete -c kubectl-artifactstore -f -a '(__kubectl_artifactstore_complete)'
`

const KUBECTL = `#!/usr/bin/env sh
# kubectl runs this file, as kubectl_complete-artifactstore on PATH, to complete "kubectl artifactstore".
exec kubectl-artifactstore __complete "$@"
`

const SCRIPTS: Record<string, string> = { bash: BASH, zsh: ZSH, fish: FISH, kubectl: KUBECTL }

export async function completion({ arguments: [shell = ''] }: Pick<Invocation, 'arguments'>): Promise<Answer> {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined
  if (!script) throw usageFailure(`there is no completion for "${shell}"`, 'name bash, zsh, fish or kubectl')
  return { lines: () => script.trimEnd().split('\n'), data: report('Completion', { shell, script }), names: [shell] }
}
