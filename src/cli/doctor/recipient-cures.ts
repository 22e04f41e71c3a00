/** Pure: cures of namespaces that get no Secrets of a store. */
import type { ArtifactStore } from '../../api/artifact-store.ts'
import { NAMESPACES } from '../../kube/resource.ts'
import type { Shell } from '../text/kubectl.ts'
import { commandOf } from './changes.ts'
import type { Cure } from './finding.ts'
import { withNamespaces } from './lending-cures.ts'
import { patchStore } from './patch-store.ts'

const LABEL = /^([A-Za-z0-9._/-]{1,317})=([A-Za-z0-9._-]{0,63})$/

/** Consents to Secrets of stores elsewhere, for each namespace. */
export function consent(namespaces: readonly string[], values: Readonly<Record<string, string>>, shell: Shell): Cure {
  const commands = namespaces.map(name => commandOf({ kind: 'label', resource: NAMESPACES, name, values }, shell))
  const names = namespaces.map(name => `"${name}"`).join(', ')
  // Whoever writes a store can name any namespace, and the label is for all of them.
  const whose = namespaces.length === 1 ? 'its owner wants that' : 'their owners want that'
  const words = `let ${names} accept Secrets of any store elsewhere, if ${whose}`
  return { place: 'cluster', words, commands, needs: [] }
}

/** Namespaces that the entries of a store name. */
const namedBy = ({ spec }: ArtifactStore): string[] => [
  ...new Set((spec.credentials ?? []).flatMap(({ namespaces }) => namespaces?.names ?? [])),
]

/** Those that a message names as well. */
const inMessage = (store: ArtifactStore, message: string): string[] =>
  namedBy(store).filter(name => message.includes(`"${name}"`) || message.includes(` ${name} `))

/** As status says it: which namespaces, and the labels by which they consent. */
export function labelledNamespaces(store: ArtifactStore, message: string, shell: Shell): Cure[] {
  const [, words = ''] = /"kubectl label namespace ([^"]{1,8192})"/.exec(message) ?? []
  const parts = words.split(' ')
  const labels = parts.flatMap(part => {
    const [, key, value = ''] = LABEL.exec(part) ?? []
    return key === undefined ? [] : [[key, value] as const]
  })
  const namespaces = namedBy(store).filter(name => parts.includes(name))
  return namespaces.length > 0 && labels.length > 0 ? [consent(namespaces, Object.fromEntries(labels), shell)] : []
}

/** Namespaces that the store itself does not allow. */
export function excluded(store: ArtifactStore, message: string, shell: Shell): Cure[] {
  if (!message.includes('not allowed by spec.allowedNamespaces')) return []
  const namespaces = inMessage(store, message)
  const allowedNamespaces = namespaces.length > 0 && withNamespaces(store.spec.allowedNamespaces, namespaces)
  if (!allowedNamespaces) return []
  return [patchStore(store, { spec: { allowedNamespaces } }, 'allow these namespaces in the store, too', shell)]
}
