/** Pure: members of the API that are described but not built yet. Refused, never ignored; README lists the same. */
import type { ArtifactStoreSpec } from './artifact-store.ts'
import { type Failure, stalled } from './failures.ts'

type Member = [field: string, used: (spec: ArtifactStoreSpec) => boolean]

const MEMBERS: Member[] = [
  ['spec.credentials[].namespaces', spec => spec.credentials?.some(entry => entry.namespaces !== undefined) ?? false],
  ['spec.allowedNamespaces', spec => spec.allowedNamespaces !== undefined],
]

/** For README's drift check. */
export const NOT_IMPLEMENTED: readonly string[] = MEMBERS.map(([field]) => field)

export function unimplementedStoreMember(spec: ArtifactStoreSpec): Failure | undefined {
  const used = MEMBERS.filter(([, isUsed]) => isUsed(spec)).map(([field]) => field)
  if (used.length === 0) return undefined
  return stalled('NotImplemented', `${used.join(', ')}: not implemented in this version of the operator: remove it`)
}
