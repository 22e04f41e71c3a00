/** Pure: cures within `spec.credentials`. */
import { type ArtifactStore, type CredentialsEntry, secretNameOf } from '../../api/artifact-store.ts'
import { type JsonPatchOperation, pointerOf } from '../../api/json-patch.ts'
import { secretSuffixes } from '../../formats/index.ts'
import type { Shell } from '../text/kubectl.ts'
import type { Cure } from './finding.ts'
import { patchStore } from './patch-store.ts'

/** A member of an entry, which must still be at its place: undefined removes it. */
function change(index: number, { name }: CredentialsEntry, member: string, value?: string): JsonPatchOperation[] {
  const at = (last: string) => pointerOf('spec', 'credentials', index, last)
  return [
    { op: 'test', path: at('name'), value: name },
    value === undefined ? { op: 'remove', path: at(member) } : { op: 'add', path: at(member), value },
  ]
}

const namesOf = (store: string, entry: CredentialsEntry): string[] =>
  secretSuffixes(entry.formats).map(suffix => secretNameOf(store, entry) + suffix)

/** Gives the entry whose Secret is somebody else's a name that no other entry has. */
export function otherSecret(store: ArtifactStore, message: string, shell: Shell): Cure[] {
  const [, secret] = /^Secret "[^"/]{0,63}\/([^"]{1,253})"/.exec(message) ?? []
  const entries = store.spec.credentials ?? []
  const { name } = store.metadata
  const index = entries.findIndex(entry => secret !== undefined && namesOf(name, entry).includes(secret))
  const entry = entries[index]
  if (!entry) return []
  const { secretName, ...unnamed } = entry
  if (secretName !== undefined && secretNameOf(name, unnamed) !== secretName)
    return [patchStore(store, change(index, entry, 'secretName'), 'use the usual name of the Secret', shell)]
  const other = `${name}-${entry.name}-credentials`
  const words = `use Secret "${other}", also in the Pods`
  return [patchStore(store, change(index, entry, 'secretName', other), words, shell)]
}

/** Gives entries that lead to the same Secret their usual names. */
export function ownSecrets(store: ArtifactStore, shell: Shell): Cure[] {
  const entries = store.spec.credentials ?? []
  const { name } = store.metadata
  const all = entries.flatMap(entry => namesOf(name, entry))
  const index = entries.findIndex(
    entry => entry.secretName !== undefined && namesOf(name, entry).some(one => isTwice(one, all)),
  )
  const entry = entries[index]
  if (!entry) return []
  return [patchStore(store, change(index, entry, 'secretName'), 'use the usual name of the Secret', shell)]
}

const isTwice = (name: string, all: string[]): boolean => all.indexOf(name) !== all.lastIndexOf(name)

/** Lets credentials live as long as the connector says. */
export function shorter(store: ArtifactStore, message: string, shell: Shell): Cure[] {
  const [, named] = /\bspec\.credentials\[([a-z0-9-]{0,63})\]\.duration\b/.exec(message) ?? []
  const entries = store.spec.credentials ?? []
  const operations = entries.flatMap((entry, index) =>
    entry.duration !== undefined && (named === entry.name || named === '') ? change(index, entry, 'duration') : [],
  )
  if (operations.length === 0) return []
  return [patchStore(store, operations, 'let them live as long as the connector says', shell)]
}
