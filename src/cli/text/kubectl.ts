/** Pure: calls of kubectl at the cluster that a person works with, for commands that are printed. */
import { commandLine, type Word } from './shell.ts'

/** The cluster as the person has named it, for commands: `--context prod`. */
export interface Shell {
  context?: string
  kubeconfig?: string
}

export const shellOf = ({ context, kubeconfig }: Shell): Shell => ({
  ...(context === undefined ? {} : { context }),
  ...(kubeconfig === undefined ? {} : { kubeconfig }),
})

/** A call of kubectl, or of its plugin `artifactstore`, at the same cluster. */
export const kubectl = (
  { context, kubeconfig }: Shell,
  words: readonly Word[],
  plugin: readonly string[] = [],
): string =>
  commandLine([
    ...['kubectl', ...plugin],
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
    ...words,
  ])
