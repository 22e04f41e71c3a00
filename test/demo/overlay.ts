/** Writes a kustomize overlay that gives a sample the values of this machine, as a user would write it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

interface Operation {
  op: 'add' | 'replace'
  path: string
  value: unknown
}

export const replace = (path: string, value: unknown): Operation => ({ op: 'replace', path, value })
export const add = (path: string, value: unknown): Operation => ({ op: 'add', path, value })

/** `patches`: operations by the kind of their object. `more`: objects in addition to those of the sample. */
export function writeOverlay(
  directory: string,
  sample: string,
  patches: Record<string, Operation[]>,
  more: object[] = [],
): void {
  const base = relative(directory, join(import.meta.dirname, '../../deploy/samples', sample))
  const files = more.map((object, index) => [`object-${index}.json`, object] as const)
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [base, ...files.map(([name]) => name)],
    patches: Object.entries(patches).map(([kind, operations]) => ({
      target: { kind },
      patch: JSON.stringify(operations),
    })),
  }
  mkdirSync(directory, { recursive: true })
  for (const [name, object] of [...files, ['kustomization.yaml', kustomization] as const]) {
    writeFileSync(join(directory, name), JSON.stringify(object, undefined, 2))
  }
}
